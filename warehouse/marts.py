"""Views for people: made anew in the warehouse whenever their text has changed.

Upstream: ``warehouse/sql/marts``, one file a view. Each file opens with a comment: what the
view tells, and a line ``grain:``. Downstream: ``load.prepare_warehouse`` deploys them, analysts
and Tableau read them.
"""

import hashlib
from dataclasses import dataclass

from connectors.warehouse_port import Sql, Statement, Warehouse, WarehouseError, literal
from warehouse.statements import SqlFile, sql_file, sql_files

GRAIN = "grain:"
LOCK = Sql("lock", "LOCK schema_migration")


@dataclass(frozen=True, slots=True)
class Mart:
    """A view.

    Attributes:
        name: Its name in the warehouse.
        description: What it tells.
        grain: What one row is.
        statements: What makes it, in order.
    """

    name: str
    description: str
    grain: str
    statements: tuple[Sql, ...]


def marts() -> list[Mart]:
    """All of them, each after those it reads."""
    return [_mart(file) for file in sql_files("marts")]


def deploy(warehouse: Warehouse) -> bool:
    """Make the views, if any text is not what the warehouse holds.

    Returns:
        Whether they were made.

    Raises:
        WarehouseError: One cannot be made; the old ones stay.
    """
    wanted, found = checksum(), _deployed(warehouse)
    if wanted == found:
        return False
    record = sql_file("record_marts.sql").statements
    transaction: list[Statement] = [
        LOCK,
        *_drop(_deployed_names(warehouse)),
        *(statement for mart in marts() for statement in mart.statements),
        record[0],
        record[1].bind(checksum=wanted),
    ]
    try:
        warehouse.run(transaction)
    except WarehouseError:
        if _deployed(warehouse) != wanted:
            raise
    return True


def checksum() -> str:
    """Of all texts."""
    text = "\n".join(file.text for file in sql_files("marts"))
    return hashlib.sha256(text.encode()).hexdigest()


def _mart(file: SqlFile) -> Mart:
    description, _, grain = file.comment.replace("\n", " ").partition(GRAIN)
    name = file.name.split("_", 1)[1]
    comment = f"{description.strip()} Grain: {grain.strip()}"
    remark = Sql(f"{file.name}, comment", f"COMMENT ON VIEW {name} IS {literal(comment)}")
    return Mart(name, description.strip(), grain.strip(), (*file.statements, remark))


def _deployed(warehouse: Warehouse) -> str | None:
    rows = warehouse.execute("SELECT checksum FROM mart_deployment").rows
    return str(rows[0][0]) if rows else None


def _deployed_names(warehouse: Warehouse) -> list[str]:
    """Views of this release or of any other: all are ours by their prefix."""
    found = warehouse.execute(
        "SELECT table_name FROM information_schema.views WHERE LEFT(table_name, 5) = 'mart_'"
    )
    return sorted(str(name) for name in found.column("table_name"))


def _drop(names: list[str]) -> list[Statement]:
    return [Sql("drop views", f"DROP VIEW {', '.join(names)}")] if names else []
