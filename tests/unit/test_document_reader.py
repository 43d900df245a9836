"""One customer, one invoice, or everything, read as values."""

from collections.abc import Iterator

import pytest

from connectors.dynamodb.errors import UnavailableError
from connectors.dynamodb.memory import MemoryStore
from connectors.dynamodb.reader import DocumentReader
from flink_job.write_documents import DocumentWriter
from invoices.stored_items import Item
from tests.document_cases import batch, contents_of, make_lines

LINES = [
    line
    for number in range(300)
    for line in make_lines(number % 70 + 1, invoice_no=str(number), customer_id=str(number % 40))
]


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    filled = MemoryStore()
    writer = DocumentWriter(lambda: filled)
    writer.open()
    for number in range(300):
        writer.write_batch(batch((0, [line for line in LINES if line.invoice_no == str(number)])))
    return filled


def test_an_invoice_is_read_as_one_whatever_its_parts(store: MemoryStore) -> None:
    assert len(store.read_parts("69")) == 2
    assert DocumentReader(store).invoice("69") == contents_of(LINES).invoices["69"]


def test_an_unknown_invoice_is_none(store: MemoryStore) -> None:
    assert DocumentReader(store).invoice("nobody's") is None


def test_a_customers_parts_are_read_as_one(store: MemoryStore) -> None:
    assert len(store.read_purchase_parts("7")) > 1
    found = DocumentReader(store).purchases("7")
    assert set(found) == {p for p in contents_of(LINES).purchases if p.customer_id == "7"}
    assert [p.invoice_no for p in found] == sorted(p.invoice_no for p in found)


def test_an_unknown_customer_has_no_purchases(store: MemoryStore) -> None:
    assert DocumentReader(store).purchases("nobody") == ()


@pytest.mark.parametrize("segments", [1, 2, 7])
def test_everything_is_read_once(store: MemoryStore, segments: int) -> None:
    reader, expected = DocumentReader(store, segments), contents_of(LINES)
    invoices = list(reader.all_invoices())
    assert len(invoices) == 300
    assert {invoice.invoice_no: invoice for invoice in invoices} == expected.invoices
    purchases = list(reader.all_purchases())
    assert len(purchases) == 300
    assert set(purchases) == expected.purchases


def test_a_reader_may_stop_early(store: MemoryStore) -> None:
    reading = DocumentReader(store).all_invoices()
    assert next(reading) is not None
    reading.close()  # type: ignore[attr-defined]


def test_a_table_that_cannot_be_read_to_its_end_is_no_result(store: MemoryStore) -> None:
    class Breaking(MemoryStore):
        def scan_invoices(self, segment: int = 0, segments: int = 1) -> Iterator[Item]:
            yield from list(store.scan_invoices(segment, segments))[:50]
            raise UnavailableError("no answer")

    with pytest.raises(UnavailableError, match="no answer"):
        list(DocumentReader(Breaking()).all_invoices())
