"""What the job counts: every name in one list, with unit and meaning.

The JVM's operators count under the same names (``Metrics.java``); Python's
counts are added where documents are written (``flink_job.document_function``).
Flink's REST API and CloudWatch show them by operator.
"""

from dataclasses import dataclass
from enum import Enum


class Unit(Enum):
    """What a metric's number counts or measures."""

    LINES = "lines"
    INVOICES = "invoices"
    REVISIONS = "revisions"
    WRITES = "writes"
    WRITE_UNITS = "write units"
    CALLS = "calls"
    MILLISECONDS = "ms"


@dataclass(frozen=True, slots=True)
class _Definition:
    unit: Unit
    meaning: str


class Metric(Enum):
    """A metric of the job; its value is its name in Flink."""

    LINES_ACCEPTED = "lines_accepted"
    LINES_REJECTED = "lines_rejected"
    DUPLICATES_DROPPED = "duplicates_dropped"
    CONFLICTS = "conflicts"
    INVOICES = "invoices"
    REVISIONS = "revisions"
    ITERATOR_AGE_MS = "iterator_age_ms"
    WRITES = "writes"
    WRITE_UNITS = "write_units"
    RETRIES = "retries"
    MERGES = "merges"

    @property
    def unit(self) -> Unit:
        """What the number counts or measures."""
        return _DEFINITIONS[self].unit

    @property
    def meaning(self) -> str:
        """One sentence for people."""
        return _DEFINITIONS[self].meaning


_DEFINITIONS = {
    Metric.LINES_ACCEPTED: _Definition(
        Unit.LINES, "Lines met for the first time, written to `lines/`."
    ),
    Metric.LINES_REJECTED: _Definition(
        Unit.LINES,
        "Records, or lines of a packed record, that are no good line; by reason, in `rejected/`.",
    ),
    Metric.DUPLICATES_DROPPED: _Definition(
        Unit.LINES, "Further deliveries of a line, dropped because they changed nothing."
    ),
    Metric.CONFLICTS: _Definition(
        Unit.LINES, "Lines whose identity was taken by another content, set aside in `rejected/`."
    ),
    Metric.INVOICES: _Definition(Unit.INVOICES, "Invoices of which the state held no line before."),
    Metric.REVISIONS: _Definition(
        Unit.REVISIONS, "Invoices emitted whole because lines were added, written to `invoices/`."
    ),
    Metric.ITERATOR_AGE_MS: _Definition(
        Unit.MILLISECONDS,
        "How long the record decoded last had been on the stream: the lag while records come.",
    ),
    Metric.WRITES: _Definition(Unit.WRITES, "Items written to DynamoDB."),
    Metric.WRITE_UNITS: _Definition(
        Unit.WRITE_UNITS, "Write units DynamoDB billed, refused writes included."
    ),
    Metric.RETRIES: _Definition(
        Unit.CALLS, "Calls of DynamoDB made again after throttling, a time-out or a fault."
    ),
    Metric.MERGES: _Definition(
        Unit.INVOICES, "Invoices read back and merged because another writer had changed them."
    ),
}
