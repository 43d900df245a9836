"""Reading the lake: Parquet on S3, or in a folder, as Arrow tables.

Upstream: the Flink job's file sinks. Downstream: ``ops.reconciliation``, the
warehouse. The schemas are made from the data contract; a file that does not
keep them is an error, never a guess. Lines are merged by identity, so that
copies which a restart without state may leave behind are harmless.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow_hotfix  # noqa: F401 - importing it is what closes the hole
from pyarrow import fs
from pyarrow.parquet import ParquetFile

from connectors.settings import LakeAddress
from invoices.contract import (
    EXTRAS_COLUMN,
    IDENTITY_COLUMNS,
    LINE_FIELDS,
    PRICE_PRECISION,
    PRICE_SCALE,
    TOTAL_PRECISION,
    TOTAL_SCALE,
    Field,
    FieldType,
)

TIMESTAMP = pa.timestamp("us")
ARROW_TYPES = {
    FieldType.STRING: pa.string(),
    FieldType.INT: pa.int32(),
    FieldType.BIGINT: pa.int64(),
    FieldType.DECIMAL: pa.decimal128(PRICE_PRECISION, PRICE_SCALE),
    FieldType.TIMESTAMP: TIMESTAMP,
}

ARRIVAL_COLUMN = "arrival_time"
SEQUENCE_COLUMN = "sequence_number"
ORIGIN_FIELDS = (
    pa.field(ARRIVAL_COLUMN, TIMESTAMP),
    pa.field("shard_id", pa.string()),
    pa.field(SEQUENCE_COLUMN, pa.string()),
)
"""When and where on the stream a line arrived; UTC."""


FILES_AT_A_TIME = 8
"""Files read at once: a file of a lake is small, asking for it takes longer than reading it."""


class LakeError(Exception):
    """The lake cannot be read; the message is one line."""


def _arrow_field(field: Field) -> pa.Field:
    return pa.field(field.column, ARROW_TYPES[field.type])


CONTENT_FIELDS = (*map(_arrow_field, LINE_FIELDS), pa.field(EXTRAS_COLUMN, pa.string()))
"""What a line says; two lines with one identity are the same when all of these are equal."""

NESTED_FIELDS = tuple(
    field for field in CONTENT_FIELDS if field.name not in {"schema_version", "invoice_no"}
)
"""A line within its invoice."""

LINES_SCHEMA = pa.schema([*CONTENT_FIELDS, *ORIGIN_FIELDS])

INVOICES_SCHEMA = pa.schema(
    [
        pa.field("invoice_no", pa.string()),
        pa.field("revision", pa.int64()),
        pa.field("previous_revision", pa.int64()),
        pa.field("kind", pa.string()),
        pa.field("invoice_date", TIMESTAMP),
        pa.field("customer_id", pa.string()),
        pa.field("country", pa.string()),
        pa.field("units", pa.int64()),
        pa.field("total", pa.decimal128(TOTAL_PRECISION, TOTAL_SCALE)),
        pa.field(ARRIVAL_COLUMN, TIMESTAMP),
        pa.field("lines", pa.list_(pa.struct(NESTED_FIELDS))),
    ]
)

REJECTED_SCHEMA = pa.schema(
    [
        pa.field("reason", pa.string()),
        pa.field("detail", pa.string()),
        pa.field("payload", pa.string()),
        pa.field("element", pa.int32()),
        pa.field("invoice_no", pa.string()),
        pa.field("line_no", pa.int64()),
        *ORIGIN_FIELDS,
    ]
)


class LakePart(Enum):
    """A folder of the lake."""

    LINES = "lines"
    INVOICES = "invoices"
    REJECTED = "rejected"

    @property
    def schema(self) -> pa.Schema:
        """Columns of its files, partition columns left out."""
        return _SCHEMAS[self]


_SCHEMAS = {
    LakePart.LINES: LINES_SCHEMA,
    LakePart.INVOICES: INVOICES_SCHEMA,
    LakePart.REJECTED: REJECTED_SCHEMA,
}


@dataclass(frozen=True, slots=True)
class Lake:
    """A lake that can be read.

    Attributes:
        filesystem: Arrow's file system.
        root: Path of the lake on it: a folder, or bucket and prefix.
    """

    filesystem: fs.FileSystem
    root: str

    def read(self, part: LakePart) -> pa.Table:
        """All rows of a part, in no order; none when nothing was written yet.

        Raises:
            LakeError: It cannot be reached, or a file does not keep the schema.
        """
        try:
            return self._read(part)
        except (OSError, pa.ArrowException) as error:
            raise LakeError(
                f"cannot read {self.root}/{part.value}: {_first_line(error)}"
            ) from error

    def _read(self, part: LakePart) -> pa.Table:
        paths = [info.path for info in self.files(part)]
        with ThreadPoolExecutor(FILES_AT_A_TIME, thread_name_prefix="lake") as pool:
            tables = list(pool.map(partial(self._read_file, part), paths))
        return pa.concat_tables([part.schema.empty_table(), *tables]).combine_chunks()

    def _read_file(self, part: LakePart, path: str) -> pa.Table:
        """One file, which must keep the schema; not through a data set, for that loads pandas."""
        with self.filesystem.open_input_file(path) as file:
            parquet = ParquetFile(file)
            wrong = _wrong_fields(part.schema, parquet.schema_arrow)
            if wrong:
                raise LakeError(f"{path} does not keep the contract: {wrong}")
            columns = part.schema.names
            return parquet.read(columns).select(columns).cast(part.schema)

    def files(self, part: LakePart) -> list[fs.FileInfo]:
        """The finished files of a part by path: those a running sink hides are left out."""
        selector = fs.FileSelector(
            f"{self.root}/{part.value}", allow_not_found=True, recursive=True
        )
        found = [
            info
            for info in self.filesystem.get_file_info(selector)
            if info.type == fs.FileType.File and info.base_name[0] not in "._"
        ]
        return sorted(found, key=lambda info: str(info.path))


def _wrong_fields(wanted: pa.Schema, found: pa.Schema) -> str:
    return "; ".join(
        f"{field.name} is {found.field(field.name).type}, not {field.type}"
        if field.name in found.names
        else f"no column {field.name}"
        for field in wanted
        if field.name not in found.names or not _same_type(field.type, found.field(field.name).type)
    )


def _same_type(wanted: pa.DataType, found: pa.DataType) -> bool:
    """Equal but for the names writers give to list elements, and for what may be null."""
    if pa.types.is_list(wanted) and pa.types.is_list(found):
        return _same_type(wanted.value_type, found.value_type)
    if pa.types.is_struct(wanted) and pa.types.is_struct(found):
        return [field.name for field in wanted] == [field.name for field in found] and all(
            _same_type(one.type, other.type) for one, other in zip(wanted, found, strict=True)
        )
    return bool(wanted == found)


def open_lake(settings: LakeAddress) -> Lake:
    """The lake these settings name.

    Raises:
        LakeError: Its URI is of a kind not known.
    """
    parts = urlsplit(settings.lake)
    match parts.scheme:
        case "s3" | "s3a":
            return Lake(_s3(settings), parts.netloc + parts.path.rstrip("/"))
        case "file" | "":
            return Lake(fs.LocalFileSystem(), str(Path(parts.path)))
        case scheme:
            raise LakeError(f"the lake {settings.lake!r} is neither on S3 nor a folder: {scheme}")


def _s3(settings: LakeAddress) -> fs.S3FileSystem:
    endpoint = urlsplit(settings.endpoint_url) if settings.endpoint_url else None
    return fs.S3FileSystem(
        access_key=settings.access_key_id,
        secret_key=settings.secret_access_key,
        region=settings.region,
        endpoint_override=endpoint.netloc if endpoint else None,
        scheme=endpoint.scheme if endpoint else "https",
        connect_timeout=5,
        request_timeout=60,
    )


@dataclass(frozen=True, slots=True)
class Merged:
    """Lines with each identity once.

    Attributes:
        lines: In order of identity.
        copies: How many rows were left out as copies of a line that stands.
    """

    lines: pa.Table
    copies: int


def merge_copies(lines: pa.Table) -> Merged:
    """Of lines with one identity the earliest arrival, then the lowest sequence number, stands."""
    order = [(name, "ascending") for name in (*IDENTITY_COLUMNS, ARRIVAL_COLUMN, SEQUENCE_COLUMN)]
    ordered = lines.take(pc.sort_indices(lines, sort_keys=order)).combine_chunks()
    standing = ordered.filter(starts_of_runs(ordered, IDENTITY_COLUMNS)).combine_chunks()
    return Merged(standing, lines.num_rows - standing.num_rows)


def starts_of_runs(ordered: pa.Table, columns: tuple[str, ...]) -> pa.BooleanArray:
    """Which rows of an ordered table differ from the row before in any of these columns."""
    starts = np.zeros(ordered.num_rows, dtype=bool)
    starts[:1] = True
    for name in columns:
        column = ordered[name]
        differs = pc.not_equal(column.slice(1), column.slice(0, max(len(column) - 1, 0)))
        starts[1:] |= pc.fill_null(differs, True).to_numpy()  # noqa: FBT003
    return pa.array(starts)


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n", 1)[0]
