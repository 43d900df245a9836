"""Any order, duplication and cut of the deliveries leaves the same warehouse."""

from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.postgresql import PostgreSQLWarehouse
from invoices.line import InvoiceLine
from tests.warehouse.lakes import FIRST_ARRIVAL
from tests.warehouse.merging import Arrival, Merger, first_of_each
from tests.warehouse.model import Model, Row

TABLES = (
    *("load_audit", "load_file", "fact_invoice_line", "fact_invoice", "return_sale"),
    *("dim_customer", "dim_product", "dim_country"),
)
QUERIES = {
    "fact_invoice": "SELECT invoice_no, kind, invoice_date, customer_id, country, lines, units,"
    " total FROM fact_invoice",
    "dim_customer": "SELECT * FROM dim_customer",
    "dim_product": "SELECT stock_code, description, kind, first_sold, last_sold FROM dim_product",
    "dim_country": "SELECT country FROM dim_country",
    "return_sale": "SELECT invoice_no, line_no, sale_invoice_no, sale_line_no, likelihood,"
    " days_kept FROM return_sale",
}
DAYS = [datetime(2011, 3, day, 9, 30) for day in (1, 2, 3)]

lines = st.builds(
    InvoiceLine,
    schema_version=st.just(1),
    invoice_no=st.sampled_from(["536365", "536366", "C536400", "A563185"]),
    line_no=st.integers(1, 3),
    stock_code=st.sampled_from(["85123A", "22423", "m"]),
    description=st.sampled_from([None, "HEART", " CAKESTAND", "damaged?", " "]),
    quantity=st.sampled_from([-6, -1, 1, 6]),
    invoice_date=st.sampled_from(DAYS),
    unit_price=st.sampled_from([Decimal("0.0000"), Decimal("2.5500"), Decimal("12.7501")]),
    customer_id=st.sampled_from([None, "17850", "13047"]),
    country=st.sampled_from(["United Kingdom", "EIRE", "Atlantis"]),
)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Arrival], list[list[Arrival]]]:
    """Arrivals, and batches of them in any order, some delivered twice."""
    drawn = draw(st.lists(lines, min_size=1, max_size=14))
    arrivals = [
        Arrival(line, FIRST_ARRIVAL + timedelta(seconds=number // 2), f"{number:03d}")
        for number, line in enumerate(drawn)
    ]
    again = draw(st.lists(st.sampled_from(arrivals), max_size=4))
    order = draw(st.permutations([*arrivals, *again]))
    cuts = sorted(draw(st.sets(st.integers(1, len(order)), max_size=3)))
    return arrivals, [order[a:b] for a, b in zip([0, *cuts], [*cuts, len(order)], strict=True)]


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(delivered=deliveries())
def test_the_end_state_is_that_of_the_lines_that_stand(
    delivered: tuple[list[Arrival], list[list[Arrival]]],
    merger: Merger,
    warehouse: PostgreSQLWarehouse,
) -> None:
    arrivals, batches = delivered
    for table in TABLES:
        warehouse.execute(f"TRUNCATE {table}")

    for batch in batches:
        if batch:
            merger.load(batch)

    assert lines_of(warehouse) == {
        (*arrival.line[:-1], arrival.time, arrival.sequence) for arrival in first_of_each(arrivals)
    }
    model = Model(arrivals)
    for table, query in QUERIES.items():
        found = warehouse.execute(query).rows
        assert set(found) == getattr(model, table)(), table
        assert len(set(found)) == len(found), table


def lines_of(warehouse: PostgreSQLWarehouse) -> set[Row]:
    rows: tuple[Row, ...] = warehouse.execute(
        "SELECT schema_version, invoice_no, line_no, stock_code, description, quantity,"
        " invoice_date, unit_price, customer_id, country, arrival_time, sequence_number"
        " FROM fact_invoice_line"
    ).rows
    assert len(set(rows)) == len(rows)
    return set(rows)
