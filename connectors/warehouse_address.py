"""Where the warehouse is, as one URI; only its value differs between a laptop and AWS.

Upstream: the settings, or a job parameter. Downstream: the two adapters.

- ``embedded:var/warehouse``: PostgreSQL from pip, its files in that directory.
- ``postgresql://user@host/database``: any other PostgreSQL.
- ``redshift-serverless://workgroup/database?copy_role=ARN[&secret=ARN]``
- ``redshift://cluster/database?copy_role=ARN[&user=NAME][&secret=ARN]``
"""

from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import SplitResult, parse_qsl, urlsplit

from connectors.aws import redshift_data_client
from connectors.lake import open_lake
from connectors.redshift import RedshiftTarget, RedshiftWarehouse
from connectors.settings import LakeAddress
from connectors.warehouse_port import Warehouse, WarehouseError


class WarehouseAddress(LakeAddress, Protocol):
    """Where the warehouse is, and the lake from which it is loaded."""

    @property
    def warehouse(self) -> str:
        """URI of the warehouse."""


_FORMS = "embedded:DIRECTORY, postgresql://, redshift-serverless:// or redshift://"


def open_warehouse(settings: WarehouseAddress) -> Warehouse:
    """The warehouse these settings name; nothing is connected yet but an embedded server.

    Raises:
        WarehouseError: The address is not understood, or the embedded server does not start.
    """
    parts = urlsplit(settings.warehouse)
    match parts.scheme:
        case "embedded":
            return _embedded(settings, Path(parts.netloc + parts.path))
        case "postgresql" | "postgres":
            return _postgresql(settings, settings.warehouse)
        case "redshift" | "redshift-serverless" as scheme:
            return _redshift(settings, parts, scheme)
        case _:
            raise WarehouseError(f"the warehouse {settings.warehouse!r} is none of {_FORMS}")


def _embedded(settings: WarehouseAddress, directory: Path) -> Warehouse:
    from connectors.postgresql_embedded import database, start  # noqa: PLC0415

    return _postgresql(settings, database(start(directory)))


def _postgresql(settings: WarehouseAddress, conninfo: str) -> Warehouse:
    from connectors.postgresql import PostgreSQLWarehouse  # noqa: PLC0415 - not where Glue runs

    return PostgreSQLWarehouse(conninfo, open_lake(settings).filesystem)


def _redshift(
    settings: WarehouseAddress,
    parts: SplitResult,
    scheme: Literal["redshift", "redshift-serverless"],
) -> Warehouse:
    options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    copy_role = options.pop("copy_role", None)
    database = parts.path.strip("/")
    if not (parts.netloc and database and copy_role):
        raise WarehouseError(
            f"the warehouse {settings.warehouse!r} lacks its name, its database or copy_role"
        )
    target: RedshiftTarget = {"Database": database}
    if scheme == "redshift":
        target["ClusterIdentifier"] = parts.netloc
    else:
        target["WorkgroupName"] = parts.netloc
    if secret := options.pop("secret", None):
        target["SecretArn"] = secret
    if user := options.pop("user", None):
        target["DbUser"] = user
    if options:
        raise WarehouseError(f"the warehouse's address has unknown options: {', '.join(options)}")
    return RedshiftWarehouse(redshift_data_client(settings), target, copy_role)
