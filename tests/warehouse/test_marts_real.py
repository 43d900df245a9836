"""The marts on the real file, each against a computation of its own, made of the rows alone.

Nothing here uses the warehouse's rules but the list of charges: sums are taken in ``Decimal``.
"""

from collections import Counter, defaultdict
from datetime import datetime
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import fs

from connectors.postgresql import PostgreSQLWarehouse
from connectors.postgresql_embedded import Server, database
from tests.warehouse.conftest import ONCE
from tests.warehouse.lakes import FIRST_ARRIVAL, arrived, real_lines
from tests.warehouse.merging import FACT_SCHEMA
from warehouse.batch import Batch, file_rows
from warehouse.lake_files import CheckedFile, LakeFile, batch_id
from warehouse.line_kinds import charge_kind
from warehouse.load import load_statements
from warehouse.quality import Sums
from warehouse.staging import Staging

REVENUE = Decimal("5761931.382")
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def source(real_file: Path) -> Rows:
    rows: Rows = arrived(real_lines(real_file), FIRST_ARRIVAL).to_pylist()
    for row in rows:
        row["amount"] = row["quantity"] * row["unit_price"]
        row["kind"] = kind_of_line(row)
        row["day"] = row["invoice_date"].date()
    return rows


def kind_of_line(row: dict[str, Any]) -> str:
    if row["invoice_no"].startswith("A"):
        return "adjustment"
    if charge_kind(row["stock_code"]):
        return "charge"
    if row["invoice_no"].startswith("C"):
        return "return"
    return "adjustment" if row["quantity"] < 0 else "sale"


@pytest.fixture(scope="module")
def loaded(
    server: Server, template: str, source: Rows, tmp_path_factory: pytest.TempPathFactory
) -> PostgreSQLWarehouse:
    conninfo = database(server, "real", template)
    warehouse = PostgreSQLWarehouse(conninfo, fs.LocalFileSystem(), ONCE)
    folder = Staging(fs.LocalFileSystem(), "file", str(tmp_path_factory.mktemp("real") / "staged"))
    facts = [
        {
            **row,
            "invoice_day": row["day"],
            "invoice_kind": {"C": "cancellation", "A": "adjustment"}.get(
                row["invoice_no"][0], "sale"
            ),
            "line_kind": row["kind"],
            "charge_kind": charge_kind(row["stock_code"]),
            "batch_id": "real",
        }
        for row in source
    ]
    file = LakeFile("lines/arrival_date=2026-01-05/arrival_hour=10/real", 1)
    batch = Batch(batch_id([file]), "run", "load", datetime(2026, 1, 6), (file,))
    sums = Sums(len(source), sum(row["quantity"] for row in source), total(source))
    warehouse.run(
        load_statements(
            [
                folder.write("stage_batch", batch.row(sums, sums)),
                folder.write("stage_file", file_rows([CheckedFile(file, len(source))])),
                folder.write("stage_line", pa.Table.from_pylist(facts, FACT_SCHEMA)),
            ]
        )
    )
    return warehouse


def total(rows: Rows) -> Decimal:
    return sum((row["amount"] for row in rows), Decimal(0))


def by(rows: Rows, key: str) -> dict[Any, Rows]:
    found: dict[Any, Rows] = defaultdict(list)
    for row in rows:
        found[row[key]].append(row)
    return found


def invoices(source: Rows) -> Rows:
    """One row an invoice; in the real file none has two customers, and few two times."""
    found = []
    for number, lines in by(source, "invoice_no").items():
        first = min(lines, key=lambda line: line["line_no"])
        found.append({**first, "invoice_no": number, "amount": total(lines)})
    return found


def sales(source: Rows) -> Rows:
    return [one for one in invoices(source) if one["invoice_no"][0] not in "CA"]


def test_the_revenue_is_exact_wherever_it_is_summed(loaded: PostgreSQLWarehouse) -> None:
    for query in (
        "SELECT SUM(amount) FROM fact_invoice_line",
        "SELECT SUM(total) FROM fact_invoice",
        "SELECT SUM(revenue) FROM mart_revenue_by_day",
        "SELECT SUM(sales + returns + charges + adjustments) FROM mart_revenue_by_day",
        "SELECT SUM(revenue) FROM mart_revenue_by_month",
        "SELECT SUM(revenue) FROM mart_revenue_by_country",
    ):
        assert loaded.execute(query).rows == ((REVENUE,),), query


def test_lines_invoices_and_customers_are_those_of_the_file(loaded: PostgreSQLWarehouse) -> None:
    counts = (
        "SELECT (SELECT COUNT(*) FROM {}), (SELECT COUNT(*) FROM {}), (SELECT COUNT(*) FROM {})"
    )
    found = loaded.execute(counts.format("fact_invoice_line", "fact_invoice", "dim_customer"))
    assert found.rows == ((320_705, 16_459, 3_360),)


