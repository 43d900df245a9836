"""What the warehouse's tests need: a PostgreSQL, a fresh database each, one small Spark.

No table has a unique key there, as Redshift enforces none.
"""

import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from pyarrow import fs
from pyspark.sql import SparkSession

from connectors.postgresql import PostgreSQLWarehouse
from connectors.postgresql_embedded import Server, database, start
from connectors.warehouse_retrying import RetryPolicy
from tests.warehouse.lakes import LakeBuilder
from tests.warehouse.merging import Merger
from warehouse.load import Places
from warehouse.preparing import prepare_warehouse
from warehouse.spark import APP
from warehouse.staging import Staging

ONCE = RetryPolicy(attempts=1)
_NUMBERS = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The embedded PostgreSQL.

    Not in pytest's own folder, which other users, such as the server's, may not enter.
    """
    with tempfile.TemporaryDirectory(prefix="invoice-stream-") as folder:
        running = start(Path(folder) / "data")
        yield running
        running.stop()


@pytest.fixture
def conninfo(server: Server) -> str:
    """A fresh database."""
    return database(server, f"test_{next(_NUMBERS)}")


@pytest.fixture
def empty_warehouse(conninfo: str) -> PostgreSQLWarehouse:
    """A database without a table; nothing is tried twice."""
    return PostgreSQLWarehouse(conninfo, fs.LocalFileSystem(), ONCE)


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """A database with all tables and views, to be copied."""
    name = "template_of_tests"
    prepare_warehouse(PostgreSQLWarehouse(database(server, name), fs.LocalFileSystem(), ONCE))
    return name


@pytest.fixture
def warehouse(server: Server, template: str) -> PostgreSQLWarehouse:
    """A warehouse with its tables, nothing loaded."""
    conninfo = database(server, f"test_{next(_NUMBERS)}", template)
    return PostgreSQLWarehouse(conninfo, fs.LocalFileSystem(), ONCE)


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """A small Spark without jars for S3."""
    session = (
        SparkSession.builder.appName(APP)
        .master("local[2]")
        .config("spark.driver.memory", "1g")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture
def builder(tmp_path: Path) -> LakeBuilder:
    """An empty lake on the disk."""
    return LakeBuilder.in_folder(tmp_path / "lake")


@pytest.fixture
def staging(tmp_path: Path) -> Callable[[str, str], Staging]:
    """Gives staging folders on the disk."""

    def folder(batch_id: str, run_id: str) -> Staging:
        return Staging(fs.LocalFileSystem(), "file", str(tmp_path / "staging" / batch_id / run_id))

    return folder


@pytest.fixture
def places(
    builder: LakeBuilder,
    staging: Callable[[str, str], Staging],
    warehouse: PostgreSQLWarehouse,
    spark: SparkSession,
) -> Places:
    """Everything a load needs."""
    return Places(builder.lake, f"file://{builder.lake.root}", staging, warehouse, lambda: spark)


@pytest.fixture
def merger(warehouse: PostgreSQLWarehouse, staging: Callable[[str, str], Staging]) -> Merger:
    """Loads lines without Spark: staged as Spark stages them, merged by the same statements."""
    return Merger(warehouse, staging)
