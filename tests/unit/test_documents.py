"""Documents hold every line exactly, within DynamoDB's limits, whatever the data is called."""

import random
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.dynamodb.item_size import MAX_ITEM_BYTES, item_bytes
from connectors.dynamodb.month import Month, PurchaseEntry
from invoices import attribute_names as names
from invoices.contract import INT32_MIN, MAX_LINE_NO, MAX_PRICE
from invoices.documents import (
    LINES_PER_PART,
    InvoicePart,
    build_parts,
    part_numbers,
    purchase_documents,
)
from invoices.header import (
    MAX_FORMER_PLACES,
    DocumentLine,
    FormerPlace,
    Header,
    Place,
    former_places,
    header_of,
    in_order,
)
from invoices.invoice import merge_lines
from invoices.line import InvoiceLine, date_text, money_text
from invoices.stored_invoices import join_parts, read_part
from invoices.stored_items import Item, UnreadableDocumentError
from invoices.stored_purchases import read_documents, read_purchases
from tests.document_cases import (
    FIRST,
    INVOICE_LINES,
    contents_of,
    document_line,
    make_lines,
    text,
)


def parts_of(lines: Sequence[InvoiceLine]) -> dict[int, InvoicePart]:
    """Every part of an invoice."""
    ordered = in_order([document_line(line) for line in lines])
    header = header_of(lines[0].invoice_no, ordered)
    return build_parts(header, ordered, {0} | part_numbers(ordered))


def stock_code(part: InvoicePart, name: str) -> object:
    """The document of one stock code."""
    return orjson.loads(str(part.attributes[name]))


def test_an_invoice_reads_as_it_is_documented() -> None:
    lines = [
        FIRST,
        FIRST._replace(line_no=2, stock_code="M", description=None, unit_price=Decimal("0.0010")),
        FIRST._replace(line_no=3, quantity=-1),
    ]
    part = parts_of(lines)[0]
    assert part.item == {
        "InvoiceNo": "700001",
        "Part": 0,
        "@Kind": "sale",
        "@InvoiceDate": "2011-08-30T08:26:00",
        "@CustomerID": "90001",
        "@Country": "United Kingdom",
        "@Revision": 3,
        "@Units": 11,
        "@Total": "12.756",
        "10001": '{"description":"BLUE ENAMEL TEAPOT","lines":['
        '{"line":1,"quantity":6,"unit_price":"2.55"},'
        '{"line":3,"quantity":-1,"unit_price":"2.55"}]}',
        "M": '{"description":null,"lines":[{"line":2,"quantity":6,"unit_price":"0.001"}]}',
        "@Digest": part.digest,
    }


def test_a_line_says_what_is_not_the_parts_or_the_codes() -> None:
    odd = FIRST._replace(
        line_no=2,
        description="CHIPPED",
        invoice_date=datetime(2011, 8, 30, 8, 27),
        customer_id=None,
        country="EIRE",
    )
    document = stock_code(parts_of([FIRST, odd])[0], "10001")
    assert document == {
        "description": "BLUE ENAMEL TEAPOT",
        "lines": [
            {"line": 1, "quantity": 6, "unit_price": "2.55"},
            {
                "line": 2,
                "quantity": 6,
                "unit_price": "2.55",
                "date": "2011-08-30T08:27:00",
                "customer_id": None,
                "country": "EIRE",
                "description": "CHIPPED",
            },
        ],
    }


def test_parts_cover_fifty_line_numbers_each_and_only_the_first_has_the_header() -> None:
    parts = parts_of([FIRST._replace(line_no=number) for number in (50, 51, 100, 101)])
    assert [(n, len(read_part(part.item).lines)) for n, part in parts.items()] == [
        (0, 1),
        (1, 2),
        (2, 1),
    ]
    assert [names.REVISION in part.attributes for part in parts.values()] == [True, False, False]


def test_part_0_is_there_without_lines_of_its_own() -> None:
    parts = parts_of([FIRST._replace(line_no=51)])
    assert join_parts(read_part(part.item) for part in parts.values()).header is not None
    assert read_part(parts[0].item).lines == ()


@given(INVOICE_LINES)
def test_documents_read_back_as_what_they_were_made_from(lines: list[InvoiceLine]) -> None:
    stored = join_parts(read_part(part.item) for part in parts_of(lines).values())
    assert stored == contents_of(lines).invoices["700001"]


