"""What Flink's tables are: the source's DDL, and the contract in the form the JVM reads.

Upstream: ``invoices.contract``, the job's configuration. Downstream:
``flink_job.job``. What differs between Flink 1.20's Kinesis connector and the
one of Flink 2 is here and nowhere else.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from invoices.contract import (
    KIND_BY_LETTER,
    LINE_FIELDS,
    MAX_RECORD_LINES,
    PRICE_PRECISION,
    PRICE_SCALE,
    TOTAL_PRECISION,
    Field,
    InvoiceKind,
)
from invoices.record import MAX_NESTING, MAX_NUMBER_CHARS

RECORDS_TABLE = "records"

POLL_INTERVAL_MS = 250
"""Four reads a second and shard; Kinesis allows five, one is left for whoever looks."""

POLL_MAX_RECORDS = 10_000
"""The most one read may ask for."""


class InitialPosition(Enum):
    """Where reading starts when there is no state to go on from."""

    TRIM_HORIZON = "TRIM_HORIZON"
    LATEST = "LATEST"
    AT_TIMESTAMP = "AT_TIMESTAMP"


class KinesisDialect(Enum):
    """Whose options the Kinesis source's DDL has."""

    FLINK_1 = "flink-connector-kinesis 4"
    FLINK_2 = "flink-connector-aws-kinesis-streams 6"


@dataclass(frozen=True, slots=True, kw_only=True)
class KinesisSource:
    """A Kinesis stream.

    Attributes:
        stream_arn: ARN of the stream.
        region: AWS region.
        endpoint_url: Address of a stand-in, or None for AWS's own.
        initial_position: Where to start without state.
        initial_timestamp: For ``AT_TIMESTAMP``: ISO 8601 with zone, or seconds since the epoch.
    """

    stream_arn: str
    region: str
    endpoint_url: str | None = None
    initial_position: InitialPosition = InitialPosition.TRIM_HORIZON
    initial_timestamp: str | None = None

    @property
    def stream(self) -> str:
        """Name of the stream, the last part of its ARN."""
        return self.stream_arn.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file or folder of JSON lines, read once from beginning to end.

    Attributes:
        path: Path or URI; one record a line.
    """

    path: str


Source = KinesisSource | FileSource


def source_ddl(source: Source, dialect: KinesisDialect = KinesisDialect.FLINK_1) -> str:
    """The statement that makes the table ``records`` of raw payloads and where they came from."""
    match source:
        case FileSource():
            columns, options = _FILE_COLUMNS, _file_options(source)
        case KinesisSource() if dialect is KinesisDialect.FLINK_1:
            columns, options = _FLINK_1_COLUMNS, _flink_1_options(source)
        case KinesisSource():
            columns, options = _FLINK_2_COLUMNS, _flink_2_options(source)
    properties = ",\n  ".join(
        f"{_literal(key)} = {_literal(value)}" for key, value in options.items()
    )
    return f"CREATE TEMPORARY TABLE {RECORDS_TABLE} (\n  {columns}\n) WITH (\n  {properties}\n)"


def records_query(source: Source, dialect: KinesisDialect = KinesisDialect.FLINK_1) -> str:
    """The query every source answers alike: payload, arrival time, shard, sequence number."""
    if isinstance(source, KinesisSource) and dialect is KinesisDialect.FLINK_1:
        return f"SELECT payload, arrival_time, shard_id, sequence_number FROM {RECORDS_TABLE}"  # noqa: S608 - a constant
    return (
        "SELECT payload, CAST(NULL AS TIMESTAMP_LTZ(3)), CAST(NULL AS STRING), CAST(NULL AS STRING)"  # noqa: S608 - a constant
        f" FROM {RECORDS_TABLE}"
    )


_FILE_COLUMNS = "payload BYTES"
_FLINK_1_COLUMNS = """payload BYTES,
  arrival_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL,
  shard_id STRING METADATA FROM 'shard-id' VIRTUAL,
  sequence_number STRING METADATA FROM 'sequence-number' VIRTUAL"""
"""Nullable, though they never are: a NOT NULL would add an operator that checks every record."""

_FLINK_2_COLUMNS = _FILE_COLUMNS
"""The connector of Flink 2 has no metadata columns."""


def _file_options(source: FileSource) -> dict[str, str]:
    return {"connector": "filesystem", "path": source.path, "format": "raw"}


def _flink_1_options(source: KinesisSource) -> dict[str, str]:
    options = {
        "connector": "kinesis",
        "stream": source.stream,
        "aws.region": source.region,
        "scan.stream.initpos": source.initial_position.value,
        "scan.shard.getrecords.intervalmillis": str(POLL_INTERVAL_MS),
        "scan.shard.getrecords.maxrecordcount": str(POLL_MAX_RECORDS),
        "format": "raw",
    }
    return options | _optional(
        {
            "aws.endpoint": source.endpoint_url,
            "scan.stream.initpos-timestamp": source.initial_timestamp,
        }
    )


def _flink_2_options(source: KinesisSource) -> dict[str, str]:
    options = {
        "connector": "kinesis",
        "stream.arn": source.stream_arn,
        "aws.region": source.region,
        "source.init.position": source.initial_position.value,
        "format": "raw",
    }
    return options | _optional(
        {
            "aws.endpoint": source.endpoint_url,
            "source.init.timestamp": source.initial_timestamp,
        }
    )


def _optional(options: Mapping[str, str | None]) -> dict[str, str]:
    return {key: value for key, value in options.items() if value is not None}


def _literal(text: str) -> str:
    """A string of SQL; what is in it cannot end it."""
    return "'" + text.replace("'", "''") + "'"


def contract_json() -> str:
    """The data contract for the operators in the JVM, which repeat none of it."""
    return json.dumps(
        {
            "fields": [_field(field) for field in LINE_FIELDS],
            "max_record_lines": MAX_RECORD_LINES,
            "max_nesting": MAX_NESTING,
            "max_number_chars": MAX_NUMBER_CHARS,
            "price_precision": PRICE_PRECISION,
            "price_scale": PRICE_SCALE,
            "total_precision": TOTAL_PRECISION,
            "kind_by_letter": {letter: kind.value for letter, kind in KIND_BY_LETTER.items()},
            "other_kind": InvoiceKind.SALE.value,
        }
    )


def _field(field: Field) -> Mapping[str, str | int | bool | None]:
    return {
        "name": field.name,
        "column": field.column,
        "type": field.type.value,
        "nullable": field.nullable,
        "min_value": field.min_value,
        "max_value": field.max_value,
        "max_chars": field.max_chars,
    }
