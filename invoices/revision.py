"""Revisions: what the job's grouping hands to the writer of documents.

A batch is a JSON array of ``{"invoice_no", "revision", "previous_revision", "lines"}``
with a line as an array in the order of ``DocumentLine``; the lines stand in the order
in which they were accepted, so that the first ``previous_revision`` of them are those
of the revision before.

Upstream: ``RevisionBatcher`` (Java). Downstream: ``flink_job.write_documents``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import TypedDict

import orjson

from invoices.header import DocumentLine


class BatchError(Exception):
    """A batch is not what the grouping writes: a fault of the job, not of the data."""

    retryable = False


@dataclass(frozen=True, slots=True)
class Revision:
    """All lines of an invoice that the job holds.

    Attributes:
        invoice_no: Number of the invoice.
        previous_revision: How many of the lines the revision before had; 0 when the
            job knew nothing of the invoice.
        lines: At least one, in the order they were accepted.
    """

    invoice_no: str
    previous_revision: int
    lines: tuple[DocumentLine, ...]


class _RawRevision(TypedDict):
    invoice_no: str
    revision: int
    previous_revision: int
    lines: list[list[str | int | None]]


def read_batch(payload: bytes) -> list[Revision]:
    """The revisions of a batch, in its order.

    Raises:
        BatchError: It is not JSON of this form.
    """
    try:
        return [_revision(raw) for raw in orjson.loads(payload)]
    except (KeyError, TypeError, ValueError) as error:
        raise BatchError(f"a batch of revisions cannot be read: {error!r}") from error


def fold(revisions: Iterable[Revision]) -> list[Revision]:
    """One revision an invoice, in order of first appearance; no line is lost."""
    folded: dict[str, Revision] = {}
    for revision in revisions:
        earlier = folded.get(revision.invoice_no)
        folded[revision.invoice_no] = revision if earlier is None else _join(earlier, revision)
    return list(folded.values())


def _join(earlier: Revision, later: Revision) -> Revision:
    lines: dict[int, DocumentLine] = {}
    for line in chain(earlier.lines, later.lines):
        lines.setdefault(line.line_no, line)
    return Revision(earlier.invoice_no, earlier.previous_revision, tuple(lines.values()))


def _revision(raw: _RawRevision) -> Revision:
    lines = tuple(map(DocumentLine._make, raw["lines"]))
    previous = raw["previous_revision"]
    if not 0 <= previous < len(lines) == raw["revision"]:
        raise ValueError(
            f"invoice {raw['invoice_no']} has {len(lines)} lines, revision {raw['revision']}"
            f" and {previous} before"
        )
    return Revision(raw["invoice_no"], previous, lines)
