"""The job's configuration: one typed value from Managed Flink's application properties.

Upstream: the properties file, read by ``flink_job.main``. Downstream:
``flink_job.job``. Locally a file of the same form is written by
``ops.minicluster``; only values differ.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum
from pathlib import Path
from typing import TypeVar

from connectors.flink_tables import FileSource, InitialPosition, KinesisSource, Source

PROPERTY_GROUP = "invoice-stream"


class ConfigError(Exception):
    """The properties cannot be used; the message names every wrong key and where it looked."""


class Documents(Enum):
    """What becomes of the documents."""

    DYNAMODB = "dynamodb"
    DISCARD = "discard"


class _SourceKind(Enum):
    KINESIS = "kinesis"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobConfig:
    """Everything the job wants to know.

    Attributes:
        source: Where records come from.
        lake: URI of the lake, no slash at the end.
        region: AWS region.
        endpoint_url: Address of a stand-in for AWS, or None for AWS's own.
        customers_table: DynamoDB's table of purchases by customer.
        invoices_table: DynamoDB's table of details by invoice.
        dynamodb_concurrency: Writes at a time in each subtask.
        documents: Whether documents are sent, or built and dropped (to measure the rest).
        group_interval_ms: How long lines are gathered before their invoices are emitted.
        batch_interval_ms: How long changed invoices are gathered into a batch to write.
        batch_revisions: Most invoices in a batch.
        state_ttl_ms: How long an invoice is remembered after its last new line.
    """

    source: Source
    lake: str
    region: str
    endpoint_url: str | None
    customers_table: str
    invoices_table: str
    dynamodb_concurrency: int
    documents: Documents
    group_interval_ms: int
    batch_interval_ms: int
    batch_revisions: int
    state_ttl_ms: int


DEFAULTS: Mapping[str, str] = {
    "source": "kinesis",
    "source.initial.position": "TRIM_HORIZON",
    "documents": "dynamodb",
    "dynamodb.concurrency": "8",
    "group.interval.ms": "1000",
    "batch.interval.ms": "100",
    "batch.revisions": "250",
    "state.ttl.hours": "168",
}
"""Values of the keys that may be left out."""

_SOURCE_KEYS = (
    "source.path",
    "source.stream.arn",
    "source.initial.position",
    "source.initial.timestamp",
)
MS_PER_HOUR = 3_600_000

_Choice = TypeVar("_Choice", bound=Enum)


def read_properties(path: Path) -> Mapping[str, str]:
    """The job's property group from a file in Managed Flink's form.

    Args:
        path: A JSON list of ``{"PropertyGroupId": ..., "PropertyMap": {...}}``.

    Raises:
        ConfigError: There is no such file, it has another form, or the group is missing.
    """
    try:
        groups = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"no application properties at {path}") from error
    except ValueError as error:
        raise ConfigError(f"{path} is not JSON: {error}") from error
    return _property_map(groups, path)


def _property_map(groups: object, path: Path) -> Mapping[str, str]:
    if not isinstance(groups, list) or not all(isinstance(group, dict) for group in groups):
        raise ConfigError(f"{path} does not hold a list of property groups")
    by_id = {group.get("PropertyGroupId"): group.get("PropertyMap") for group in groups}
    properties = by_id.get(PROPERTY_GROUP)
    if not isinstance(properties, dict):
        found = ", ".join(map(str, by_id)) or "none"
        raise ConfigError(f"{path} has no property group {PROPERTY_GROUP} (found: {found})")
    wrong = [key for key, value in properties.items() if not isinstance(value, str)]
    if wrong:
        raise ConfigError(f"{path}: values must be strings: {', '.join(wrong)}")
    return properties


def job_config(properties: Mapping[str, str], where: str) -> JobConfig:
    """The configuration these properties make.

    Args:
        properties: The property group's map.
        where: Where they were read from, for messages.

    Raises:
        ConfigError: Keys are missing, unknown or wrong; all of them are named at once.
    """
    reader = _Reader({**DEFAULTS, **properties})
    source = _source(reader)
    config = {
        "lake": reader.text("lake").rstrip("/"),
        "region": reader.text("aws.region"),
        "endpoint_url": reader.optional("aws.endpoint"),
        "customers_table": reader.text("dynamodb.customers.table"),
        "invoices_table": reader.text("dynamodb.invoices.table"),
    }
    numbers = {
        "dynamodb_concurrency": reader.positive("dynamodb.concurrency"),
        "group_interval_ms": reader.positive("group.interval.ms"),
        "batch_interval_ms": reader.positive("batch.interval.ms"),
        "batch_revisions": reader.positive("batch.revisions"),
        "state_ttl_ms": reader.milliseconds("state.ttl.hours"),
    }
    documents = reader.choice("documents", Documents)
    problems = reader.all_problems()
    if problems or source is None or documents is None:
        raise ConfigError(f"{where}, group {PROPERTY_GROUP}: {'; '.join(problems)}")
    return JobConfig(source=source, documents=documents, **config, **numbers)  # type: ignore[arg-type]


def _source(reader: "_Reader") -> Source | None:
    match reader.choice("source", _SourceKind):
        case _SourceKind.FILE:
            reader.skip("source.initial.position")
            return FileSource(reader.text("source.path"))
        case _SourceKind.KINESIS:
            return _kinesis_source(reader)
        case None:
            reader.skip(*_SOURCE_KEYS)
            return None


def _kinesis_source(reader: "_Reader") -> KinesisSource | None:
    position = reader.choice("source.initial.position", InitialPosition)
    timestamp = (
        reader.text("source.initial.timestamp")
        if position is InitialPosition.AT_TIMESTAMP
        else None
    )
    source_arn = reader.text("source.stream.arn")
    if position is None:
        return None
    return KinesisSource(
        stream_arn=source_arn,
        region=reader.text("aws.region"),
        endpoint_url=reader.optional("aws.endpoint"),
        initial_position=position,
        initial_timestamp=timestamp,
    )


class _Reader:
    """Takes values by key and remembers what is wrong instead of stopping at the first."""

    def __init__(self, properties: Mapping[str, str]) -> None:
        self._properties = properties
        self._problems: dict[str, str] = {}
        self._read: set[str] = set()

    def optional(self, key: str) -> str | None:
        self._read.add(key)
        return self._properties.get(key) or None

    def skip(self, *keys: str) -> None:
        """Keys that have no meaning here, and do no harm."""
        self._read.update(keys)

    def text(self, key: str) -> str:
        value = self.optional(key)
        if value is None:
            self._problems[key] = f"missing {key}"
        return value or ""

    def choice(self, key: str, choices: type[_Choice]) -> _Choice | None:
        value = self.text(key)
        by_value = {choice.value: choice for choice in choices}
        if value and value not in by_value:
            self._problems[key] = f"{key} is {value!r}, not one of {', '.join(by_value)}"
        return by_value.get(value)

    def positive(self, key: str) -> int:
        value = self.text(key)
        if value and not (value.isascii() and value.isdigit() and int(value) > 0):
            self._problems[key] = f"{key} is {value!r}, not a whole number above 0"
            return 0
        return int(value or 0)

    def milliseconds(self, key: str) -> int:
        """Hours, fractions allowed, as whole milliseconds."""
        value = self.text(key)
        try:
            milliseconds = int(Decimal(value) * MS_PER_HOUR) if value else 0
        except (InvalidOperation, OverflowError, ValueError):
            milliseconds = 0
        if value and milliseconds <= 0:
            self._problems[key] = f"{key} is {value!r}, not a number of hours above 0"
        return milliseconds

    def all_problems(self) -> list[str]:
        unknown = sorted(set(self._properties) - self._read)
        return [*self._problems.values(), *(f"unknown {key}" for key in unknown)]
