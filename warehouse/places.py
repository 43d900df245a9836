"""A load's places opened from its parameters.

Upstream: ``warehouse.parameters``. Downstream: ``warehouse.load``.
"""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from pyspark.sql import SparkSession

from connectors.lake import open_lake
from connectors.warehouse_address import open_warehouse
from warehouse.load import Places
from warehouse.parameters import JobParameters
from warehouse.staging import Staging


def open_places(parameters: JobParameters, spark: Callable[[], SparkSession]) -> Places:
    """Open the lake and the warehouse.

    Args:
        parameters: Where they are.
        spark: Starts Spark.

    Raises:
        LakeError: The lake's address is not understood.
        WarehouseError: The warehouse's is not, or an embedded server does not start.
    """
    return Places(
        lake=open_lake(parameters),
        lake_uri=absolute(parameters.lake),
        staging=staging_of(parameters),
        warehouse=open_warehouse(parameters),
        spark=spark,
    )


def staging_of(parameters: JobParameters) -> Callable[[str, str], Staging]:
    """Gives the staging folder of an attempt, by batch and run."""
    filesystem = open_lake(parameters).filesystem
    base = urlsplit(absolute(parameters.staging or f"{parameters.lake}/staging"))

    def folder(batch_id: str, run_id: str) -> Staging:
        path = f"{base.netloc}{base.path}/{batch_id}/{run_id}"
        return Staging(filesystem, base.scheme, path)

    return folder


def absolute(uri: str) -> str:
    """A URI that Spark understands: a bare path is one of this machine's."""
    if urlsplit(uri).scheme:
        return uri
    return f"file://{Path(uri).resolve()}"
