"""A Python that has what Managed Flink's runtime brings, and nothing else of this machine.

A virtual environment whose packages are links to ``apache-flink`` and all it needs, as
installed here. The entry script is imported with it when a package is verified, and runs on
it at the rehearsal: an import that only works because of what a laptop has fails there.

Downstream: ``ops.deployment.package_checks``, ``ops.deployment.rehearsal``.
"""

import importlib.metadata
import re
import subprocess
import sys
import tempfile
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

from ops.deployment.managed_flink import DEPENDENCIES, ENTRY_SCRIPT
from ops.deployment.runtime import Runtime
from ops.errors import UserError

FLINK = "apache-flink"
IMPORT_SECONDS = 120.0

_PROBE = "import runpy, sys; sys.path[:0] = sys.argv[2:]; runpy.run_path(sys.argv[1])"


def import_problem(package: Path, runtime: Runtime) -> str | None:
    """Why the entry script of a package cannot be imported, or None.

    Raises:
        UserError: This environment is not the runtime's.
    """
    with tempfile.TemporaryDirectory(prefix="invoice-stream-verify-") as name:
        folder = Path(name)
        python = make_runtime_python(runtime, folder / "python")
        with zipfile.ZipFile(package) as archive:
            archive.extractall(folder / "content")
        return _probe(python, folder / "content")


def _probe(python: Path, content: Path) -> str | None:
    paths = [str(content), str(content / DEPENDENCIES)]
    try:
        done = subprocess.run(
            [str(python), "-I", "-B", "-c", _PROBE, str(content / ENTRY_SCRIPT), *paths],
            cwd=content,
            env={},
            capture_output=True,
            text=True,
            timeout=IMPORT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it does not end within {IMPORT_SECONDS:.0f} s"
    if done.returncode == 0:
        return None
    return (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]


def make_runtime_python(runtime: Runtime, folder: Path) -> Path:
    """Make the environment.

    Args:
        runtime: Whose.
        folder: Where; must not exist yet.

    Returns:
        Path of its interpreter.

    Raises:
        UserError: The environment this runs in has another Python or another Flink.
    """
    _refuse_other_environment(runtime)
    venv.create(folder, with_pip=False, symlinks=True)
    packages = next((folder / "lib").glob("python*/site-packages"))
    for distribution in _needed_distributions():
        for entry in _top_level(distribution):
            _link(Path(str(distribution.locate_file(entry))), packages / entry)
    return folder / "bin/python"


def _refuse_other_environment(runtime: Runtime) -> None:
    here = sys.version_info[:2]
    try:
        flink = importlib.metadata.version(FLINK)
    except importlib.metadata.PackageNotFoundError:
        flink = "none"
    if here != runtime.python or not flink.startswith(f"{runtime.flink}."):
        raise UserError(
            f"{runtime.name} has Python {runtime.python_text} and Flink {runtime.flink}; this"
            f" environment has Python {here[0]}.{here[1]} and Flink {flink}: run it in one of"
            f" the runtime's"
        )


def _needed_distributions() -> Iterator[importlib.metadata.Distribution]:
    """``apache-flink`` and what it requires, directly or not, as installed here."""
    waiting, seen = [FLINK], set[str]()
    while waiting:
        name = _normal(waiting.pop())
        if name in seen:
            continue
        seen.add(name)
        distribution = importlib.metadata.distribution(name)
        yield distribution
        requirements = map(Requirement, distribution.requires or [])
        waiting += [r.name for r in requirements if not r.marker or r.marker.evaluate()]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _top_level(distribution: importlib.metadata.Distribution) -> set[str]:
    """Files and folders of a distribution that lie directly in ``site-packages``."""
    files = distribution.files or []
    return {file.parts[0] for file in files if file.parts[0] not in {"..", "__pycache__"}}


def _link(source: Path, target: Path) -> None:
    """Several distributions may share a namespace package's folder, which is linked once."""
    if not target.exists():
        target.symlink_to(source)
