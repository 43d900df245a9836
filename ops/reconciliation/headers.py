"""Headers of invoices recomputed from lines: totals, units, dates, customers.

The rule, stated here a second time on purpose: the header is that of the lowest
line, the customer that of the lowest line which has one, the kind is told by
the first letter of the number.
"""

from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from connectors.lake import starts_of_runs

AMOUNT = pa.decimal128(38, 4)
HEADER_FIELDS = (
    pa.field("revision", pa.int64()),
    pa.field("kind", pa.string()),
    pa.field("invoice_date", pa.timestamp("us")),
    pa.field("customer_id", pa.string()),
    pa.field("country", pa.string()),
    pa.field("units", pa.int64()),
    pa.field("total", AMOUNT),
)
HEADER_COLUMNS = tuple(field.name for field in HEADER_FIELDS)


def headers(lines: pa.Table, key: str = "invoice_no") -> pa.Table:
    """One row a value of ``key``, with ``invoice_no`` and ``HEADER_COLUMNS``.

    Args:
        lines: Distinct lines with the contract's columns.
        key: Column that says which lines belong together.
    """
    ordered = lines.sort_by([(key, "ascending"), ("line_no", "ascending")]).combine_chunks()
    first = ordered.filter(starts_of_runs(ordered, (key,)))
    table = pa.table(
        {
            key: first[key],
            "invoice_no": first["invoice_no"],
            "kind": kinds(first["invoice_no"]),
            "invoice_date": first["invoice_date"],
            "country": first["country"],
        }
    ).combine_chunks()
    sums = table.join(_sums(ordered, key), keys=[key], join_type="left outer").combine_chunks()
    return sums.join(_customers(ordered, key), keys=[key], join_type="left outer").combine_chunks()


def kinds(numbers: pa.ChunkedArray) -> pa.ChunkedArray:
    """Kind of each invoice number."""
    cancelled = pc.starts_with(numbers, "C")
    adjusted = pc.starts_with(numbers, "A")
    return pc.if_else(cancelled, "cancellation", pc.if_else(adjusted, "adjustment", "sale"))


def _sums(lines: pa.Table, key: str) -> pa.Table:
    quantity = pc.cast(lines["quantity"], pa.decimal128(10, 0))
    table = pa.table(
        {
            key: lines[key],
            "units": pc.cast(lines["quantity"], pa.int64()),
            "total": pc.cast(pc.multiply(quantity, lines["unit_price"]), AMOUNT),
            "revision": lines["line_no"],
        }
    ).combine_chunks()
    grouped = table.group_by(key).aggregate(
        [("units", "sum"), ("total", "sum"), ("revision", "count")]
    )
    return grouped.rename_columns(["units", "total", "revision", key]).combine_chunks()


def _customers(ordered: pa.Table, key: str) -> pa.Table:
    known = ordered.filter(pc.is_valid(ordered["customer_id"])).combine_chunks()
    first = known.filter(starts_of_runs(known, (key,)))
    return first.select([key, "customer_id"]).combine_chunks()


def revenue(table: pa.Table) -> Decimal:
    """Sum of all totals, exact."""
    total: Decimal | None = pc.sum(table["total"]).as_py()
    return total if total is not None else Decimal(0)
