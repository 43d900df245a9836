"""Staged files: what COPY reads, in a folder of one attempt's own.

Upstream: ``warehouse.lines`` and ``warehouse.load``. Downstream: the warehouse's COPY. Two
attempts at one batch never share a folder, so neither can see half of the other's files. A
folder is removed after its load; one that a crash left behind is for the bucket's lifecycle
rule, as nothing tells whether its owner is dead.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet
from pyarrow import fs

from connectors.lake import open_lake
from connectors.manifest import StagedFile, manifest_text
from connectors.settings import LakeAddress
from connectors.warehouse_port import CopyParquet


class StagingAddress(LakeAddress, Protocol):
    """Where staged files go."""

    @property
    def staging(self) -> str | None:
        """URI of their folder; None for one in the lake."""


@dataclass(frozen=True, slots=True)
class Staging:
    """A folder for the files of one attempt.

    Attributes:
        filesystem: Arrow's file system.
        scheme: ``s3`` or ``file``.
        root: Path of the folder on the file system.
    """

    filesystem: fs.FileSystem
    scheme: str
    root: str

    def uri(self, name: str) -> str:
        """URI of a file or folder in it."""
        return f"{self.scheme}://{self.root}/{name}"

    def write(self, table: str, rows: pa.Table) -> CopyParquet:
        """Stage rows that stand in memory.

        Args:
            table: Table they are for.
            rows: Columns in that table's order.
        """
        path = f"{self.root}/{table}/part-0.parquet"
        self.filesystem.create_dir(f"{self.root}/{table}")
        pyarrow.parquet.write_table(
            rows, path, filesystem=self.filesystem, use_deprecated_int96_timestamps=True
        )
        return self.copy(table)

    def copy(self, table: str) -> CopyParquet:
        """Write the manifest of what was staged for a table.

        Returns:
            The statement that loads it.
        """
        entries = [
            StagedFile(f"{self.scheme}://{info.path}", info.size) for info in self._files(table)
        ]
        name = f"{table}.manifest"
        with self.filesystem.open_output_stream(f"{self.root}/{name}") as sink:
            sink.write(manifest_text(entries).encode())
        return CopyParquet(table, self.uri(name))

    def rows(self, table: str) -> int:
        """How many rows the footers of a table's staged files tell of."""
        return sum(self._rows(info.path) for info in self._files(table))

    def remove(self) -> None:
        """Remove the folder."""
        self.filesystem.delete_dir(self.root)

    def _rows(self, path: str) -> int:
        with self.filesystem.open_input_file(path) as source:
            return int(pyarrow.parquet.ParquetFile(source).metadata.num_rows)

    def _files(self, table: str) -> list[fs.FileInfo]:
        found = self.filesystem.get_file_info(
            fs.FileSelector(f"{self.root}/{table}", allow_not_found=True)
        )
        return sorted(
            (info for info in found if info.base_name.endswith(".parquet")),
            key=lambda info: str(info.path),
        )


def staging_of(parameters: StagingAddress) -> Callable[[str, str], Staging]:
    """Gives the staging folder of an attempt, by batch and run."""
    filesystem = open_lake(parameters).filesystem
    base = urlsplit(absolute(parameters.staging or f"{parameters.lake}/staging"))

    def folder(batch_id: str, run_id: str) -> Staging:
        path = f"{base.netloc}{base.path}/{batch_id}/{run_id}"
        return Staging(filesystem, base.scheme, path)

    return folder


def absolute(uri: str) -> str:
    """A URI that Spark understands: a bare path is one of this machine's."""
    if urlsplit(uri).scheme:
        return uri
    return f"file://{Path(uri).resolve()}"
