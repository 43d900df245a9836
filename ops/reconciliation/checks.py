"""The checks themselves, over tables alone: no store is asked here.

Upstream: ``source``, ``connectors.lake``, ``documents``. Downstream: ``report``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from connectors.lake import CONTENT_FIELDS, NESTED_FIELDS, Merged
from invoices.contract import IDENTITY_COLUMNS
from ops.reconciliation.compare import Difference, Mismatch, Side, compare, mismatches
from ops.reconciliation.documents import CHECK as DOCUMENTS_CHECK
from ops.reconciliation.documents import LINES, PURCHASES, Documents
from ops.reconciliation.headers import HEADER_COLUMNS, headers
from ops.reconciliation.ledger import LedgerEntry
from ops.reconciliation.rejected import (
    CHECK as REJECTED_CHECK,
)
from ops.reconciliation.rejected import (
    Explanation,
    Identity,
    explain_by_content,
    explain_by_ledger,
    rejected_records,
)
from ops.reconciliation.revisions import ROW, identities, last_revisions, lines_of, numbered


def _but(names: Sequence[str], *others: str) -> list[str]:
    return [name for name in names if name not in others]


CONTENT = _but([field.name for field in CONTENT_FIELDS], *IDENTITY_COLUMNS)
NESTED = _but([field.name for field in NESTED_FIELDS], *IDENTITY_COLUMNS)
IN_DOCUMENTS = _but(LINES.names, *IDENTITY_COLUMNS)
PURCHASE_KEY = ("customer_id", "month", "invoice_no")
PURCHASE = _but(PURCHASES.names, *PURCHASE_KEY)


@dataclass(frozen=True, slots=True)
class Check:
    """One check and what it found.

    Attributes:
        name: What must be so, such as ``invoices/ = lines/``.
        expected: Rows on the side held to be right.
        actual: Rows on the side tested.
        mismatches: What is not so.
        notes: Remarks on how it was made, for people.
    """

    name: str
    expected: int
    actual: int
    mismatches: list[Mismatch]
    notes: list[str]


def check_source(
    source: pa.Table, lines: Merged, rejected: pa.Table, ledger: Sequence[LedgerEntry] | None
) -> list[Check]:
    """Every line of the source is in ``lines/``, unchanged, or in ``rejected/``; no other is."""
    expected, actual = Side("the source", source), Side("lines/", lines.lines)
    found = compare(expected, actual, IDENTITY_COLUMNS, CONTENT)
    explained = _explain(found.missing, lines.lines, rejected, ledger)
    present = replace(found, missing=found.missing.slice(0, 0))
    return [
        _check("lines/ = source", present, (expected, actual), IDENTITY_COLUMNS, _copies(lines)),
        Check(
            REJECTED_CHECK,
            found.missing.num_rows,
            rejected.num_rows,
            explained.mismatches,
            explained.notes,
        ),
    ]


def _copies(lines: Merged) -> list[str]:
    if not lines.copies:
        return []
    return [f"{lines.copies} copies in lines/, as a restart without state leaves them, were merged"]


def _explain(
    missing: pa.Table, lines: pa.Table, rejected: pa.Table, ledger: Sequence[LedgerEntry] | None
) -> Explanation:
    records = rejected_records(rejected)
    if ledger is not None:
        return explain_by_ledger(_identities(missing), records, ledger)
    accepted = _identities(lines) if records else set()
    return explain_by_content(_identities(missing), accepted, records)


def _identities(table: pa.Table) -> set[Identity]:
    return set(zip(*(table[name].to_pylist() for name in IDENTITY_COLUMNS), strict=True))


def check_revisions(lines: pa.Table, invoices: pa.Table) -> list[Check]:
    """Every revision adds up; the last ones are the lines, or all together are."""
    revisions = numbered(invoices)
    held = lines_of(revisions)
    key = ("invoice_no", ROW)
    own, stated = Side("its lines", headers(held, ROW)), Side("the revision", revisions)
    sums = compare(own, stated, key, HEADER_COLUMNS)
    return [
        _check("every revision in invoices/ adds up", sums, (own, stated), key),
        _check_last(lines, revisions, held),
    ]


def _check_last(lines: pa.Table, revisions: pa.Table, held: pa.Table) -> Check:
    latest = last_revisions(revisions)
    now = held.filter(pc.is_in(held[ROW], value_set=latest[ROW].combine_chunks()))
    expected, actual = Side("lines/", lines), Side("invoices/", now.combine_chunks())
    last = compare(expected, actual, IDENTITY_COLUMNS, NESTED)
    ever = compare(expected, Side("invoices/", identities(held)), IDENTITY_COLUMNS, ())
    found = Difference(ever.missing, ever.unexpected, last.repeated, last.different)
    partial = last.missing.num_rows - ever.missing.num_rows
    note = f"{partial} lines are in earlier revisions only, as after a restart without state"
    notes = [note] if partial else []
    return _check("invoices/ = lines/", found, (expected, actual), IDENTITY_COLUMNS, notes)


def check_documents(lines: pa.Table, expected: pa.Table, documents: Documents) -> list[Check]:
    """Every document holds its lines, every header and every purchase its sums.

    Args:
        lines: Lines of the lake.
        expected: Their headers.
        documents: What DynamoDB holds.
    """
    lake, header = Side("lines/", lines), Side("lines/", expected)
    held, stated = Side("Invoices", documents.lines), Side("Invoices", documents.headers)
    bought, kept = Side("lines/", purchases(expected)), Side("Customers", documents.purchases)
    by_line = compare(lake, held, IDENTITY_COLUMNS, IN_DOCUMENTS)
    by_invoice = compare(header, stated, ("invoice_no",), HEADER_COLUMNS)
    by_purchase = compare(bought, kept, PURCHASE_KEY, PURCHASE)
    unreadable = [problem.detail for problem in documents.problems]
    return [
        Check(DOCUMENTS_CHECK, 0, len(unreadable), documents.problems, []),
        _check("Invoices' lines = lines/", by_line, (lake, held), IDENTITY_COLUMNS),
        _check("Invoices' totals = lines/", by_invoice, (header, stated), ("invoice_no",)),
        _check("Customers = lines/", by_purchase, (bought, kept), PURCHASE_KEY),
    ]


def purchases(expected: pa.Table) -> pa.Table:
    """What ``Customers`` must hold, told from the headers; guests have nothing there."""
    known = expected.filter(pc.is_valid(expected["customer_id"]))
    month = pc.strftime(known["invoice_date"], format="%Y-%m")
    return (
        known.append_column("month", month)
        .append_column("lines", known["revision"])
        .combine_chunks()
    )


def _check(
    name: str,
    found: Difference,
    sides: tuple[Side, Side],
    key: Sequence[str],
    notes: Sequence[str] = (),
) -> Check:
    expected, actual = sides
    wrong = mismatches(name, found, expected, actual, key)
    return Check(name, expected.table.num_rows, actual.table.num_rows, wrong, list(notes))
