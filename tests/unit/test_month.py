"""A customer's month fills part after part, none larger than a write unit."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from connectors.dynamodb.item_size import UNIT_BYTES, item_bytes
from connectors.dynamodb.memory import MemoryStore
from connectors.dynamodb.month import MAX_DOCUMENTS, PART_BYTES, Month, PurchaseEntry
from connectors.dynamodb.purchase_writer import MonthCache, PurchaseWriter
from connectors.dynamodb.tally import Tally
from invoices.header import Place, PurchaseDocument
from tests.document_cases import text
from tests.store_doubles import CountingStore

PLACE = Place("90001", "2011-08")


def entry(number: int | str, size: int = 130, revision: int = 1) -> PurchaseEntry:
    """An entry whose document has so many bytes."""
    start = f'{{"revision":{revision},"country":"'
    document = PurchaseDocument(revision, start + "x" * (size - len(start) - 2) + '"}')
    return PurchaseEntry(str(number), document, is_new=revision == 1)


def write(store: MemoryStore, month: Month, entries: Sequence[PurchaseEntry]) -> list[str]:
    """Plan and apply; returns the parts that were written."""
    written = []
    for planned in month.plan(entries):
        assert store.update_purchases(planned.update).applied
        month.applied(planned)
        written.append(planned.update.part)
    return written


def sizes(store: MemoryStore) -> dict[object, int]:
    return {item["Part"]: item_bytes(item) for item in store.read_purchase_parts("90001")}


def test_purchases_share_a_part_until_it_is_full() -> None:
    store, month = MemoryStore(), Month(PLACE)
    parts = [write(store, month, [entry(700_000 + n)])[0] for n in range(15)]
    assert parts == ["2011-08"] * 7 + ["2011-08.0002"] * 7 + ["2011-08.0003"]
    assert max(sizes(store).values()) <= PART_BYTES


def test_purchases_of_a_batch_are_one_update_a_part() -> None:
    store, month = MemoryStore(), Month(PLACE)
    assert write(store, month, [entry(700_000 + n) for n in range(15)]) == [
        "2011-08",
        "2011-08.0002",
        "2011-08.0003",
    ]


def test_a_later_revision_stays_in_its_part() -> None:
    store, month = MemoryStore(), Month(PLACE)
    write(store, month, [entry(n) for n in range(20)])
    assert write(store, month, [entry(0, 135, revision=2)]) == ["2011-08"]


def test_what_stands_there_already_is_not_written() -> None:
    store, month = MemoryStore(), Month(PLACE)
    write(store, month, [entry(1, revision=3)])
    assert write(store, month, [entry(1, revision=3)]) == []
    assert write(store, month, [entry(1, revision=2)]) == []


def test_a_document_larger_than_a_part_has_one_of_its_own() -> None:
    store, month = MemoryStore(), Month(PLACE)
    parts = [write(store, month, [entry(n, 2000)]) for n in range(3)]
    assert parts == [["2011-08"], ["2011-08.0002"], ["2011-08.0003"]]


def test_a_part_takes_no_more_documents_than_an_expression_sets() -> None:
    month = Month(PLACE, part_bytes=100_000)
    planned = month.plan([entry(n) for n in range(MAX_DOCUMENTS + 1)])
    assert [len(one.update.documents) for one in planned] == [MAX_DOCUMENTS, 1]


def test_a_month_that_was_read_goes_on_where_it_was() -> None:
    store, month = MemoryStore(), Month(PLACE)
    write(store, month, [entry(n) for n in range(10)])
    again = Month(PLACE, store.read_purchase_parts("90001", "2011-08"))
    assert [one.update for one in again.plan([entry("new")])] == [
        one.update for one in month.plan([entry("new")])
    ]
    assert again.purchases == month.purchases == 10


def test_of_a_purchase_that_stands_twice_the_higher_revision_counts() -> None:
    """A task that should have been dead put it into a second part."""
    items = [
        {"CustomerID": "90001", "Part": "2011-08", "1": entry(1, revision=3).document.text},
        {"CustomerID": "90001", "Part": "2011-08.0002", "1": entry(1, revision=2).document.text},
    ]
    month = Month(PLACE, items)
    assert month.plan([entry(1, revision=3)]) == []
    (planned,) = month.plan([entry(1, revision=4)])
    assert planned.update.part == "2011-08"


def test_more_than_10_000_parts_are_counted_on() -> None:
    item = {"CustomerID": "90001", "Part": "2011-08.10000", "1": entry(1, 990).document.text}
    (planned,) = Month(PLACE, [item]).plan([entry(2)])
    assert planned.update.part == "2011-08.10001"


ENTRIES = st.lists(
    st.builds(
        entry,
        number=text(6),
        size=st.integers(60, 500),
        revision=st.integers(1, 9),
    ),
    unique_by=lambda one: one.invoice_no,
)


@given(st.lists(ENTRIES))
def test_the_size_of_a_part_is_known_without_reading_it(batches: list[list[PurchaseEntry]]) -> None:
    store, month = MemoryStore(), Month(PLACE)
    for entries in batches:
        for planned in month.plan(entries):
            assert store.update_purchases(planned.update).applied
            month.applied(planned)
            assert sizes(store)[planned.update.part] == planned.update.item_bytes


@given(st.lists(st.integers(60, 500), max_size=60))
def test_parts_cost_one_unit_each(document_sizes: list[int]) -> None:
    store, month = MemoryStore(), Month(PLACE)
    for number, size in enumerate(document_sizes):
        write(store, month, [entry(number, size)])
    assert all(size <= UNIT_BYTES for size in sizes(store).values())


def test_a_writer_that_knows_nothing_of_a_month_does_not_overfill_it() -> None:
    store = MemoryStore()
    for number in range(30):
        PurchaseWriter(store).write(PLACE, [entry(number)], Tally())
    assert max(sizes(store).values()) <= PART_BYTES
    assert len(sizes(store)) == 5


def test_months_written_lately_are_not_read() -> None:
    store = CountingStore(MemoryStore())
    writer = PurchaseWriter(store)
    for number in range(5):
        writer.write(PLACE, [entry(number)], Tally())
    assert store.calls == store.applied == 5


def test_months_out_of_mind_are_read_again() -> None:
    store = CountingStore(MemoryStore())
    writer, tally = PurchaseWriter(store, MonthCache(purchases=2)), Tally()
    for customer in "90001", "90002", "90003", "90001":
        writer.write(Place(customer, "2011-08"), [entry(customer, revision=1)], tally)
    assert (tally.refused, tally.reads) == (1, 1)
    assert (store.applied, store.calls) == (3, 5)
