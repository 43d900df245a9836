"""What was loaded, as the warehouse itself remembers it.

Upstream: ``load_audit`` and ``load_file``, written within each load's transaction. Downstream:
``warehouse.load``, to know what is new, and whoever asks.
"""

from connectors.warehouse_port import Cell, Warehouse
from warehouse.batch import Batch
from warehouse.statements import sql_file

DETAIL_CHARS = 1000
"""Of four bytes at most: the column holds 4,000 bytes."""


def loaded_files(warehouse: Warehouse) -> frozenset[str]:
    """Names of all files loaded so far."""
    return frozenset(map(str, warehouse.execute("SELECT file FROM load_file").column("file")))


def batch_row(warehouse: Warehouse, batch_id: str) -> dict[str, Cell] | None:
    """The audit of a batch that was loaded, or None."""
    rows = warehouse.execute(
        "SELECT * FROM load_audit WHERE batch_id = :batch_id AND outcome = 'loaded'",
        {"batch_id": batch_id},
    ).dicts()
    return rows[0] if rows else None


def record_refusal(warehouse: Warehouse, batch: Batch, reason: str) -> None:
    """Leave the reason why a batch was not loaded."""
    warehouse.execute(
        sql_file("refuse.sql").statements[0].text,
        {
            "batch_id": batch.batch_id,
            "run_id": batch.run_id,
            "kind": batch.kind,
            "files": str(len(batch.files)),
            "bytes": str(batch.bytes),
            "started_at": batch.started_at.isoformat(sep=" "),
            "detail": reason[:DETAIL_CHARS],
        },
    )
