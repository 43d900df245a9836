"""All a warehouse holds, to be compared with another's."""

from connectors.warehouse_port import Warehouse

STAR = (
    *("fact_invoice_line", "fact_invoice", "return_sale"),
    *("dim_customer", "dim_product", "dim_country", "dim_date"),
)
ONLY = {"dim_date": "WHERE day < '2009-02-01' OR day > '2040-12-01'"}
"""Of the calendar its ends: it is long, and what a load adds lies outside it."""

PROVENANCE = {"batch_id", "run_id", "started_at", "finished_at", "seconds"}
"""Which attempt did it, and when: not a part of what must be the same."""


def star(warehouse: Warehouse) -> dict[str, list[str]]:
    """The rows of every table of the star schema, in an order of their own."""
    return {table: rows(warehouse, table) for table in STAR}


def everything(warehouse: Warehouse) -> dict[str, list[str]]:
    """As ``star``, with what the loader remembers."""
    control = {table: rows(warehouse, table) for table in ("load_audit", "load_file")}
    return {**star(warehouse), **control}


def rows(warehouse: Warehouse, table: str) -> list[str]:
    """A table's rows, as text, but for which attempt wrote them."""
    found = warehouse.execute(f"SELECT * FROM {table} {ONLY.get(table, '')}").dicts()
    kept = [{name: cell for name, cell in row.items() if name not in PROVENANCE} for row in found]
    return sorted(map(str, kept))
