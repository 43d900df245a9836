"""The package for Managed Flink: one zip, of the same bytes every time.

Upstream: the source tree, ``connectors/target``, ``requirements/flink-app.txt``. Downstream:
``ops.deployment.package_checks``, the artifact bucket, Managed Flink.

    main.py                        entry script
    lib/invoice-stream-flink.jar   the one uber jar
    dep/                           this project's modules and its dependencies, unpacked
    package.json                   what it was made for
"""

import json
import shutil
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ops.deployment.import_closure import reached_modules
from ops.deployment.managed_flink import DEPENDENCIES, ENTRY_SCRIPT, JAR
from ops.deployment.runtime import PROJECT, REQUIREMENTS, Runtime
from ops.deployment.wheels import unpack_wheels
from ops.errors import UserError

JOB_MODULE = "flink_job.main"
MANIFEST = "package.json"
DIST = PROJECT / "dist"

ENTRY_TEXT = f'''\
"""Entry script on Managed Flink: submits the job and returns."""

from {JOB_MODULE} import main

if __name__ == "__main__":
    main()
'''

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip can hold; a file's own would differ from clone to clone."""

FILE_MODE = 0o100644 << 16
STORED = frozenset({".jar", ".gz", ".zip"})
"""Compressed already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a package says of itself.

    Attributes:
        version: The project's version.
        runtime: Name of the runtime it was made for.
    """

    version: str
    runtime: str

    def to_json(self) -> str:
        """The file ``package.json``."""
        return json.dumps(asdict(self), indent=2) + "\n"


def project_version() -> str:
    """The version ``pyproject.toml`` states."""
    with (PROJECT / "pyproject.toml").open("rb") as file:
        version: str = tomllib.load(file)["project"]["version"]
    return version


def build_package(runtime: Runtime, target: Path | None = None) -> Path:
    """Make the package.

    Args:
        runtime: Whom for.
        target: Where to; by default ``dist/``, named by version and runtime.

    Returns:
        Path of the zip. It is complete or not there.

    Raises:
        UserError: The jar is not built, or a dependency cannot be had.
    """
    if not runtime.jar.is_file():
        raise UserError(f"no jar at {runtime.jar}: run `{runtime.make_jar}`")
    target = target or default_target(runtime)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    with tempfile.TemporaryDirectory(prefix="invoice-stream-package-") as folder:
        lay_out(runtime, Path(folder, "content"))
        write_zip(Path(folder, "content"), partial)
    partial.replace(target)
    return target


def default_target(runtime: Runtime) -> Path:
    """``dist/invoice-stream-0.1.0-FLINK-1_20.zip``."""
    return DIST / f"invoice-stream-{project_version()}-{runtime.name}.zip"


def lay_out(runtime: Runtime, folder: Path) -> None:
    """Put everything the zip holds into ``folder``, which must not exist yet."""
    dependencies = folder / DEPENDENCIES
    folder.mkdir(parents=True)
    unpack_wheels(REQUIREMENTS, runtime.python_text, dependencies)
    copy_modules(JOB_MODULE, dependencies)
    (folder / ENTRY_SCRIPT).write_text(ENTRY_TEXT, encoding="utf-8")
    (folder / JAR).parent.mkdir(parents=True)
    shutil.copyfile(runtime.jar, folder / JAR)
    manifest = Manifest(version=project_version(), runtime=runtime.name)
    (folder / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")


def copy_modules(entry: str, folder: Path) -> None:
    """Copy the project's modules that ``entry`` reaches, itself included, into a folder."""
    for path in reached_modules(entry, PROJECT).values():
        copied = folder / path.relative_to(PROJECT)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copied)


def write_zip(folder: Path, target: Path) -> None:
    """Zip a folder: names sorted, no times, no owners, no rights of this machine."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in _files(folder):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            entry.external_attr = FILE_MODE
            entry.create_system = 3
            entry.compress_type = (
                zipfile.ZIP_STORED if path.suffix in STORED else zipfile.ZIP_DEFLATED
            )
            with path.open("rb") as source, archive.open(entry, "w") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())
