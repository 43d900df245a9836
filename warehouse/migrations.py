"""Numbered changes of the schema, each applied once and recorded.

Upstream: ``warehouse/sql/migrations``. Downstream: every load, before it stages anything. A
migration is one transaction with its record, so it is there whole or not at all; the record
keeps a checksum, and a file that was changed after it was applied is refused.
"""

import hashlib
import re

from connectors.warehouse_port import (
    Sql,
    Statement,
    Warehouse,
    WarehouseError,
    WarehouseUnavailableError,
)
from warehouse.statements import SqlFile, sql_file, sql_files

_NAME = re.compile(r"(\d{4})_[a-z0-9_]+")
LOCK = Sql("lock", "LOCK schema_migration")


def migrate(warehouse: Warehouse) -> list[str]:
    """Apply what was not applied yet.

    Two who migrate at once go one after the other; the second finds the work done.

    Returns:
        Names of the migrations applied now, in order.

    Raises:
        WarehouseError: One fails, or one that was applied has another text now.
    """
    migrations = sql_files("migrations")
    _make_room_for_records(warehouse)
    applied = _applied(warehouse)
    for migration in migrations:
        _refuse_changed(migration, applied)
    missing = [migration for migration in migrations if migration.name not in applied]
    return [migration.name for migration in missing if _apply(warehouse, migration)]


def checksum(migration: SqlFile) -> str:
    """Of the statements, not of the comments beside them."""
    text = ";\n".join(statement.text for statement in migration.statements)
    return hashlib.sha256(text.encode()).hexdigest()


def _make_room_for_records(warehouse: Warehouse) -> None:
    """Two who make the table at one moment may get in each other's way, once."""
    statements = sql_file("schema_migration.sql").statements
    try:
        warehouse.run(statements)
    except WarehouseUnavailableError:
        raise
    except WarehouseError:
        warehouse.run(statements)


def _applied(warehouse: Warehouse) -> dict[str, str]:
    rows = warehouse.execute("SELECT name, checksum FROM schema_migration").rows
    return {str(name): str(found) for name, found in rows}


def _refuse_changed(migration: SqlFile, applied: dict[str, str]) -> None:
    if _NAME.fullmatch(migration.name) is None:
        raise WarehouseError(f"{migration.name}: a migration is named 0001_what_it_does.sql")
    if applied.get(migration.name, checksum(migration)) != checksum(migration):
        raise WarehouseError(
            f"migration {migration.name} was applied with another text: put the old text back and"
            " write a further migration"
        )


def _apply(warehouse: Warehouse, migration: SqlFile) -> bool:
    """Whether it was applied; not when another was quicker."""
    record = (
        sql_file("record_migration.sql")
        .statements[0]
        .bind(number=int(migration.name[:4]), name=migration.name, checksum=checksum(migration))
    )
    transaction: list[Statement] = [LOCK, record, *migration.statements]
    try:
        warehouse.run(transaction)
    except WarehouseError:
        if migration.name in _applied(warehouse):
            return False
        raise
    return True