@pytest.mark.parametrize(
    ("mart", "column", "key"),
    [
        ("mart_revenue_by_day", "day", "day"),
        ("mart_revenue_by_country", "country", "country"),
    ],
)
def test_revenue_by_day_and_country(
    mart: str, column: str, key: str, loaded: PostgreSQLWarehouse, source: Rows
) -> None:
    found = loaded.execute(f"SELECT {column}, revenue, sales, returns, invoices, lines FROM {mart}")

    assert {row[0]: row[1:] for row in found.rows} == {
        value: (
            total(rows),
            total([row for row in rows if row["kind"] == "sale"]),
            total([row for row in rows if row["kind"] == "return"]),
            len({row["invoice_no"] for row in rows}),
            len(rows),
        )
        for value, rows in by(source, key).items()
    }


def test_average_sale(loaded: PostgreSQLWarehouse, source: Rows) -> None:
    months: dict[Any, list[Decimal]] = defaultdict(list)
    for one in sales(source):
        months[one["day"].replace(day=1)].append(one["amount"])

    found = loaded.execute("SELECT month_start, sales, average_sale FROM mart_average_sale").rows

    assert {row[0]: row[1:] for row in found} == {
        month: (len(values), (sum(values, Decimal(0)) / len(values)).quantize(Decimal("0.0001")))
        for month, values in months.items()
    }


def test_products_and_customers_by_value(loaded: PostgreSQLWarehouse, source: Rows) -> None:
    goods = [row for row in source if row["kind"] in {"sale", "return"}]
    wanted = {code: total(rows) for code, rows in by(goods, "stock_code").items()}
    found = loaded.execute("SELECT stock_code, revenue FROM mart_products_by_value ORDER BY place")
    assert {row[0]: row[1] for row in found.rows} == wanted
    assert list(found.rows) == sorted(wanted.items(), key=lambda item: (-item[1], item[0]))

    spent = {
        customer: total(rows)
        for customer, rows in by(source, "customer_id").items()
        if customer is not None
    }
    found = loaded.execute("SELECT customer_id, revenue FROM mart_customers_by_value")
    assert {row[0]: row[1] for row in found.rows} == spent


def test_return_rate(loaded: PostgreSQLWarehouse, source: Rows) -> None:
    goods = by([row for row in source if row["kind"] in {"sale", "return"}], "stock_code")

    found = loaded.execute(
        "SELECT stock_code, units_sold, units_returned FROM mart_return_rate_by_product"
    )

    assert {row[0]: row[1:] for row in found.rows} == {
        code: (
            sum(row["quantity"] for row in rows if row["kind"] == "sale"),
            -sum(row["quantity"] for row in rows if row["kind"] == "return"),
        )
        for code, rows in goods.items()
    }


def test_rfm_measures_and_fifths(loaded: PostgreSQLWarehouse, source: Rows) -> None:
    today = max(row["day"] for row in source)
    bought = by([one for one in sales(source) if one["customer_id"]], "customer_id")
    wanted = {
        customer: (
            (today - max(one["day"] for one in own)).days,
            len(own),
            total(own),
        )
        for customer, own in bought.items()
    }

    rows = loaded.execute("SELECT * FROM mart_customer_rfm").dicts()

    assert {
        row["customer_id"]: (row["recency_days"], row["frequency"], row["monetary"]) for row in rows
    } == wanted
    for score in ("recency_score", "frequency_score", "monetary_score"):
        sizes = Counter(row[score] for row in rows)
        assert set(sizes) == {1, 2, 3, 4, 5}
        assert max(sizes.values()) - min(sizes.values()) <= 1


def test_cohorts_and_repeat_rate(loaded: PostgreSQLWarehouse, source: Rows) -> None:
    bought = by([one for one in sales(source) if one["customer_id"]], "customer_id")
    active: Counter[tuple[Any, int]] = Counter()
    repeat: dict[Any, list[bool]] = defaultdict(list)
    for own in bought.values():
        first = min(one["day"] for one in own).replace(day=1)
        months = {
            12 * (one["day"].year - first.year) + one["day"].month - first.month for one in own
        }
        active.update((first, since) for since in months)
        repeat[first].append(len(own) > 1)

    cohorts = loaded.execute(
        "SELECT cohort_month, months_since, active_customers FROM mart_customer_cohorts"
    )
    rates = loaded.execute("SELECT cohort_month, customers, repeat_customers FROM mart_repeat_rate")

    assert {(row[0], row[1]): row[2] for row in cohorts.rows} == dict(active)
    assert {row[0]: row[1:] for row in rates.rows} == {
        month: (len(again), sum(again)) for month, again in repeat.items()
    }


def test_basket_pairs(loaded: PostgreSQLWarehouse, source: Rows) -> None:
    baskets = {
        number: {row["stock_code"] for row in rows}
        for number, rows in by(
            [row for row in source if row["kind"] == "sale"], "invoice_no"
        ).items()
    }
    held = Counter(code for basket in baskets.values() for code in basket)
    frequent = {code for code, count in held.items() if count * 50 >= len(baskets)}
    pairs = Counter(
        pair for basket in baskets.values() for pair in combinations(sorted(basket & frequent), 2)
    )

    found = loaded.execute(
        "SELECT first_stock_code, second_stock_code, sales_together FROM mart_basket_pairs"
    )

    assert {row[:2]: row[2] for row in found.rows} == {
        pair: count for pair, count in pairs.items() if count * 200 >= len(baskets)
    }
