"""The warehouse brought to what this release needs.

Upstream: every job and command. Downstream: ``warehouse.migrations``, ``warehouse.marts``.
"""

from connectors.warehouse_port import Warehouse
from warehouse.marts import deploy
from warehouse.migrations import migrate


def prepare_warehouse(warehouse: Warehouse) -> None:
    """Apply the migrations that were not applied yet, and make the views anew if they changed.

    Raises:
        WarehouseError: It is out of reach, or refused.
    """
    migrate(warehouse)
    deploy(warehouse)
