"""One suite of behaviours, over every store that keeps what it is given."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.dynamodb.item_size import item_bytes
from connectors.dynamodb.memory import MemoryStore
from connectors.dynamodb.pynamo import PynamoStore, purchase_actions, purchase_condition
from connectors.dynamodb.store import DocumentStore, PurchaseUpdate
from connectors.dynamodb.tables import create_tables
from connectors.dynamodb.target import target_of
from invoices.documents import InvoicePart, build_parts, part_numbers
from invoices.header import header_of
from invoices.line import InvoiceLine
from tests.document_cases import FIRST, document_line, make_lines
from tests.unit.test_documents import ESCAPED, WIDE

ODD_NAMES = ["M", "S", "BOOL", "NULL", "Part", "CustomerID", "a.b", "a[0]", "#x", ":y", "@z", "é\n"]
"""Invoice numbers and stock codes that a table, an expression or a stand-in trips over."""


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Iterator[DocumentStore]:
    if request.param == "memory":
        yield MemoryStore()
        return
    target = target_of(request.getfixturevalue("unused_settings"))
    create_tables(target)
    opened = PynamoStore(target)
    yield opened
    opened.close()


def parts(lines: list[InvoiceLine]) -> dict[int, InvoicePart]:
    ordered = [document_line(line) for line in lines]
    header = header_of(lines[0].invoice_no, ordered)
    return build_parts(header, ordered, {0} | part_numbers(ordered))


def update(
    documents: dict[str, str],
    expected: dict[str, str] | None = None,
    *,
    part: str = "2011-08",
    creates: bool = False,
) -> PurchaseUpdate:
    return PurchaseUpdate("90001", part, documents, expected or {}, creates, 100)


def test_a_part_is_read_as_it_was_put(store: DocumentStore) -> None:
    part = parts(make_lines(3))[0]
    assert store.put_part(part, None).applied
    assert list(store.read_parts("700001")) == [part.item]


def test_parts_are_read_in_their_order_however_many(store: DocumentStore) -> None:
    lines = [line._replace(description="x" * 1000) for line in make_lines(3000)]
    every = parts(lines)
    for part in every.values():
        store.put_part(part, None)
    assert [item["Part"] for item in store.read_parts("700001")] == list(range(60))


def test_an_unknown_invoice_has_no_parts(store: DocumentStore) -> None:
    assert list(store.read_parts("nobody's")) == []


def test_a_part_that_is_there_is_not_put_as_new(store: DocumentStore) -> None:
    one, two = parts(make_lines(1))[0], parts(make_lines(2))[0]
    store.put_part(one, None)
    assert not store.put_part(two, None).applied
    assert list(store.read_parts("700001")) == [one.item]


def test_a_part_replaces_the_one_it_expects(store: DocumentStore) -> None:
    one, two = parts(make_lines(2))[0], parts(make_lines(1))[0]
    store.put_part(one, None)
    assert store.put_part(two, one.digest).applied
    assert list(store.read_parts("700001")) == [two.item]


def test_a_part_does_not_replace_another(store: DocumentStore) -> None:
    one, two, three = (parts(make_lines(count))[0] for count in (1, 2, 3))
    store.put_part(one, None)
    assert not store.put_part(three, two.digest).applied
    assert list(store.read_parts("700001")) == [one.item]


def test_a_part_that_is_expected_must_be_there(store: DocumentStore) -> None:
    one, two = parts(make_lines(1))[0], parts(make_lines(2))[0]
    assert not store.put_part(two, one.digest).applied
    assert list(store.read_parts("700001")) == []


def test_putting_costs_a_unit_a_started_kilobyte(store: DocumentStore) -> None:
    small, large = parts(make_lines(1))[0], parts(make_lines(40))[0]
    assert item_bytes(small.item) < 1024 < 3 * 1024 < item_bytes(large.item) < 4 * 1024
    assert store.put_part(small, None).units == 1.0
    assert store.put_part(large, small.digest).units == 4.0
    assert store.put_part(small, large.digest).units == 4.0


@pytest.mark.parametrize("name", ODD_NAMES)
def test_stock_codes_are_called_what_they_like(store: DocumentStore, name: str) -> None:
    lines = [FIRST._replace(stock_code=name), FIRST._replace(line_no=2)]
    one, two = parts(lines[:1])[0], parts(lines)[0]
    store.put_part(one, None)
    assert store.put_part(two, one.digest).applied
    assert list(store.read_parts("700001")) == [two.item]


def test_the_largest_part_is_stored(store: DocumentStore) -> None:
    lines = [
        line._replace(stock_code=f"[{line.line_no:02}" + WIDE * 61, description=ESCAPED * 1000)
        for line in make_lines(50)
    ]
    part = parts(lines)[0]
    assert item_bytes(part.item) > 340_000
    assert store.put_part(part, None).applied
    assert list(store.read_parts("700001")) == [part.item]


def test_documents_are_read_as_they_were_set(store: DocumentStore) -> None:
    assert store.update_purchases(update({"1": "one", "2": "two"}, creates=True)).applied
    expected = {"CustomerID": "90001", "Part": "2011-08", "1": "one", "2": "two"}
    assert list(store.read_purchase_parts("90001")) == [expected]


def test_an_item_that_is_there_is_not_created(store: DocumentStore) -> None:
    store.update_purchases(update({"1": "one"}, creates=True))
    assert not store.update_purchases(update({"2": "two"}, creates=True)).applied


def test_a_document_joins_the_others(store: DocumentStore) -> None:
    store.update_purchases(update({"1": "one"}, creates=True))
    assert store.update_purchases(update({"2": "two"})).applied
    (item,) = store.read_purchase_parts("90001")
    assert (item["1"], item["2"]) == ("one", "two")


def test_a_document_replaces_the_one_it_expects(store: DocumentStore) -> None:
    store.update_purchases(update({"1": "one"}, creates=True))
    assert store.update_purchases(update({"1": "uno"}, {"1": "one"})).applied
    assert store.read_purchase_parts("90001")[0]["1"] == "uno"


@pytest.mark.parametrize("expected", [{}, {"1": "another"}])
def test_one_document_that_is_not_as_expected_keeps_all_from_being_set(
    store: DocumentStore, expected: dict[str, str]
) -> None:
    store.update_purchases(update({"1": "one"}, creates=True))
    assert not store.update_purchases(update({"1": "uno", "2": "due"}, expected)).applied
    (item,) = store.read_purchase_parts("90001")
    assert item == {"CustomerID": "90001", "Part": "2011-08", "1": "one"}


@pytest.mark.parametrize("name", ODD_NAMES)
def test_invoices_are_called_what_they_like(store: DocumentStore, name: str) -> None:
    store.update_purchases(update({name: "one", "2": "two"}, creates=True))
    assert store.update_purchases(update({name: "uno"}, {name: "one"})).applied
    assert store.update_purchases(update({"3": "three"})).applied
    (item,) = store.read_purchase_parts("90001")
    assert sorted(map(str, item.values())) == ["2011-08", "90001", "three", "two", "uno"]


def test_updating_costs_the_size_of_the_whole_item(store: DocumentStore) -> None:
    assert store.update_purchases(update({"1": "x" * 2000}, creates=True)).units == 2.0
    assert store.update_purchases(update({"2": "x"})).units == 2.0


def test_a_month_is_read_with_all_its_parts_and_no_others(store: DocumentStore) -> None:
    for part in "2011-07", "2011-08.0002", "2011-08", "2011-09":
        store.update_purchases(update({"1": "one"}, part=part, creates=True))
    names = [item["Part"] for item in store.read_purchase_parts("90001", "2011-08")]
    assert names == ["2011-08", "2011-08.0002"]
    assert len(store.read_purchase_parts("90001")) == 4
    assert list(store.read_purchase_parts("90002", "2011-08")) == []


@pytest.mark.parametrize("segments", [1, 3])
def test_a_scan_finds_everything_once_the_parts_of_an_invoice_together(
    store: DocumentStore, segments: int
) -> None:
    for number in range(20):
        for part in parts(make_lines(101, invoice_no=str(number))).values():
            store.put_part(part, None)
    found = [
        [(item["InvoiceNo"], item["Part"]) for item in store.scan_invoices(segment, segments)]
        for segment in range(segments)
    ]
    assert sorted(key for segment in found for key in segment) == [
        (number, part) for number in sorted(map(str, range(20))) for part in range(3)
    ]
    for segment in found:
        assert [part for _, part in segment] == [0, 1, 2] * (len(segment) // 3)


def test_a_scan_of_customers_finds_every_part(store: DocumentStore) -> None:
    for part in "2011-07", "2011-08":
        store.update_purchases(update({"1": "one"}, part=part, creates=True))
    assert [item["Part"] for item in store.scan_customers()] == ["2011-07", "2011-08"]


def test_of_many_at_once_one_wins(store: DocumentStore) -> None:
    rivals = [parts(make_lines(count))[0] for count in range(1, 9)]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda part: store.put_part(part, None), rivals))
    assert sum(result.applied for result in results) == 1


def test_an_update_of_as_many_documents_as_a_part_takes_fits_an_expression() -> None:
    """Twice as many, each expected to be there: 4 KB is an expression's limit."""
    documents = {WIDE * 60 + str(number): "x" * 1000 for number in range(80)}
    full = update(documents, documents)
    names: dict[str, str] = {}
    values: dict[str, str] = {}
    condition = purchase_condition(full).serialize(names, values)
    actions = [action.serialize(names, values) for action in purchase_actions(full)]
    assert len(names) == 80
    assert len(condition) < 4096
    assert len("SET " + ", ".join(actions)) < 4096
