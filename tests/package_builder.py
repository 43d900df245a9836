"""A package that is right, as small as can be; a test spoils one thing of it."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

JAVA_11 = 55
WHEEL = "Wheel-Version: 1.0\nTag: {tag}\n"


def jar(java: int = JAVA_11, more: Mapping[str, bytes] | None = None) -> bytes:
    """A jar with an operator's class of this version, a table connector, and these files."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("META-INF/services/org.apache.flink.table.factories.Factory", "x.Factory")
        code = b"\xca\xfe\xba\xbe\x00\x00" + java.to_bytes(2, "big")
        archive.writestr("io/invoicestream/flink/LineDecoder.class", code)
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return held.getvalue()


@dataclass
class PackageBuilder:
    """Files of a package by their paths; change them, then write it."""

    files: dict[str, bytes] = field(
        default_factory=lambda: {
            "main.py": b"import flink_job.main\n",
            "lib/invoice-stream-flink.jar": jar(),
            "dep/flink_job/__init__.py": b"",
            "dep/flink_job/main.py": b"import pyflink, orjson_stub\n",
            "dep/orjson_stub/__init__.py": b"",
            "dep/orjson_stub-3.0.dist-info/WHEEL": WHEEL.format(
                tag="cp311-cp311-manylinux_2_17_x86_64"
            ).encode(),
            "package.json": manifest(),
        }
    )

    def with_files(self, files: Mapping[str, bytes | str]) -> "PackageBuilder":
        """The same with these files added or replaced."""
        added = {n: t.encode() if isinstance(t, str) else t for n, t in files.items()}
        return PackageBuilder(self.files | added)

    def without(self, *names: str) -> "PackageBuilder":
        """The same without these files."""
        return PackageBuilder({n: t for n, t in self.files.items() if n not in names})

    def write(self, path: Path) -> Path:
        """Write the zip."""
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in self.files.items():
                archive.writestr(name, content)
        return path


def manifest(runtime: str = "FLINK-1_20") -> bytes:
    """What a package says of itself."""
    return json.dumps({"version": "1.0", "runtime": runtime}).encode()
