"""Reconciliation over a folder and memory: exact when all is well, and each break is caught."""

import base64
import csv
import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from connectors.dynamodb.memory import MemoryStore
from connectors.lake import INVOICES_SCHEMA, LINES_SCHEMA, REJECTED_SCHEMA, Lake
from flink_job.write_documents import DocumentWriter
from invoices.contract import BY_NAME
from invoices.invoice import Invoice, group_lines, merge_lines
from invoices.line import InvoiceLine, date_text, money_text
from invoices.record import encode_line
from ops.reconcile import Stores, reconcile
from ops.reconciliation.deliveries import Deliveries
from ops.reconciliation.ledger import LedgerEntry
from ops.reconciliation.report import Report
from ops.reconciliation.source import COLUMNS
from ops.stages import Stages

ARRIVED = datetime(2024, 5, 6, 7, 8, 9)
SHARD = "shardId-000000000000"

Row = dict[str, Any]


def line(invoice_no: str, line_no: int, **changes: object) -> InvoiceLine:
    values: dict[str, object] = {
        "schema_version": 1,
        "invoice_no": invoice_no,
        "line_no": line_no,
        "stock_code": "85123A",
        "description": "CANDLE HOLDER ",
        "quantity": 6,
        "invoice_date": datetime(2011, 8, 1, 8, 26),
        "unit_price": Decimal("2.5500"),
        "customer_id": "17850",
        "country": "United Kingdom",
    }
    return InvoiceLine(**(values | changes))  # type: ignore[arg-type]


LINES = (
    line("536365", 1),
    line("536365", 2, stock_code="M", description=None, unit_price=Decimal("0.001")),
    line("C536379", 1, quantity=-3, unit_price=Decimal("27.5")),
    line("536381", 1, customer_id=None, country="France"),
    line("536381", 2, customer_id=None, country="France", quantity=10_000),
    *(line("536400", number, customer_id="12345") for number in range(1, 56)),
)
REVENUE = "26289.606"


