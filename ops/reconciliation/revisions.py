"""Revisions of invoices in the lake, taken apart into the lines they hold."""

import pyarrow as pa
import pyarrow.compute as pc

from connectors.lake import NESTED_FIELDS, starts_of_runs
from invoices.contract import IDENTITY_COLUMNS

ROW = "row"
"""Number of a revision's row: what tells it from every other, whatever is in it."""


def numbered(invoices: pa.Table) -> pa.Table:
    """The revisions with their row numbers."""
    return invoices.append_column(ROW, pa.array(range(invoices.num_rows), pa.int64()))


def lines_of(revisions: pa.Table) -> pa.Table:
    """Every line of every revision, with the row and the number of its invoice."""
    nested = revisions["lines"].combine_chunks()
    parents = pc.list_parent_indices(nested)
    columns = dict(
        zip([field.name for field in NESTED_FIELDS], pc.list_flatten(nested).flatten(), strict=True)
    )
    return pa.table(
        {
            ROW: revisions[ROW].take(parents),
            "invoice_no": revisions["invoice_no"].take(parents),
            **columns,
        }
    ).combine_chunks()


def last_revisions(revisions: pa.Table) -> pa.Table:
    """Of each invoice the row with the greatest revision, the latest of these."""
    order = [
        ("invoice_no", "ascending"),
        ("revision", "descending"),
        ("arrival_time", "descending"),
    ]
    ordered = revisions.take(pc.sort_indices(revisions, sort_keys=order))
    return ordered.filter(starts_of_runs(ordered, ("invoice_no",))).combine_chunks()


def identities(lines: pa.Table) -> pa.Table:
    """Each identity once."""
    return lines.group_by(list(IDENTITY_COLUMNS)).aggregate([]).combine_chunks()
