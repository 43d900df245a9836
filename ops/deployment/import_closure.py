"""Which of the project's modules a module reaches: the package holds these and no other.

Upstream: the source tree. Downstream: ``ops.deployment.package``.
"""

import ast
from collections.abc import Iterator
from pathlib import Path


def reached_modules(entry: str, root: Path) -> dict[str, Path]:
    """The project's modules that ``entry`` imports, itself and their packages included.

    Args:
        entry: Dotted name of a module.
        root: Folder of the project's packages.

    Returns:
        Path of each module by its dotted name. An import within a function, or for types
        alone, counts too.

    Raises:
        FileNotFoundError: There is no such module.
    """
    if _source(entry, root) is None:
        raise FileNotFoundError(f"no module {entry} in {root}")
    found: dict[str, Path] = {}
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        path = _source(name, root)
        if path is not None and name not in found:
            found[name] = path
            waiting += _packages_of(name)
            waiting += _imported(path)
    return found


def _source(name: str, root: Path) -> Path | None:
    base = root.joinpath(*name.split("."))
    candidates = (base.with_suffix(".py"), base / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)


def _packages_of(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