@given(INVOICE_LINES)
def test_the_header_is_the_invoices(lines: list[InvoiceLine]) -> None:
    invoice = merge_lines(lines)
    header = header_of("700001", in_order([document_line(line) for line in lines]))
    assert header == Header(
        invoice_no=invoice.invoice_no,
        kind=invoice.kind.value,
        invoice_date=date_text(invoice.invoice_date),
        customer_id=invoice.customer_id,
        country=invoice.country,
        revision=invoice.revision,
        units=invoice.units,
        total=money_text(invoice.total),
    )


@given(INVOICE_LINES, st.randoms(use_true_random=False))
def test_the_order_of_lines_leaves_no_trace(
    lines: list[InvoiceLine], chance: random.Random
) -> None:
    shuffled = chance.sample(lines, len(lines))
    assert parts_of(shuffled) == parts_of(lines)


def test_the_headers_digest_stands_for_lines_of_other_parts() -> None:
    one, two = (parts_of([FIRST, FIRST._replace(line_no=number)])[0] for number in (51, 52))
    assert one.digest != two.digest
    assert {**one.attributes, "@Digest": ""} == {**two.attributes, "@Digest": ""}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("stock_code", "10002"),
        ("description", None),
        ("quantity", 7),
        ("invoice_date", datetime(2011, 8, 30, 8, 26, 0, 1)),
        ("unit_price", Decimal("2.5501")),
        ("customer_id", None),
        ("country", "France"),
    ],
)
def test_every_column_is_in_the_digest(column: str, value: object) -> None:
    changed = FIRST._replace(**{column: value})  # type: ignore[arg-type]
    later = FIRST._replace(line_no=2)
    assert parts_of([FIRST, later])[0].digest != parts_of([changed, later])[0].digest


@given(text(64))
def test_any_text_names_an_attribute_of_its_own(name: str) -> None:
    for attribute in names.stock_code_attribute(name), names.invoice_attribute(name):
        assert names.text_of(attribute) == name
        assert attribute.startswith("@@") or not attribute.startswith("@")
        assert not {"[", "]"} & set(attribute)


@pytest.mark.parametrize("name", ["InvoiceNo", "Part", "@Digest", "@@M", "@", "A[0]", "]"])
def test_a_stock_code_called_like_a_key_or_a_header_stays_a_stock_code(name: str) -> None:
    part = parts_of([FIRST._replace(stock_code=name)])[0]
    assert part.item[names.INVOICE_NO] == "700001"
    assert part.attributes[names.DIGEST] == part.digest
    assert [line.stock_code for line in read_part(part.item).lines] == [name]


@pytest.mark.parametrize("name", ["CustomerID", "Part", "M", "S", "BOOL", "NULL", "@x", "A[0]"])
def test_an_invoice_called_like_a_key_or_a_type_is_escaped(name: str) -> None:
    assert names.invoice_attribute(name).startswith("@@")


WIDE = "\U0001f6d2"
"""Four bytes in UTF-8."""

ESCAPED = "\x01"
"""Six bytes in JSON."""


def worst_line(number: int) -> DocumentLine:
    """A line as large as the contract allows, sharing nothing with another."""
    code = f"[{number:02}" + WIDE * 61
    date = f"9999-12-31T23:59:59.{number % 1_000_000:06}"
    return DocumentLine(
        line_no=MAX_LINE_NO // LINES_PER_PART * LINES_PER_PART - number,
        stock_code=code,
        description=ESCAPED * 1000,
        quantity=INT32_MIN,
        invoice_date=date,
        unit_price=money_text(-MAX_PRICE),
        customer_id=ESCAPED * 62 + f"{number:02}",
        country=ESCAPED * 98 + f"{number:02}",
    )


def test_the_largest_part_the_contract_allows_is_an_item_of_dynamodb() -> None:
    lines = [worst_line(number) for number in range(LINES_PER_PART)]
    lines = [line._replace(line_no=LINES_PER_PART - n) for n, line in enumerate(lines)]
    header = header_of("C" + WIDE * 63, in_order(lines))
    former = [
        FormerPlace(Place(ESCAPED * 64, "9999-12"), MAX_LINE_NO) for _ in range(MAX_FORMER_PLACES)
    ]
    part = build_parts(header, in_order(lines), {0}, former)[0]
    assert len(read_part(part.item).lines) == LINES_PER_PART
    assert 390_000 < item_bytes(part.item) < MAX_ITEM_BYTES


