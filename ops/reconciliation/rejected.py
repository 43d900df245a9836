"""Lines that are not in ``lines/`` must be in ``rejected/``: which rejected record is which line.

With the producer's ledger that is proved by shard and sequence number. Without
it, by the invoice and line number that can still be read in the payload; what
remains is matched by count, and said to be.
"""

import base64
import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from ops.reconciliation.compare import Mismatch
from ops.reconciliation.ledger import LedgerEntry

CHECK = "rejected/ = source - lines/"

Identity = tuple[str, int]

_IDENTITY = re.compile(
    rb'"InvoiceNo"\s*:\s*"([^"\\]{1,64})"[^{}]*?"LineNo"\s*:\s*(\d{1,16})\s*[,}]'
)


class RejectedRecord(NamedTuple):
    """A row of ``rejected/``."""

    reason: str
    payload: str
    invoice_no: str | None
    line_no: int | None
    shard_id: str | None
    sequence_number: str | None

    @property
    def place(self) -> tuple[str | None, str | None]:
        """Where its record is on the stream."""
        return self.shard_id, self.sequence_number

    def identities(self) -> list[Identity]:
        """Lines that can still be told from it."""
        if self.invoice_no is not None and self.line_no is not None:
            return [(self.invoice_no, self.line_no)]
        found = _IDENTITY.findall(base64.b64decode(self.payload))
        return [(number.decode("utf-8", "replace"), int(line)) for number, line in found]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What ``rejected/`` says about lines that are not in ``lines/``.

    Attributes:
        mismatches: Lines that are nowhere, and records set aside for no known cause.
        notes: What is so but is no error, a line for people each.
    """

    mismatches: list[Mismatch]
    notes: list[str]


def rejected_records(table: pa.Table) -> list[RejectedRecord]:
    """Rows of ``rejected/`` as values."""
    columns = [table[name].to_pylist() for name in RejectedRecord._fields]
    return list(map(RejectedRecord._make, zip(*columns, strict=True)))


def explain_by_ledger(
    missing: AbstractSet[Identity], records: Sequence[RejectedRecord], ledger: Sequence[LedgerEntry]
) -> Explanation:
    """Each damaged line must be in ``rejected/`` at its place, and nothing else may be."""
    set_aside = {record.place for record in records}
    damaged_places = {entry.place for entry in ledger}
    damaged_lines = {(entry.invoice_no, entry.line_no) for entry in ledger}
    lost = [
        Mismatch(CHECK, "missing", _text((entry.invoice_no, entry.line_no)), _sent_as(entry))
        for entry in ledger
        if entry.place not in set_aside
    ]
    surprising = [
        Mismatch(CHECK, "unexpected", _place_text(record), f"set aside as {record.reason}")
        for record in records
        if record.place not in damaged_places
    ]
    note = f"{len(ledger) - len(lost)} of {len(ledger)} damaged lines found in rejected/ by place"
    return Explanation(
        [*_nowhere(missing - damaged_lines), *lost, *surprising], [note] if ledger else []
    )


def _sent_as(entry: LedgerEntry) -> str:
    place = f"{entry.shard_id}/{entry.sequence_number}"
    return f"sent with {entry.damage} as {place}, which is not in rejected/"


def explain_by_content(
    missing: AbstractSet[Identity],
    accepted: AbstractSet[Identity],
    records: Sequence[RejectedRecord],
) -> Explanation:
    """Each missing line must be readable in a rejected record, or one must be left for it."""
    known = [
        [line for line in record.identities() if line in missing or line in accepted]
        for record in records
    ]
    rest = missing - {line for lines in known for line in lines}
    unreadable = known.count([])
    if len(rest) > unreadable:
        return Explanation(_nowhere(rest), [])
    note = (
        f"{unreadable} records in rejected/ cannot be told by invoice and line: {len(rest)} lines"
        " are matched with them by count alone (a ledger proves more)"
    )
    return Explanation([], [note] if unreadable else [])


def _nowhere(lines: AbstractSet[Identity]) -> list[Mismatch]:
    return [
        Mismatch(CHECK, "missing", _text(line), "neither in lines/ nor in rejected/")
        for line in sorted(lines)
    ]


def _text(line: Identity) -> str:
    return f"{line[0]}/{line[1]}"


def _place_text(record: RejectedRecord) -> str:
    return f"{record.shard_id}/{record.sequence_number}"
