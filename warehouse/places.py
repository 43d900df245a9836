"""A load's places opened from its parameters.

Upstream: ``warehouse.parameters``. Downstream: ``warehouse.load``.
"""

from collections.abc import Callable

from pyspark.sql import SparkSession

from connectors.lake import open_lake
from connectors.warehouse_address import open_warehouse
from warehouse.load import Places
from warehouse.parameters import JobParameters
from warehouse.staging import absolute, staging_of


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
