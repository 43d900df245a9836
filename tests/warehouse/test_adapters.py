"""What every warehouse behind the port promises.

Redshift itself cannot run here: its adapter runs against a Data API that executes what it is
sent on PostgreSQL.
"""

import threading
import time
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import cast

import pyarrow as pa
import pytest
from pyarrow import fs

from connectors.postgresql import PostgreSQLWarehouse
from connectors.redshift import RedshiftWarehouse
from connectors.warehouse_port import CopyParquet, Sql, StatementError, Warehouse
from tests.warehouse.data_api import ROLE, DataApi
from tests.warehouse.lakes import line
from tests.warehouse.merging import Merger
from warehouse.migrations import migrate
from warehouse.staging import Staging

Open = Callable[[], Warehouse]
CREATE = Sql("create", "CREATE TABLE t (a INTEGER, b VARCHAR(40), PRIMARY KEY (a)) DISTKEY (a)")


def over_redshift(database: PostgreSQLWarehouse) -> Warehouse:
    client = cast("object", DataApi(database))
    return RedshiftWarehouse(
        client,  # type: ignore[arg-type]
        {"Database": "dev", "WorkgroupName": "invoices"},
        ROLE,
    )


@pytest.fixture(params=["postgresql", "redshift"])
def any_warehouse(
    request: pytest.FixtureRequest, empty_warehouse: PostgreSQLWarehouse
) -> Warehouse:
    return empty_warehouse if request.param == "postgresql" else over_redshift(empty_warehouse)


@pytest.fixture
def folder(tmp_path: Path) -> Staging:
    return Staging(fs.LocalFileSystem(), "file", str(tmp_path / "staged"))


def insert(number: int, text: str = "one") -> Sql:
    return Sql(f"insert {number}", f"INSERT INTO t (a, b) VALUES ({number}, '{text}')")


def test_a_transaction_is_applied_whole(any_warehouse: Warehouse) -> None:
    any_warehouse.run([CREATE, insert(1), insert(2)])

    assert any_warehouse.execute("SELECT a FROM t ORDER BY a").column("a") == [1, 2]


def test_or_not_at_all_and_the_statement_is_named(any_warehouse: Warehouse) -> None:
    any_warehouse.run([CREATE])
    wrong = Sql("the wrong one", "INSERT INTO t (a) VALUES (CAST('x' AS INTEGER))")

    with pytest.raises(StatementError, match="the wrong one") as caught:
        any_warehouse.run([insert(1), wrong, insert(2)])

    assert caught.value.statement == "the wrong one"
    assert any_warehouse.execute("SELECT * FROM t").rows == ()


def test_no_key_is_unique(any_warehouse: Warehouse) -> None:
    any_warehouse.run([CREATE, insert(1), insert(1)])

    assert any_warehouse.execute("SELECT a FROM t").column("a") == [1, 1]


def test_a_transaction_that_fits_no_batch_is_refused(any_warehouse: Warehouse) -> None:
    with pytest.raises(StatementError, match="42 statements, at most 40 fit"):
        any_warehouse.run([CREATE, *map(insert, range(41))])


def test_values_keep_their_types(any_warehouse: Warehouse) -> None:
    rows = any_warehouse.execute(
        "SELECT CAST('123456789012345678901234.5678' AS DECIMAL(38, 4)) AS money,"
        " CAST('2011-08-31' AS DATE) AS day, CAST('2011-08-31 17:45:00' AS TIMESTAMP) AS moment,"
        " CAST(7 AS BIGINT) AS number, 'text' AS words, CAST(NULL AS INTEGER) AS nothing,"
        " 1 = 1 AS truth"
    )

    assert rows.dicts() == [
        {
            "money": Decimal("123456789012345678901234.5678"),
            "day": date(2011, 8, 31),
            "moment": datetime(2011, 8, 31, 17, 45),
            "number": 7,
            "words": "text",
            "nothing": None,
            "truth": True,
        }
    ]


def test_parameters_are_values_and_never_sql(any_warehouse: Warehouse) -> None:
    any_warehouse.run([CREATE, insert(1), insert(2, "two")])
    hostile = "x' OR '1'='1"

    find = "SELECT a FROM t WHERE b = :text AND a <> CAST(:number AS INTEGER)"

    assert any_warehouse.execute(find, {"text": "two", "number": "9"}).rows == ((2,),)
    assert any_warehouse.execute(find, {"text": hostile, "number": "9"}).rows == ()