class World:
    """A source, a lake in a folder, documents in memory; all exact to begin with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = folder / "invoices.csv"
        self.lines: list[Row] = [line_row(place, one) for place, one in enumerate(LINES)]
        self.revisions: list[Row] = [
            revision_row(invoice, place)
            for whole in group_lines(LINES).values()
            for place, invoice in enumerate([merge_lines(whole.lines[:1]), whole])
        ]
        self.rejected: list[Row] = []
        self.deliveries = Deliveries(len(LINES), {SHARD: sequence_number(0)})
        self.documents = MemoryStore()
        write_documents(self.documents, group_lines(LINES).values())
        write_source(self.source, LINES)

    def reject(self, invoice_no: str, line_no: int, payload: bytes | None = None) -> LedgerEntry:
        """The line was damaged on its way and set aside; what it left in the stores goes."""
        of_line = (invoice_no, line_no)
        kept = [one for one in LINES if one.identity != of_line]
        gone = next(place for place, one in enumerate(LINES) if one.identity == of_line)
        self.lines = [row for row in self.lines if (row["invoice_no"], row["line_no"]) != of_line]
        self.revisions = [revision_row(invoice, 0) for invoice in group_lines(kept).values()]
        self.documents = MemoryStore()
        write_documents(self.documents, group_lines(kept).values())
        self.rejected.append(rejected_row(gone, payload or encode_line(LINES[gone])))
        return LedgerEntry(SHARD, sequence_number(gone), invoice_no, line_no, "truncated_json")

    def report(self, ledger: list[LedgerEntry] | None = None) -> Report:
        for name, rows, schema in (
            ("lines", self.lines, LINES_SCHEMA),
            ("invoices", self.revisions, INVOICES_SCHEMA),
            ("rejected", self.rejected, REJECTED_SCHEMA),
        ):
            folder = self.folder / "lake" / name / "arrival_date=2024-05-06/arrival_hour=07"
            folder.mkdir(parents=True)
            half = len(rows) // 2
            for number, some in enumerate((rows[:half], rows[half:])):
                pq.write_table(pa.Table.from_pylist(some, schema), folder / f"{number}.parquet")
        stores = Stores(
            lake=Lake(fs.LocalFileSystem(), str(self.folder / "lake")),
            invoices=self.documents.scan_invoices,
            customers=self.documents.scan_customers,
            deliveries=lambda: self.deliveries,
        )
        return reconcile(self.source, stores, ledger, Stages())


def sequence_number(place: int) -> str:
    return f"{49_500_000_000 + place:020d}"


def origin(place: int) -> Row:
    return {
        "arrival_time": ARRIVED + timedelta(seconds=place),
        "shard_id": SHARD,
        "sequence_number": sequence_number(place),
    }


def line_row(place: int, one: InvoiceLine) -> Row:
    return one._asdict() | origin(place)


def revision_row(invoice: Invoice, previous: int) -> Row:
    return {
        "invoice_no": invoice.invoice_no,
        "revision": invoice.revision,
        "previous_revision": previous,
        "kind": invoice.kind.value,
        "invoice_date": invoice.invoice_date,
        "customer_id": invoice.customer_id,
        "country": invoice.country,
        "units": invoice.units,
        "total": invoice.total,
        "arrival_time": ARRIVED,
        "lines": [one._asdict() for one in invoice.lines],
    }


def rejected_row(place: int, payload: bytes) -> Row:
    return origin(place) | {
        "reason": "malformed_json",
        "detail": "the text is not one JSON value",
        "payload": base64.b64encode(payload).decode(),
        "element": None,
        "invoice_no": None,
        "line_no": None,
    }


def write_source(path: Path, lines: Iterable[InvoiceLine]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for one in lines:
            cells = [getattr(one, BY_NAME[name].column) for name in COLUMNS]
            writer.writerow(["" if cell is None else cell for cell in cells])


def write_documents(store: MemoryStore, invoices: Iterable[Invoice]) -> None:
    batch = [
        {
            "invoice_no": invoice.invoice_no,
            "revision": invoice.revision,
            "previous_revision": 0,
            "lines": [document_line(one) for one in invoice.lines],
        }
        for invoice in invoices
    ]
    writer = DocumentWriter(lambda: store)
    writer.open()
    writer.write_batch(orjson.dumps(batch))
    writer.close()


def document_line(one: InvoiceLine) -> list[object]:
    date, price = date_text(one.invoice_date), money_text(one.unit_price)
    values = one._replace(invoice_date=date, unit_price=price)  # type: ignore[arg-type]
    return list(values[2:-1])


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def found(report: Report) -> set[tuple[str, str, str]]:
    return {(one.check, one.kind, one.key) for one in report.mismatches}


def test_exact_stores_have_no_mismatch_and_the_figures_are_those_of_the_source(
    world: World,
) -> None:
    report = json.loads(world.report().to_json())
    assert report["mismatches"] == []
    remarks = {name: report.pop(name) for name in ("checks", "notes", "seconds")}
    assert report == {
        "source_lines": 60,
        "source_unreadable_rows": 0,
        "accepted_lines": 60,
        "rejected_lines": 0,
        "duplicates_dropped": 0,
        "invoices": 4,
        "customers": 2,
        "revenue": REVENUE,
        "mismatches": [],
    }
    assert list(remarks["checks"].values()) == [True] * 8


def test_an_empty_lake_misses_every_line(world: World) -> None:
    world.lines, world.revisions, world.documents = [], [], MemoryStore()
    report = world.report()
    assert report.accepted_lines == 0
    assert {one.kind for one in report.mismatches} == {"missing"}
    assert len(report.mismatches) == len(LINES)


def lose_a_line(world: World) -> None:
    world.lines.pop(7)


def change_a_price(world: World) -> None:
    world.lines[0]["unit_price"] = Decimal("2.5600")


def change_a_description_to_null(world: World) -> None:
    world.lines[0]["description"] = None


def add_a_line_nobody_sent(world: World) -> None:
    world.lines.append(line_row(60, line("536365", 3)))


def change_a_revisions_total(world: World) -> None:
    world.revisions[-1]["total"] += Decimal("0.0001")


def change_a_revisions_customer(world: World) -> None:
    world.revisions[-1]["customer_id"] = "99999"


def change_a_line_in_the_last_revision(world: World) -> None:
    world.revisions[-1]["lines"][4]["quantity"] = 5
    world.revisions[-1]["lines"][5]["quantity"] = 7


def lose_the_last_revision(world: World) -> None:
    world.revisions.pop()


def part(world: World, invoice_no: str, number: int) -> dict[str, str | int]:
    return world.documents.invoices[invoice_no][number]


def change_a_total_in_a_document(world: World) -> None:
    part(world, "536365", 0)["@Total"] = "15.31"


def change_a_line_in_a_document(world: World) -> None:
    attributes = part(world, "536400", 1)
    attributes["85123A"] = str(attributes["85123A"]).replace('"2.55"', '"2.56"', 1)


def make_a_document_stale(world: World) -> None:
    del world.documents.invoices["536400"]
    write_documents(world.documents, [merge_lines(LINES[5:10])])


def lose_an_invoice_document(world: World) -> None:
    del world.documents.invoices["C536379"]


def write_an_amount_as_a_float(world: World) -> None:
    attributes = part(world, "536400", 1)
    attributes["85123A"] = str(attributes["85123A"]).replace('"2.55"', "2.55")


def lose_a_customer(world: World) -> None:
    del world.documents.customers["12345"]


def move_a_purchase_to_another_month(world: World) -> None:
    months = world.documents.customers["12345"]
    months["2011-09"] = months.pop("2011-08") | {"Part": "2011-09"}


def change_a_purchases_total(world: World) -> None:
    months = world.documents.customers["12345"]
    months["2011-08"]["536400"] = str(months["2011-08"]["536400"]).replace("841.50", "841.51")


Break = Callable[[World], None]

BREAKS: dict[Break, set[tuple[str, str, str]]] = {
    lose_a_line: {
        ("rejected/ = source - lines/", "missing", "536400/3"),
        ("invoices/ = lines/", "unexpected", "536400/3"),
        ("Invoices' lines = lines/", "unexpected", "536400/3"),
        ("Invoices' totals = lines/", "different", "536400"),
        ("Customers = lines/", "different", "12345/2011-08/536400"),
    },
    change_a_price: {
        ("lines/ = source", "different", "536365/1"),
        ("invoices/ = lines/", "different", "536365/1"),
        ("Invoices' lines = lines/", "different", "536365/1"),
        ("Invoices' totals = lines/", "different", "536365"),
        ("Customers = lines/", "different", "17850/2011-08/536365"),
    },
    change_a_description_to_null: {
        ("lines/ = source", "different", "536365/1"),
        ("invoices/ = lines/", "different", "536365/1"),
        ("Invoices' lines = lines/", "different", "536365/1"),
    },
    add_a_line_nobody_sent: {
        ("lines/ = source", "unexpected", "536365/3"),
        ("invoices/ = lines/", "missing", "536365/3"),
        ("Invoices' lines = lines/", "missing", "536365/3"),
        ("Invoices' totals = lines/", "different", "536365"),
        ("Customers = lines/", "different", "17850/2011-08/536365"),
    },
    change_a_revisions_total: {("every revision in invoices/ adds up", "different", "536400/7")},
    change_a_revisions_customer: {("every revision in invoices/ adds up", "different", "536400/7")},
    change_a_line_in_the_last_revision: {
        ("invoices/ = lines/", "different", "536400/5"),
        ("invoices/ = lines/", "different", "536400/6"),
    },
    lose_the_last_revision: {
        ("invoices/ = lines/", "missing", f"536400/{number}") for number in range(2, 56)
    },
    change_a_total_in_a_document: {("Invoices' totals = lines/", "different", "536365")},
    change_a_line_in_a_document: {("Invoices' lines = lines/", "different", "536400/51")},
    make_a_document_stale: {
        *(("Invoices' lines = lines/", "missing", f"536400/{number}") for number in range(6, 56)),
        ("Invoices' totals = lines/", "different", "536400"),
    },
    lose_an_invoice_document: {
        ("Invoices' lines = lines/", "missing", "C536379/1"),
        ("Invoices' totals = lines/", "missing", "C536379"),
    },
    write_an_amount_as_a_float: {
        ("every document can be read", "unreadable", "536400/1"),
        *(("Invoices' lines = lines/", "missing", f"536400/{number}") for number in range(51, 56)),
    },
    lose_a_customer: {("Customers = lines/", "missing", "12345/2011-08/536400")},
    move_a_purchase_to_another_month: {
        ("Customers = lines/", "missing", "12345/2011-08/536400"),
        ("Customers = lines/", "unexpected", "12345/2011-09/536400"),
    },
    change_a_purchases_total: {("Customers = lines/", "different", "12345/2011-08/536400")},
}


@pytest.mark.parametrize("break_it", BREAKS, ids=lambda one: one.__name__)
def test_a_store_that_is_broken_is_caught_where_it_is_broken(world: World, break_it: Break) -> None:
    break_it(world)
    assert found(world.report()) == BREAKS[break_it]


def test_what_differs_is_said_with_both_values(world: World) -> None:
    change_a_price(world)
    details = [one.detail for one in world.report().mismatches]
    assert "unit_price is 2.5500 in the source, 2.5600 in lines/" in details


def test_copies_are_merged_and_the_earliest_stands(world: World) -> None:
    later = line_row(90, LINES[0]._replace(quantity=7))
    world.lines.insert(0, later)
    report = world.report()
    assert report.mismatches == []
    assert report.notes == [
        "1 copies in lines/, as a restart without state leaves them, were merged"
    ]


def test_after_a_restart_without_state_all_revisions_together_are_the_invoice(
    world: World,
) -> None:
    invoice = merge_lines(one for one in LINES if one.invoice_no == "536400")
    world.revisions[-2:] = [
        revision_row(merge_lines(invoice.lines[:30]), 0),
        revision_row(merge_lines(invoice.lines[30:]), 0),
    ]
    report = world.report()
    assert report.mismatches == []
    assert report.notes == [
        "25 lines are in earlier revisions only, as after a restart without state"
    ]


def test_a_damaged_line_is_found_in_rejected_by_its_place(world: World) -> None:
    entry = world.reject("536400", 7, b"\xff\xfe")
    report = world.report([entry])
    assert report.mismatches == []
    assert (report.accepted_lines, report.rejected_lines) == (59, 1)
    assert report.duplicates_dropped == 0


def test_a_damaged_line_that_is_not_in_rejected_is_caught(world: World) -> None:
    entry = world.reject("536400", 7)
    world.rejected = []
    assert found(world.report([entry])) == {("rejected/ = source - lines/", "missing", "536400/7")}


def test_a_record_set_aside_that_nobody_damaged_is_caught(world: World) -> None:
    world.reject("536400", 7)
    assert found(world.report([])) == {
        ("rejected/ = source - lines/", "missing", "536400/7"),
        ("rejected/ = source - lines/", "unexpected", f"{SHARD}/{sequence_number(11)}"),
    }


def test_without_a_ledger_a_rejected_line_is_known_by_what_can_be_read_of_it(
    world: World,
) -> None:
    world.reject("536400", 7, encode_line(LINES[11])[:-20])
    report = world.report()
    assert (report.mismatches, report.notes) == ([], [])


def test_without_a_ledger_what_cannot_be_read_is_matched_by_count_and_that_is_said(
    world: World,
) -> None:
    world.reject("536400", 7, b"\xff\xfe")
    report = world.report()
    assert report.mismatches == []
    assert "matched with them by count alone" in report.notes[0]


def test_without_a_ledger_a_lost_rejected_file_is_caught(world: World) -> None:
    world.reject("536400", 7)
    world.rejected = []
    assert found(world.report()) == {("rejected/ = source - lines/", "missing", "536400/7")}


def test_duplicates_are_deliveries_that_are_in_no_store(world: World) -> None:
    world.deliveries = Deliveries(len(LINES) + 3, {SHARD: sequence_number(0)})
    assert world.report().duplicates_dropped == 3


def test_a_stream_that_no_longer_holds_all_cannot_say_how_many_duplicates_there_were(
    world: World,
) -> None:
    world.deliveries = Deliveries(len(LINES) - 5, {SHARD: sequence_number(5)})
    report = world.report()
    assert report.duplicates_dropped is None
    assert report.mismatches == []


def test_a_row_that_cannot_be_read_is_counted_and_keeps_its_number(world: World) -> None:
    with world.source.open("a", encoding="utf-8") as file:
        file.write("536365,22,LAMP,one,2011-08-01 08:26:00,2.55,17850,United Kingdom\n")
        file.write("536365,22,LAMP,1,2011-08-01 08:26:00,2.55,17850,United Kingdom\n")
    report = world.report()
    assert (report.source_lines, report.source_unreadable_rows) == (61, 1)
    assert found(report) == {("rejected/ = source - lines/", "missing", "536365/4")}
    assert report.notes[0] == "row 62: Quantity 'one' is no 32-bit integer"