def test_the_largest_purchases_go_into_items_of_dynamodb() -> None:
    lines = [worst_line(number) for number in range(3)]
    header = header_of("[" + WIDE * 63, in_order(lines))
    ((place, document),) = purchase_documents(header, ()).items()
    entries = [PurchaseEntry(f"[{n:02}" + WIDE * 61, document, True) for n in range(20)]
    sizes = [planned.update.item_bytes for planned in Month(place).plan(entries)]
    assert len(sizes) == 20
    assert max(sizes) < 4096


def test_places_left_are_remembered_until_the_invoice_comes_back() -> None:
    one, two = Place("90001", "2011-08"), Place("90002", "2011-08")
    at_two = header_of("700001", [document_line(FIRST._replace(customer_id="90002"))])
    moved = former_places((), one, at_two)
    assert moved == (FormerPlace(one, 1),)
    assert former_places(moved, two, at_two) == moved
    back = header_of("700001", [document_line(line) for line in make_lines(2)])
    assert former_places(moved, two, back) == (FormerPlace(two, 2),)


def purchase_item(part: str, **documents: str) -> Item:
    """An item of Customers."""
    return {"CustomerID": "90001", "Part": part, **documents}


def document(revision: int, date: str = "2011-08-30T08:26:00") -> str:
    """A purchase's document."""
    values = {"date": date, "country": "France", "kind": "sale", "lines": revision, "units": 1}
    return orjson.dumps({**values, "total": "1.00", "revision": revision}).decode()


def moved(revision: int) -> str:
    """What stands where a purchase was."""
    return orjson.dumps({"moved": True, "revision": revision}).decode()


def test_a_purchase_that_stands_twice_is_the_one_of_the_highest_revision() -> None:
    items = [
        purchase_item("2011-08", x1=document(3)),
        purchase_item("2011-08.0002", x1=document(2), x2=document(1)),
    ]
    assert [(p.invoice_no, p.revision) for p in read_purchases(items)] == [("x1", 3), ("x2", 1)]


def test_a_purchase_that_moved_away_is_not_there() -> None:
    items = [
        purchase_item("2011-08", x1=moved(2)),
        purchase_item("2011-08.0002", x1=document(1)),
    ]
    assert read_purchases(items) == ()


def test_a_purchase_that_moved_to_another_month_is_there_once() -> None:
    items = [
        purchase_item("2011-07", x1=document(2, "2011-07-31T23:59:00")),
        purchase_item("2011-08", x1=moved(2)),
    ]
    assert [p.invoice_date for p in read_purchases(items)] == [datetime(2011, 7, 31, 23, 59)]


@pytest.mark.parametrize(
    "damage",
    [
        {"10001": "{"},
        {"10001": "[]"},
        {"10001": '{"description":null}'},
        {"@Total": "many"},
        {"@InvoiceDate": "yesterday"},
    ],
)
def test_an_item_that_is_no_document_is_named(damage: Item) -> None:
    with pytest.raises(UnreadableDocumentError, match=r"InvoiceNo '700001', Part 0 is not"):
        read_part({**parts_of([FIRST])[0].item, **damage})


def test_an_item_without_a_header_is_named() -> None:
    with pytest.raises(UnreadableDocumentError, match="'@Digest'"):
        read_part({"InvoiceNo": "700001", "Part": 1, "@InvoiceDate": "x", "@Country": "y"})


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"revision":1}'])
def test_a_purchase_that_is_no_document_is_named(damage: str) -> None:
    item = purchase_item("2011-08", x1=damage)
    with pytest.raises(UnreadableDocumentError, match="CustomerID '90001', Part '2011-08'"):
        read_purchases([item])


def test_documents_are_read_with_the_marks_of_moved_ones() -> None:
    item = purchase_item("2011-08", x1=moved(2), **{"@@M": document(1)})
    assert {number: held.revision for number, held in read_documents(item).items()} == {
        "x1": 2,
        "M": 1,
    }
