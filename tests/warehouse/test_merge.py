"""What stands in the warehouse after lines were merged, whatever came before them."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from connectors.postgresql import PostgreSQLWarehouse
from connectors.warehouse_port import StatementError
from tests.warehouse.lakes import FIRST_ARRIVAL, line
from tests.warehouse.merging import Arrival, Merger
from warehouse.load import load_statements

SALE = [
    line(line_no=1),
    line(line_no=2, stock_code="22423", quantity=3, unit_price="12.75", description="CAKESTAND"),
    line(line_no=3, stock_code="POST", quantity=1, unit_price="18.00", description="POSTAGE"),
]
RETURN = line(
    invoice_no="C536999",
    stock_code="22423",
    quantity=-2,
    unit_price="12.75",
    invoice_date=datetime(2010, 12, 9, 11, 0),
    description="CAKESTAND",
)
MARCH, MAY = datetime(2011, 3, 1), datetime(2011, 5, 1)


def test_lines_keep_every_decimal_and_tell_their_kind(
    merger: Merger, warehouse: PostgreSQLWarehouse
) -> None:
    merger.lines(*SALE, line(invoice_no="A1", unit_price="-11062.0625", stock_code="B"))

    rows = warehouse.execute(
        "SELECT invoice_no, line_no, amount, line_kind, charge_kind FROM fact_invoice_line"
        " ORDER BY invoice_no, line_no"
    ).rows

    assert rows == (
        ("536365", 1, Decimal("15.3000"), "sale", None),
        ("536365", 2, Decimal("38.2500"), "sale", None),
        ("536365", 3, Decimal("18.0000"), "charge", "postage"),
        ("A1", 1, Decimal("-66372.3750"), "adjustment", "bad debt"),
    )


def test_the_largest_amounts_the_contract_allows_are_summed_exactly(
    merger: Merger, warehouse: PostgreSQLWarehouse
) -> None:
    most = {"quantity": 2**31 - 1, "unit_price": "9999999999.9999"}
    merger.lines(*(line(line_no=number, **most) for number in (1, 2, 3)))  # type: ignore[arg-type]

    total = warehouse.execute("SELECT total FROM fact_invoice").rows

    assert total == ((3 * (2**31 - 1) * Decimal("9999999999.9999"),),)


@pytest.mark.parametrize("first_loaded", ["earlier", "later"])
def test_of_conflicting_copies_the_earliest_arrival_stands(
    first_loaded: str, merger: Merger, warehouse: PostgreSQLWarehouse
) -> None:
    other = line(quantity=600, country="EIRE", customer_id="12345", stock_code="99999")
    pair = [
        [Arrival(line(), FIRST_ARRIVAL)],
        [Arrival(other, FIRST_ARRIVAL + timedelta(hours=1))],
    ]
    for arrivals in pair if first_loaded == "earlier" else reversed(pair):
        merger.load(arrivals)

    assert warehouse.execute("SELECT quantity, country FROM fact_invoice_line").rows == (
        (6, "United Kingdom"),
    )
    assert warehouse.execute("SELECT customer_id FROM dim_customer").rows == (("17850",),)
    assert warehouse.execute("SELECT stock_code FROM dim_product").rows == (("85123A",),)
    assert warehouse.execute("SELECT country FROM dim_country").rows == (("United Kingdom",),)


def test_of_copies_that_came_at_one_moment_the_lowest_sequence_number_stands(
    merger: Merger, warehouse: PostgreSQLWarehouse
) -> None:
    merger.load([Arrival(line(quantity=1), sequence=None)])
    merger.load([Arrival(line(quantity=3), sequence="0003")])
    merger.load([Arrival(line(quantity=2), sequence="0002")])

    assert warehouse.execute("SELECT quantity FROM fact_invoice_line").rows == ((2,),)


def test_a_late_line_gives_its_invoice_a_new_header(
    merger: Merger, warehouse: PostgreSQLWarehouse
) -> None:
    late = FIRST_ARRIVAL + timedelta(weeks=3)
    merger.lines(*SALE[1:])
    first = SALE[0]._replace(
        customer_id=None, invoice_date=datetime(2010, 11, 30, 8, 0), country="EIRE"
    )
    merger.lines(first, time=late)

    assert warehouse.execute("SELECT * FROM fact_invoice").dicts() == [
        {
            "invoice_no": "536365",
            "kind": "sale",
            "invoice_date": datetime(2010, 11, 30, 8, 0),
            "invoice_day": date(2010, 11, 30),
            "customer_id": "17850",
            "country": "EIRE",
            "lines": 3,
            "units": 10,
            "total": Decimal("71.5500"),
            "first_arrival": FIRST_ARRIVAL,
            "last_arrival": late,
        }
    ]


def test_a_return_is_linked_to_a_sale_that_came_after_it(
    merger: Merger, warehouse: PostgreSQLWarehouse
) -> None:
    links = (
        "SELECT invoice_no, sale_invoice_no, sale_line_no, likelihood, days_kept FROM return_sale"
    )
    merger.lines(RETURN)
    assert warehouse.execute(links).rows == ()

    merger.lines(*SALE)

    assert warehouse.execute(links).rows == (("C536999", "536365", 2, "high", 8),)


@pytest.mark.parametrize(
    ("sales", "linked", "likelihood"),
    [
        ({"1": {"unit_price": "12.75"}, "2": {"unit_price": "11"}}, "1", "high"),
        ({"1": {"quantity": 2}, "2": {"quantity": 1}}, "1", "high"),
        ({"1": {"quantity": 1}, "2": {"unit_price": "11"}}, "1", "medium"),
        ({"1": {"quantity": 1, "unit_price": "9"}}, "1", "low"),
        ({"1": {}, "2": {"invoice_date": datetime(2010, 12, 5)}}, "2", "high"),
        ({"1": {"invoice_date": MAY}}, None, None),
        ({"1": {"customer_id": "9"}}, None, None),
        ({"1": {"stock_code": "X"}}, None, None),
        ({"1": {"customer_id": None}}, None, None),
    ],
)
def test_the_likeliest_sale_is_linked(
    sales: dict[str, dict[str, object]],
    linked: str | None,
    likelihood: str | None,
    merger: Merger,
    warehouse: PostgreSQLWarehouse,
) -> None:
    sold = {"stock_code": "22423", "quantity": 3, "unit_price": "12.75"}
    merger.lines(RETURN, *(line(number, **{**sold, **own}) for number, own in sales.items()))  # type: ignore[arg-type]

    found = warehouse.execute("SELECT sale_invoice_no, likelihood FROM return_sale").rows

    assert found == (((linked, likelihood),) if linked else ())


def test_a_product_is_described_by_its_most_recent_priced_sale(
    merger: Merger, warehouse: PostgreSQLWarehouse
) -> None:
    merger.lines(
        line(description=" HEART HOLDER "),
        line("540001", description="HEART LIGHT HOLDER ", invoice_date=MARCH),
        line("550001", quantity=-5, unit_price="0", description="damaged", invoice_date=MAY),
        line("550002", description=None, invoice_date=MAY),
    )
    merger.lines(line("530001", description="OLD NAME", invoice_date=datetime(2010, 1, 1)))

    found = warehouse.execute("SELECT description, kind, first_sold, last_sold FROM dim_product")

    assert found.rows == (("HEART LIGHT HOLDER", "product", date(2010, 1, 1), MAY.date()),)


def test_a_product_that_was_only_written_off_is_described_by_what_there_is(
    merger: Merger, warehouse: PostgreSQLWarehouse
) -> None:
    merger.lines(
        line("1", quantity=-5, unit_price="0", description="wet"),
        line("2", quantity=-5, unit_price="0", description="  ", invoice_date=MAY),
    )

    found = warehouse.execute("SELECT description, first_sold FROM dim_product").rows

    assert found == (("wet", None),)


def test_a_customer_has_a_first_and_a_last_purchase_and_its_latest_country(
    merger: Merger, warehouse: PostgreSQLWarehouse
) -> None:
    merger.lines(*SALE, line("540001", invoice_date=MARCH, country="EIRE"))
    merger.lines(line("530001", invoice_date=datetime(2010, 1, 1), country="France"), RETURN)

    assert warehouse.execute("SELECT * FROM dim_customer").rows == (
        ("17850", "EIRE", datetime(2010, 1, 1), MARCH),
    )


def test_guests_are_no_customers(merger: Merger, warehouse: PostgreSQLWarehouse) -> None:
    merger.lines(line(customer_id=None))

    assert warehouse.execute("SELECT * FROM dim_customer").rows == ()
    assert warehouse.execute("SELECT customer_id FROM fact_invoice").rows == ((None,),)


def test_a_country_has_the_name_it_is_known_by(
    merger: Merger, warehouse: PostgreSQLWarehouse
) -> None:
    merger.lines(line("1", country="EIRE"), line("2", country="Atlantis"))

    assert warehouse.execute("SELECT * FROM dim_country ORDER BY country").rows == (
        ("Atlantis", "Atlantis", None, None),
        ("EIRE", "Ireland", "IE", "Europe"),
    )


def test_days_outside_the_calendar_are_added(
    merger: Merger, warehouse: PostgreSQLWarehouse
) -> None:
    merger.lines(line(invoice_date=datetime(1899, 12, 31, 23, 59, 59, 999999)))

    found = warehouse.execute("SELECT day, day_name FROM dim_date ORDER BY day LIMIT 1").rows
    assert found == ((date(1899, 12, 31), "Sunday"),)


def test_the_calendar_knows_every_day_from_2009_to_2040(warehouse: PostgreSQLWarehouse) -> None:
    found = warehouse.execute(
        "SELECT COUNT(*), COUNT(DISTINCT day), MIN(day), MAX(day) FROM dim_date"
    )
    assert found.rows == ((11688, 11688, date(2009, 1, 1), date(2040, 12, 31)),)
    assert warehouse.execute("SELECT * FROM dim_date WHERE day = '2011-08-28'").dicts() == [
        {
            "day": date(2011, 8, 28),
            "year": 2011,
            "quarter": 3,
            "month": 8,
            "month_start": date(2011, 8, 1),
            "iso_week": 34,
            "day_of_week": 0,
            "day_name": "Sunday",
            "is_weekend": True,
        }
    ]


def test_text_comes_through_as_it_is(merger: Merger, warehouse: PostgreSQLWarehouse) -> None:
    odd = 'He said "hi", \\N\n\ttab; \N{POUND SIGN} \N{JAPANESE DOLLS} \\.'
    merger.lines(line(description=odd, country="Côte d'Ivoire", stock_code="gift_0001_20"))

    found = warehouse.execute("SELECT description, country, charge_kind FROM fact_invoice_line")

    assert found.rows == ((odd, "Côte d'Ivoire", "voucher"),)


def test_the_audit_keeps_what_came_and_what_was_merged(
    merger: Merger, warehouse: PostgreSQLWarehouse
) -> None:
    merger.lines(*SALE)
    merger.load([*map(Arrival, SALE), Arrival(RETURN), Arrival(RETURN)])

    rows = warehouse.execute(
        "SELECT rows_in, rows_merged, rows_replaced, rows_skipped, amount_in, amount_merged,"
        " outcome FROM load_audit ORDER BY finished_at"
    ).rows

    assert rows == (
        (3, 3, 0, 0, Decimal("71.5500"), Decimal("71.5500"), "loaded"),
        (5, 1, 0, 4, Decimal("20.5500"), Decimal("-25.5000"), "loaded"),
    )


def test_the_same_batch_again_leaves_one_audit_row(
    merger: Merger, warehouse: PostgreSQLWarehouse
) -> None:
    for _ in range(2):
        merger.load(list(map(Arrival, SALE)), file="lines/one")

    assert len(warehouse.execute("SELECT * FROM load_audit").rows) == 1
    assert len(warehouse.execute("SELECT * FROM load_file").rows) == 1


def test_lines_copied_twice_fail_the_check_with_the_numbers(
    merger: Merger, warehouse: PostgreSQLWarehouse
) -> None:
    copies = merger.stage(list(map(Arrival, SALE)))
    statements = load_statements([*copies, copies[-1]])
    with pytest.raises(StatementError) as caught:
        warehouse.run(statements)

    assert "20_lines.sql, statement 1" in str(caught.value)
    assert "6 lines, 3 identities, quantity 20, amount 143.1000 were copied" in str(caught.value)
    assert warehouse.execute("SELECT * FROM fact_invoice_line").rows == ()


def test_a_line_that_stands_twice_already_fails_the_load(
    merger: Merger, warehouse: PostgreSQLWarehouse
) -> None:
    merger.lines(*SALE)
    warehouse.execute("INSERT INTO fact_invoice_line SELECT * FROM fact_invoice_line")

    with pytest.raises(StatementError):
        merger.lines(SALE[0]._replace(quantity=7), time=FIRST_ARRIVAL - timedelta(days=1))

    assert warehouse.execute("SELECT COUNT(*) FROM fact_invoice_line").rows == ((6,),)
