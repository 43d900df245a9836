"""A package as it lies in a zip: names, bytes, the wheels' tags, what it says of itself.

Upstream: a zip, possibly from elsewhere. Downstream: ``ops.deployment.package_checks``.
"""

import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ops.deployment.package import MANIFEST, Manifest
from ops.errors import UserError


@dataclass(frozen=True, slots=True)
class PackageContents:
    """An open package.

    Attributes:
        archive: The zip.
        entries: What it holds, folders left out.
    """

    archive: zipfile.ZipFile
    entries: Sequence[zipfile.ZipInfo]

    @property
    def names(self) -> list[str]:
        """Paths of the files in it."""
        return [entry.filename for entry in self.entries]

    def text(self, name: str) -> str:
        """A file's text.

        Raises:
            KeyError: There is no such file.
            UnicodeDecodeError: It is not UTF-8.
        """
        return self.archive.read(name).decode()

    def manifest(self) -> Manifest | None:
        """What it says of itself, None when it says nothing that can be read."""
        try:
            values = json.loads(self.text(MANIFEST))
            return Manifest(version=str(values["version"]), runtime=str(values["runtime"]))
        except (KeyError, TypeError, ValueError):
            return None

    def modules(self) -> Iterator[str]:
        """Names of its Python files."""
        return (name for name in self.names if name.endswith(".py"))

    def wheel_tags(self) -> Iterator[tuple[str, str]]:
        """Name of each distribution in it, once with each of its wheel's tags."""
        for name in self.names:
            path = PurePosixPath(name)
            if path.name == "WHEEL" and path.parent.name.endswith(".dist-info"):
                distribution = path.parent.name.removesuffix(".dist-info")
                for line in self.text(name).splitlines():
                    if line.startswith("Tag:"):
                        yield distribution, line.removeprefix("Tag:").strip()


def open_package(path: Path) -> PackageContents:
    """Open a package for reading.

    Raises:
        UserError: There is no such file, or it is not a zip.
    """
    if not path.is_file():
        raise UserError(f"no package at {path}: `invoice-stream package` makes one")
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise UserError(f"{path} is not a zip: {error}") from error
    return PackageContents(archive, [e for e in archive.infolist() if not e.is_dir()])