def test_a_long_result_comes_whole_and_in_order(any_warehouse: Warehouse) -> None:
    any_warehouse.run([CREATE, *map(insert, range(7))])

    rows = any_warehouse.execute("SELECT a FROM t ORDER BY a DESC")

    assert rows.column("a") == [6, 5, 4, 3, 2, 1, 0]


def test_copy_fills_a_table_by_position(any_warehouse: Warehouse, folder: Staging) -> None:
    any_warehouse.run([CREATE])
    rows = pa.table({"x": pa.array([1, 2, 3], pa.int32()), "y": ["one", "", None]})

    any_warehouse.run([folder.write("t", rows)])

    assert any_warehouse.execute("SELECT * FROM t ORDER BY a").rows == (
        (1, "one"),
        (2, ""),
        (3, None),
    )


def test_copy_of_a_file_that_is_gone_changes_nothing(
    any_warehouse: Warehouse, folder: Staging
) -> None:
    any_warehouse.run([CREATE])
    copy = folder.write("t", pa.table({"x": pa.array([1], pa.int32()), "y": ["one"]}))
    Path(folder.root, "t", "part-0.parquet").unlink()

    with pytest.raises(StatementError):
        any_warehouse.run([insert(9), copy])

    assert any_warehouse.execute("SELECT * FROM t").rows == ()


def test_copy_without_a_manifest_changes_nothing(any_warehouse: Warehouse, folder: Staging) -> None:
    any_warehouse.run([CREATE])

    with pytest.raises(StatementError):
        any_warehouse.run([insert(9), CopyParquet("t", folder.uri("none.manifest"))])

    assert any_warehouse.execute("SELECT * FROM t").rows == ()


def test_temporary_tables_end_with_their_transaction(any_warehouse: Warehouse) -> None:
    scratch = Sql("scratch", "CREATE TEMP TABLE scratch AS SELECT 1 AS a")
    any_warehouse.run([scratch])

    any_warehouse.run([scratch])


def test_the_clock_runs_on_within_a_transaction(any_warehouse: Warehouse) -> None:
    note = Sql("note", "INSERT INTO moments (at) SELECT GETDATE()")
    any_warehouse.run([Sql("create", "CREATE TABLE moments (at TIMESTAMP)"), note, note])

    first, second = any_warehouse.execute("SELECT at FROM moments").column("at")

    assert first != second


def test_a_lock_makes_the_second_wait_for_the_first(
    empty_warehouse: PostgreSQLWarehouse, conninfo: str
) -> None:
    """Both read the count and add a row: without the lock both would read nothing."""
    empty_warehouse.run([CREATE])
    go_on, locked = threading.Event(), threading.Event()

    def hold(name: str) -> None:
        if name == "add":
            locked.set()
            assert go_on.wait(30)

    add = [
        Sql("lock", "LOCK t"),
        Sql("add", "INSERT INTO t (a) SELECT CAST(COUNT(*) AS INTEGER) FROM t"),
    ]
    slow = PostgreSQLWarehouse(conninfo, fs.LocalFileSystem(), before=hold)
    first = threading.Thread(target=slow.run, args=[add])
    second = threading.Thread(target=over_redshift(empty_warehouse).run, args=[add])
    first.start()
    assert locked.wait(30)
    second.start()
    time.sleep(0.2)
    go_on.set()
    first.join(30)
    second.join(30)

    assert empty_warehouse.execute("SELECT a FROM t ORDER BY a").column("a") == [0, 1]


def test_the_whole_load_runs_on_it(any_warehouse: Warehouse, tmp_path: Path) -> None:
    migrate(any_warehouse)
    merger = Merger(
        any_warehouse,
        lambda batch, run: Staging(fs.LocalFileSystem(), "file", f"{tmp_path}/{batch}/{run}"),
    )

    merger.lines(line(), line(line_no=2))

    assert any_warehouse.execute("SELECT total FROM fact_invoice").rows == ((Decimal("30.6000"),),)
