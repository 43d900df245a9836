"""A load that is killed anywhere, run again or run by two at once leaves the same warehouse."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from pyarrow import fs

from connectors.postgresql import PostgreSQLWarehouse
from connectors.postgresql_embedded import Server, database
from connectors.warehouse_port import CopyParquet, Warehouse, WarehouseUnavailableError
from connectors.warehouse_retrying import RetryPolicy
from invoices.line import InvoiceLine
from tests.warehouse.lakes import FIRST_ARRIVAL, line
from tests.warehouse.merging import Arrival, Merger
from tests.warehouse.states import everything, star
from warehouse.load import load_statements
from warehouse.migrations import migrate
from warehouse.preparing import prepare_warehouse
from warehouse.statements import sql_files

ROOT = Path(__file__).parents[2]
LATER = FIRST_ARRIVAL + timedelta(hours=1)
Ready = Callable[[], PostgreSQLWarehouse]


def lines(first: int = 1, last: int = 9) -> list[InvoiceLine]:
    return [
        line(
            f"{'C' if number % 3 == 0 else ''}{536365 + number // 2}",
            number,
            stock_code=str(number % 4),
            quantity=-2 if number % 3 == 0 else number,
            customer_id=None if number % 4 == 1 else "17850",
        )
        for number in range(first, last)
    ]


def names_of_the_load() -> list[str]:
    copies = [CopyParquet(table, "") for table in ("stage_batch", "stage_file", "stage_line")]
    return [*(statement.name for statement in load_statements(copies)), "COMMIT"]


@pytest.fixture
def loaded(merger: Merger, warehouse: PostgreSQLWarehouse) -> PostgreSQLWarehouse:
    """A warehouse in which something stands already."""
    merger.lines(*lines(3, 7), time=LATER)
    return warehouse


def test_a_load_killed_before_any_statement_leaves_no_trace_and_is_done_by_the_next(
    loaded: PostgreSQLWarehouse, merger: Merger, conninfo_of: Callable[[Warehouse], str]
) -> None:
    copies = merger.stage(list(map(Arrival, lines())))
    before = everything(loaded)

    with loader(conninfo_of(loaded), copies) as die_before:
        for victim in names_of_the_load():
            assert die_before(victim) == -signal.SIGKILL, victim
            assert everything(loaded) == before, victim

    loaded.run(load_statements(copies))
    once = everything(loaded)
    loaded.run(load_statements(copies))
    assert everything(loaded) == once
    assert once != before


@contextmanager
def loader(conninfo: str, copies: list[CopyParquet]) -> Iterator[Callable[[str], int]]:
    """A process that loads until it dies before a statement, and tells how it ended."""
    command = [sys.executable, "-m", "tests.warehouse.killed_load", conninfo]
    with subprocess.Popen(
        [*command, *(copy.manifest for copy in copies)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asked, answers = process.stdin, process.stdout

        def die_before(victim: str) -> int:
            asked.write(f"{victim}\n")
            asked.flush()
            return int(answers.readline())

        yield die_before
        asked.close()


def test_two_loaders_of_one_batch_leave_what_one_does(
    loaded: PostgreSQLWarehouse, merger: Merger
) -> None:
    arrivals = list(map(Arrival, lines()))
    staged = [merger.stage(arrivals, file="lines/one") for _ in range(2)]

    together(*(lambda copies=copies: loaded.run(load_statements(copies)) for copies in staged))

    both = everything(loaded)
    merger.load(arrivals, file="lines/one")
    assert everything(loaded) == both
    assert len(both["load_audit"]) == len(both["load_file"]) == 2


def test_loaders_of_batches_that_overlap_leave_what_one_load_of_all_does(
    warehouse: PostgreSQLWarehouse, merger: Merger, other: Merger
) -> None:
    early = list(map(Arrival, lines(1, 7)))
    late = [Arrival(one._replace(quantity=77, country="EIRE"), LATER) for one in lines(4, 9)]
    batches = [merger.stage(batch) for batch in (late, early, early + late)]

    together(*(lambda copies=copies: warehouse.run(load_statements(copies)) for copies in batches))

    other.load([*early, *late])
    assert star(warehouse) == star(other.warehouse)


def test_two_who_migrate_at_once_leave_what_one_does(
    empty_warehouse: PostgreSQLWarehouse, warehouse: PostgreSQLWarehouse
) -> None:
    together(*[lambda: prepare_warehouse(empty_warehouse)] * 3)

    assert star(empty_warehouse) == star(warehouse)
    applied = empty_warehouse.execute("SELECT name FROM schema_migration").column("name")
    assert sorted(map(str, applied)) == [file.name for file in sql_files("migrations")]
    assert migrate(empty_warehouse) == []


def test_a_server_that_ends_in_the_middle_is_waited_for(
    warehouse: PostgreSQLWarehouse, merger: Merger, conninfo_of: Callable[[Warehouse], str]
) -> None:
    """Its connection is cut within the transaction, twice; the third try goes through."""
    cuts = iter(["20_lines.sql, statement 5", "60_end.sql, statement 3"])
    victim = [next(cuts)]
    killer = PostgreSQLWarehouse(conninfo_of(warehouse), fs.LocalFileSystem())

    def cut(name: str) -> None:
        if name == victim[0]:
            victim[0] = next(cuts, "")
            killer.execute(
                "SELECT PG_TERMINATE_BACKEND(pid) FROM pg_stat_activity"
                " WHERE datname = CURRENT_DATABASE() AND pid <> PG_BACKEND_PID()"
            )

    quick = RetryPolicy(attempts=3, first_wait_seconds=0.01, longest_wait_seconds=0.01)
    shaky = PostgreSQLWarehouse(conninfo_of(warehouse), fs.LocalFileSystem(), quick, before=cut)
    shaky.run(load_statements(merger.stage(list(map(Arrival, lines())))))

    assert victim == [""]
    assert len(star(warehouse)["fact_invoice_line"]) == 8
    assert len(everything(warehouse)["load_audit"]) == 1


def test_a_server_that_is_not_there_is_a_clear_failure(tmp_path: Path) -> None:
    quick = RetryPolicy(attempts=2, first_wait_seconds=0.01, longest_wait_seconds=0.01)
    nowhere = PostgreSQLWarehouse(f"host={tmp_path} dbname=x", fs.LocalFileSystem(), quick)

    with pytest.raises(WarehouseUnavailableError, match="the warehouse does not answer"):
        nowhere.execute("SELECT 1")


def together(*actions: Callable[[], object]) -> None:
    """Run all at once; what one raises is raised."""
    errors: list[BaseException] = []

    def guarded(action: Callable[[], object]) -> None:
        try:
            action()
        except BaseException as error:  # noqa: BLE001 - raised below
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=[action]) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    if errors:
        raise errors[0]


@pytest.fixture
def conninfo_of() -> Callable[[Warehouse], str]:
    def find(warehouse: Warehouse) -> str:
        assert isinstance(warehouse, PostgreSQLWarehouse)
        return warehouse._conninfo

    return find


@pytest.fixture
def other(server: Server, template: str, merger: Merger) -> Merger:
    """Loads into a second warehouse."""
    conninfo = database(server, f"other_{os.getpid()}", template)
    return Merger(PostgreSQLWarehouse(conninfo, fs.LocalFileSystem()), merger.staging)
