"""A load from lake to warehouse: what stands afterwards, whatever came before."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from connectors.postgresql import PostgreSQLWarehouse
from invoices.line import InvoiceLine
from tests.warehouse.lakes import FIRST_ARRIVAL, LakeBuilder, arrived, line
from tests.warehouse.merging import FACT_SCHEMA, Arrival, fact_rows
from warehouse.attempt import new_attempt
from warehouse.errors import LakeFileError, QualityError
from warehouse.line_kinds import CHARGES
from warehouse.load import Days, LoadReport, Places, backfill, load

SALE = [
    line(line_no=1),
    line(line_no=2, stock_code="22423", quantity=3, unit_price="12.75", description="CAKESTAND"),
    line(line_no=3, stock_code="POST", quantity=1, unit_price="18.00", description="POSTAGE"),
]
RETURN = [
    line(
        invoice_no="C536999",
        stock_code="22423",
        quantity=-2,
        unit_price="12.75",
        invoice_date=datetime(2010, 12, 9, 11, 0),
        description="CAKESTAND",
    )
]
FROM_THE_LAKE = ("arrival_time", "sequence_number", "batch_id")
LINES = "SELECT * FROM fact_invoice_line ORDER BY invoice_no, line_no"


def run(places: Places) -> LoadReport:
    return load(places, new_attempt(), lambda _: None)


def audit(report: LoadReport) -> dict[str, object]:
    assert report.audit is not None
    return dict(report.audit)


def test_every_line_stands_in_the_facts_to_the_last_decimal(
    places: Places, builder: LakeBuilder, warehouse: PostgreSQLWarehouse
) -> None:
    builder.write([*SALE, line(invoice_no="A1", unit_price="-11062.0625", stock_code="B")])

    report = run(places)

    rows = warehouse.execute(LINES).dicts()
    assert [(row["invoice_no"], row["line_no"]) for row in rows] == [
        ("536365", 1),
        ("536365", 2),
        ("536365", 3),
        ("A1", 1),
    ]
    assert [row["amount"] for row in rows] == [
        Decimal("15.3000"),
        Decimal("38.2500"),
        Decimal("18.0000"),
        Decimal("-66372.3750"),
    ]
    assert [row["line_kind"] for row in rows] == ["sale", "sale", "charge", "adjustment"]
    assert rows[0]["invoice_date"] == datetime(2010, 12, 1, 8, 26)
    assert audit(report)["amount_in"] == Decimal("-66300.8250")


def test_a_second_run_finds_nothing_new(places: Places, builder: LakeBuilder) -> None:
    builder.write(SALE)
    run(places)

    report = run(places)

    assert report.audit is None
    assert report.message == "nothing new: all 1 files of the lake are loaded"


def test_an_empty_lake_loads_nothing_and_says_so(places: Places) -> None:
    assert run(places).message == "the lake has no lines yet: nothing to load"


def test_only_new_files_are_read(places: Places, builder: LakeBuilder) -> None:
    builder.write(SALE)
    run(places)
    name = builder.write(RETURN)

    report = run(places)

    assert report.files == (name,)
    assert audit(report)["rows_in"] == 1


def test_a_doubled_file_changes_nothing(
    places: Places, builder: LakeBuilder, warehouse: PostgreSQLWarehouse
) -> None:
    name = builder.write(SALE)
    run(places)
    before = warehouse.execute(LINES).rows
    copy = builder.new_name(FIRST_ARRIVAL)
    Path(builder.lake.root, copy).write_bytes(Path(builder.lake.root, name).read_bytes())

    report = run(places)

    assert warehouse.execute(LINES).rows == before
    assert (audit(report)["rows_merged"], audit(report)["rows_skipped"]) == (0, 3)


def test_copies_within_a_batch_are_merged(
    places: Places, builder: LakeBuilder, warehouse: PostgreSQLWarehouse
) -> None:
    builder.write(SALE)
    builder.write(SALE)

    report = run(places)

    assert audit(report)["rows_in"] == 6
    assert audit(report)["rows_merged"] == 3
    assert len(warehouse.execute(LINES).rows) == 3


def test_spark_derives_what_the_plain_rules_say(
    places: Places, builder: LakeBuilder, warehouse: PostgreSQLWarehouse
) -> None:
    """Every kind of invoice with every kind of code, and text and times that are hard to carry."""
    codes = ["85123A", *CHARGES, *map(str.lower, CHARGES), "gift_0001_20", "TEST001", "DCGS0003"]
    odd = 'He said "hi", \\N\n\ttab; \N{POUND SIGN} \N{JAPANESE DOLLS} \\.'
    moments = [
        datetime(1, 1, 1),
        datetime(1899, 12, 31, 23, 59, 59, 999999),
        datetime(9999, 12, 31, 23, 59, 59),
    ]
    lines = [
        line(f"{letter}{number}", 1, code, quantity, customer_id=None)
        for letter in ("", "C", "A", "c")
        for number, code in enumerate(codes)
        for quantity in (-2, 0, 3)
        if (letter, quantity) != ("A", 0)
    ]
    lines = [one._replace(line_no=number) for number, one in enumerate(lines, start=1)]
    lines += [
        line("odd", number, invoice_date=moment, description=odd, country="Côte d'Ivoire")
        for number, moment in enumerate(moments, start=1)
    ]
    most = {"quantity": -(2**31), "unit_price": "9999999999.9999"}
    lines += [line("most", number, **most) for number in (1, 2, 3)]  # type: ignore[arg-type]
    builder.write(lines)

    report = run(places)

    columns = ", ".join(name for name in FACT_SCHEMA.names if name not in FROM_THE_LAKE)
    found = warehouse.execute(f"SELECT {columns} FROM fact_invoice_line")
    wanted = fact_rows([Arrival(one) for one in lines]).drop(list(FROM_THE_LAKE))
    assert set(found.rows) == {tuple(row.values()) for row in wanted.to_pylist()}
    assert audit(report)["amount_in"] == sum(one.amount for one in lines)


def test_a_backfill_puts_lost_and_wrong_lines_right(
    places: Places, builder: LakeBuilder, warehouse: PostgreSQLWarehouse
) -> None:
    builder.write(SALE)
    builder.write([line("540001")], FIRST_ARRIVAL + timedelta(days=2))
    run(places)
    before = state(warehouse)
    warehouse.execute("DELETE FROM fact_invoice_line WHERE line_no = 2")
    warehouse.execute("UPDATE fact_invoice_line SET quantity = 7 WHERE line_no = 1")

    day = FIRST_ARRIVAL.date()
    report = backfill(places, new_attempt(), Days(day, day + timedelta(days=2)), lambda _: None)

    assert state(warehouse) == before
    assert (audit(report)["kind"], audit(report)["rows_merged"]) == ("backfill", 3)


def test_a_backfill_of_days_without_lines_says_so(places: Places, builder: LakeBuilder) -> None:
    builder.write(SALE)
    day = FIRST_ARRIVAL.date() + timedelta(days=9)

    report = backfill(places, new_attempt(), Days(day, day), lambda _: None)

    assert report.message == f"the lake has no lines that arrived from {day} to {day}"


def state(warehouse: PostgreSQLWarehouse) -> list[object]:
    """Everything derived from lines, provenance left out."""
    tables = ("dim_customer", "dim_product", "dim_country", "fact_invoice", "return_sale")
    facts = (
        "SELECT invoice_no, line_no, quantity, amount, arrival_time FROM fact_invoice_line"
        " ORDER BY invoice_no, line_no"
    )
    return [
        warehouse.execute(facts).rows,
        *(sorted(map(str, warehouse.execute(f"SELECT * FROM {name}").rows)) for name in tables),
    ]


def cut_short(builder: LakeBuilder) -> str:
    name = builder.write(SALE)
    path = Path(builder.lake.root, name)
    path.write_bytes(path.read_bytes()[:-100])
    return name


def without_column(builder: LakeBuilder) -> str:
    name = builder.write(SALE)
    path = Path(builder.lake.root, name)
    rows = pyarrow.parquet.read_table(path, partitioning=None)
    pyarrow.parquet.write_table(rows.drop(["quantity"]), path)
    return name


def newer_version(builder: LakeBuilder) -> str:
    return builder.write([one._replace(schema_version=2) for one in SALE])


def newer_columns(builder: LakeBuilder) -> str:
    name = builder.write(SALE)
    path = Path(builder.lake.root, name)
    rows = pyarrow.parquet.read_table(path, partitioning=None)
    pyarrow.parquet.write_table(rows.append_column("discount", pa.nulls(3, pa.string())), path)
    return name


def torn_page(builder: LakeBuilder) -> str:
    """The footer is whole, a data page is not."""
    name = builder.write([line(str(number)) for number in range(500)])
    path = Path(builder.lake.root, name)
    data = bytearray(path.read_bytes())
    data[100:400] = bytes(300)
    path.write_bytes(bytes(data))
    return name


BAD_FILES: dict[Callable[[LakeBuilder], str], str] = {
    cut_short: "is not a whole Parquet file",
    without_column: "has no column quantity",
    newer_version: "holds lines of contract version 2, this release knows 1",
    newer_columns: "has columns this release does not know (discount)",
    torn_page: "cannot be read",
}


@pytest.mark.parametrize("spoil", BAD_FILES, ids=lambda spoil: spoil.__name__)
def test_a_bad_file_is_named_and_nothing_is_changed(
    spoil: Callable[[LakeBuilder], str],
    places: Places,
    builder: LakeBuilder,
    warehouse: PostgreSQLWarehouse,
) -> None:
    builder.write(RETURN)
    run(places)
    before = state(warehouse)
    builder.write([line("540001")])
    name = spoil(builder)

    with pytest.raises(LakeFileError) as caught:
        run(places)

    assert name in str(caught.value)
    assert BAD_FILES[spoil] in str(caught.value)
    assert state(warehouse) == before
    refused = warehouse.execute("SELECT detail FROM load_audit WHERE outcome = 'refused'").rows
    assert refused == ((str(caught.value),),)


def test_when_the_bad_file_is_put_right_the_same_work_is_done(
    places: Places, builder: LakeBuilder, warehouse: PostgreSQLWarehouse
) -> None:
    name = builder.write(SALE)
    path = Path(builder.lake.root, name)
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    with pytest.raises(LakeFileError):
        run(places)
    path.write_bytes(whole)

    run(places)

    assert len(warehouse.execute(LINES).rows) == 3


def test_a_null_in_a_required_column_stops_the_load_with_the_numbers(
    places: Places, builder: LakeBuilder, warehouse: PostgreSQLWarehouse
) -> None:
    rows = arrived(contract_rows([line(), line(line_no=0)]), FIRST_ARRIVAL)
    country = rows.schema.get_field_index("country")
    broken = rows.set_column(country, "country", pa.array(["EIRE", None]))
    builder.write_table(broken, FIRST_ARRIVAL)

    with pytest.raises(QualityError) as caught:
        run(places)

    assert str(caught.value) == "lines without country: 1, not 0; lines numbered below 1: 1, not 0"
    assert warehouse.execute(LINES).rows == ()
    assert warehouse.execute("SELECT * FROM load_file").rows == ()


def contract_rows(lines: list[InvoiceLine]) -> pa.Table:
    return pa.Table.from_pylist([one._asdict() for one in lines])


def test_what_is_staged_is_removed_after_the_load(
    places: Places, builder: LakeBuilder, tmp_path: Path
) -> None:
    builder.write(SALE)
    run(places)

    assert [path for path in (tmp_path / "staging").rglob("*") if path.is_file()] == []


def test_nothing_starts_spark_when_nothing_is_new(places: Places) -> None:
    def refuse() -> object:
        raise AssertionError("Spark was started")

    run(replace(places, spark=refuse))  # type: ignore[arg-type]
