"""Which files of the lake are to be loaded, and whether they can be.

Upstream: the lake's ``lines/`` and the warehouse's ``load_file``. Downstream:
``warehouse.lines``. New files are found by their names alone: the time of an object is that of
the start of its upload, so a watermark would miss what took longer. Every file's footer is read
before anything else is done with any of them.
"""

import hashlib
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.parquet

from connectors.lake import LINES_SCHEMA, Lake, LakeError, LakePart
from invoices.contract import SCHEMA_VERSION
from warehouse.errors import LakeFileError

READERS = 8
VERSION_COLUMN = "schema_version"


@dataclass(frozen=True, slots=True, order=True)
class LakeFile:
    """A file of ``lines/``.

    Attributes:
        name: Path below the lake: ``lines/arrival_date=2011-08-31/arrival_hour=17/part-0``.
        bytes: Its length.
    """

    name: str
    bytes: int

    @property
    def arrival_date(self) -> date:
        """UTC day its lines arrived, as its folder says.

        Raises:
            LakeFileError: It lies elsewhere.
        """
        for part in self.name.split("/"):
            key, _, value = part.partition("=")
            if key == "arrival_date":
                return date.fromisoformat(value)
        raise LakeFileError(f"{self.name} lies in no folder arrival_date=YYYY-MM-DD")


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file whose footer was read.

    Attributes:
        file: The file.
        rows: Lines it holds.
    """

    file: LakeFile
    rows: int


def list_lines(lake: Lake) -> list[LakeFile]:
    """All finished files of ``lines/``, by name.

    Raises:
        LakeError: The lake cannot be reached.
    """
    try:
        found = lake.files(LakePart.LINES)
    except OSError as error:
        raise LakeError(f"cannot list {lake.root}/{LakePart.LINES.value}: {error}") from error
    start = len(lake.root) + 1
    return sorted(LakeFile(info.path[start:], info.size) for info in found)


def not_loaded(files: Iterable[LakeFile], loaded: Collection[str]) -> list[LakeFile]:
    """Those whose names are not among the loaded ones."""
    return [file for file in files if file.name not in loaded]


def batch_id(files: Iterable[LakeFile], salt: str = "") -> str:
    """Hash of the names: the same work has the same name, whoever does it.

    Args:
        files: The files, in any order.
        salt: Sets apart work that is to be done again on purpose.
    """
    text = "\n".join([salt, *sorted(file.name for file in files)])
    return hashlib.sha256(text.encode()).hexdigest()


def check_files(lake: Lake, files: list[LakeFile]) -> list[CheckedFile]:
    """Read every footer.

    Raises:
        LakeFileError: One is cut short, or its columns are not the contract's; it is named.
    """
    with ThreadPoolExecutor(READERS) as pool:
        return list(pool.map(lambda file: _check(lake, file), files))


def _check(lake: Lake, file: LakeFile) -> CheckedFile:
    try:
        with lake.filesystem.open_input_file(f"{lake.root}/{file.name}") as source:
            parquet = pyarrow.parquet.ParquetFile(source)
            _refuse_schema(file, parquet.schema_arrow)
            _refuse_version(file, parquet)
            return CheckedFile(file, parquet.metadata.num_rows)
    except (OSError, pa.ArrowException) as error:
        raise LakeFileError(f"{file.name} is not a whole Parquet file: {_brief(error)}") from error


def _refuse_schema(file: LakeFile, schema: pa.Schema) -> None:
    missing = [name for name in LINES_SCHEMA.names if name not in schema.names]
    if missing:
        raise LakeFileError(f"{file.name} has no column {', '.join(missing)}")
    unknown = [name for name in schema.names if name not in LINES_SCHEMA.names]
    if unknown:
        raise LakeFileError(
            f"{file.name} has columns this release does not know ({', '.join(unknown)}):"
            " it was written under a newer contract, install the release that wrote it"
        )
    for field in LINES_SCHEMA:
        found = schema.field(field.name).type
        if found != field.type:
            raise LakeFileError(f"{file.name}: column {field.name} is {found}, not {field.type}")


def _refuse_version(file: LakeFile, parquet: pyarrow.parquet.ParquetFile) -> None:
    """By the footer's statistics, so that no row is read; a file without them is read."""
    highest = max(
        (_highest_version(parquet, group) for group in range(parquet.num_row_groups)), default=0
    )
    if highest > SCHEMA_VERSION:
        raise LakeFileError(
            f"{file.name} holds lines of contract version {highest}, this release knows"
            f" {SCHEMA_VERSION}: install the release that wrote it"
        )


def _highest_version(parquet: pyarrow.parquet.ParquetFile, group: int) -> int:
    position = parquet.schema_arrow.names.index(VERSION_COLUMN)
    statistics = parquet.metadata.row_group(group).column(position).statistics
    if statistics is not None and statistics.has_min_max:
        return int(statistics.max)
    values = parquet.read_row_group(group, columns=[VERSION_COLUMN])[VERSION_COLUMN]
    return max((value for value in values.to_pylist() if value is not None), default=0)


def _brief(error: BaseException) -> str:
    return str(error).strip().split("\n", 1)[0]
