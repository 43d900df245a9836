"""The zip Lambda runs: our modules that the functions need, and what they depend on.

The same sources give the same bytes: the dependencies are pinned by hash, entries are
sorted and have one date, and nothing an installer notes down about itself is kept.
Modules are compiled beforehand, since a function's folder cannot be written to and every
cold start would compile them again.

Upstream: ``requirements/lambda.txt``, the modules the handlers import. Downstream: the
local services (``api.gateway``), the deployment.
"""

import ast
import importlib.util
import io
import marshal
import platform
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from api.setup_errors import SetupError

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements/lambda.txt"
BUILD = ROOT / "build/lambda"

RUNTIME: Final = "python3.11"
INGESTION_HANDLER = "api.ingestion_lambda.handler"
HISTORY_HANDLER = "api.history_lambda.handler"
CLAIMS_HANDLER = "api.token_claims.handler"

OWN_PACKAGES = frozenset({"api", "connectors", "invoices"})

NOT_NEEDED = (
    "*.dist-info/[DIRW]*",  # what installers note: DELVEWHEEL, INSTALLER, RECORD, REQUESTED, WHEEL
    "*.dist-info/entry_points.txt",
    "*.pyi",
    "*/py.typed",
    "*/swagger_ui/*.css",
    "*/swagger_ui/*.js",
    "bin/*",
    "cffi/*",  # cryptography needs its compiled half alone
    "pycparser*",
    "wrapt-stubs/*",
)
"""Left out, of what the dependencies bring."""

_TASK_ROOT = "/var/task"
_DATE = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o100644 << 16
_UNIX = 3
_MARSHAL_VERSION = 2
"""Without references between objects, which differ from one process to the next."""
_UNCHECKED_HASH = 0b01


class Architecture(Enum):
    """Processor of the function, by Lambda's name for it."""

    X86_64 = "x86_64"
    ARM64 = "arm64"

    @property
    def wheels(self) -> str:
        """Its name among wheels."""
        return "aarch64" if self is Architecture.ARM64 else self.value


def host_architecture() -> Architecture:
    """Of this machine, which the local functions run on."""
    is_arm = platform.machine().lower() in {"aarch64", "arm64"}
    return Architecture.ARM64 if is_arm else Architecture.X86_64


def package(architecture: Architecture, build: Path = BUILD) -> Path:
    """The zip's path; built when the sources are not those it was built from.

    Args:
        architecture: Processor it is for.
        build: Folder for it and its dependencies.

    Raises:
        SetupError: The dependencies cannot be installed.
    """
    dependencies = install_dependencies(architecture, build)
    own = own_modules((INGESTION_HANDLER, HISTORY_HANDLER, CLAIMS_HANDLER))
    digest = _digest(path.read_bytes() for path in (Path(__file__), REQUIREMENTS, *own.values()))
    path = build / f"invoice-api-{architecture.value}-{digest}.zip"
    if not path.exists():
        half = path.with_suffix(".half")
        half.write_bytes(zip_bytes(own | dependency_files(dependencies)))
        half.replace(path)
    return path


def install_dependencies(architecture: Architecture, build: Path) -> Path:
    """Folder with what the functions depend on, as pinned, for this processor.

    Raises:
        SetupError: It cannot be installed.
    """
    folder = build / f"dependencies-{architecture.value}-{_digest([REQUIREMENTS.read_bytes()])}"
    if folder.exists():
        return folder
    build.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=build) as scratch:
        half = Path(scratch) / "half"
        done = subprocess.run(
            _install_command(architecture, half), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            problem = next(iter(done.stderr.strip().splitlines()[-1:]), "no reason given")
            raise SetupError(f"the functions' dependencies cannot be installed: {problem}")
        half.replace(folder)
    return folder


def own_modules(handlers: Iterable[str]) -> dict[str, Path]:
    """Our modules that these handlers import, directly or not, by their name in the zip."""
    found: dict[str, Path] = {}
    waiting = [handler.rpartition(".")[0] for handler in handlers]
    while waiting:
        name = waiting.pop()
        path = _source_of(name)
        if path is None or str(path.relative_to(ROOT)) in found:
            continue
        found[str(path.relative_to(ROOT))] = path
        waiting += [name.rpartition(".")[0], *_imports(path)]
    return found


def dependency_files(folder: Path) -> dict[str, Path]:
    """Files of the dependencies that are needed, by their name in the zip."""
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    return {
        name: path
        for name, path in files.items()
        if not any(fnmatch(name, pattern) for pattern in NOT_NEEDED)
    }


def zip_bytes(files: Mapping[str, Path]) -> bytes:
    """A zip of these files, and of the modules among them compiled."""
    entries = dict(_with_compiled(files))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(entries):
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = _FILE_MODE
            info.create_system = _UNIX
            archive.writestr(info, entries[name])
    return buffer.getvalue()


def _install_command(architecture: Architecture, folder: Path) -> list[str]:
    """Lambda's Python 3.11 is an Amazon Linux 2: manylinux2014's C library and no newer."""
    platforms = [f"{tag}_{architecture.wheels}" for tag in ("manylinux2014", "manylinux_2_17")]
    return [
        *(sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"),
        *("--target", str(folder), "--requirement", str(REQUIREMENTS)),
        *("--require-hashes", "--no-deps", "--no-compile", "--only-binary", ":all:"),
        *("--python-version", "3.11", "--implementation", "cp"),
        *("--abi", "cp311", "--abi", "abi3", "--abi", "none"),
        *(option for tag in platforms for option in ("--platform", tag)),
    ]


def _source_of(name: str) -> Path | None:
    """Where a module of ours is; None for another's, or for a name within a module."""
    if name.partition(".")[0] not in OWN_PACKAGES:
        return None
    path = ROOT.joinpath(*name.split("."))
    module, package_init = path.with_suffix(".py"), path / "__init__.py"
    if module.is_file():
        return module
    return package_init if package_init.is_file() else None


def _imports(path: Path) -> Iterator[str]:
    """Modules a module may mean: what it imports, and what it imports from there."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _with_compiled(files: Mapping[str, Path]) -> Iterator[tuple[str, bytes]]:
    for name, path in files.items():
        content = path.read_bytes()
        yield name, content
        if name.endswith(".py"):
            yield importlib.util.cache_from_source(name), _compiled(name, content)


def _compiled(name: str, source: bytes) -> bytes:
    """A module's bytecode, to be used without looking at its source (PEP 552)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code = compile(source, f"{_TASK_ROOT}/{name}", "exec", dont_inherit=True)
    flags = _UNCHECKED_HASH.to_bytes(4, "little")
    header = importlib.util.MAGIC_NUMBER + flags + importlib.util.source_hash(source)
    return header + marshal.dumps(code, _MARSHAL_VERSION)


def _digest(contents: Iterable[bytes]) -> str:
    digest = sha256()
    for content in contents:
        digest.update(sha256(content).digest())
    return digest.hexdigest()[:16]
