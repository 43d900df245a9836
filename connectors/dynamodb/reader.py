"""Reading back what the job wrote: one customer, one invoice, or everything.

Upstream: a ``DocumentStore``. Downstream: ``invoice-stream customer`` and
``invoice-stream invoice``, the reconciliation, the history API.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import groupby, islice
from typing import TypeVar

from connectors.dynamodb.store import DocumentStore
from invoices import attribute_names as names
from invoices.stored_invoices import StoredInvoice, join_parts, read_part
from invoices.stored_items import Item
from invoices.stored_purchases import Purchase, read_purchases

SEGMENTS = 2
_CHUNK = 100

_T = TypeVar("_T")


class DocumentReader:
    """Typed reading of both tables; parts are joined, a customer and an invoice are one.

    Every method raises ``DynamoDBError`` when the store cannot be read, and
    ``UnreadableDocumentError`` when an item is not what this release writes.

    Args:
        store: The tables.
        segments: How many parts of a table are scanned at a time.
    """

    def __init__(self, store: DocumentStore, segments: int = SEGMENTS) -> None:
        self._store = store
        self._segments = segments

    def invoice(self, invoice_no: str) -> StoredInvoice | None:
        """The invoice with this number, or None."""
        parts = [read_part(item) for item in self._store.read_parts(invoice_no)]
        return join_parts(parts) if parts else None

    def purchases(self, customer_id: str) -> tuple[Purchase, ...]:
        """The customer's purchases by invoice number; none for an unknown customer."""
        return read_purchases(self._store.read_purchase_parts(customer_id))

    def all_invoices(self) -> Iterator[StoredInvoice]:
        """Every invoice, in no order, a few at a time in memory."""
        return self._scan(self._invoices_of)

    def all_purchases(self) -> Iterator[Purchase]:
        """Every purchase, customer after customer, in no order of customers."""
        return self._scan(self._purchases_of)

    def _invoices_of(self, segment: int) -> Iterator[StoredInvoice]:
        items = self._store.scan_invoices(segment, self._segments)
        for group in _by_key(items, names.INVOICE_NO):
            yield join_parts(map(read_part, group))

    def _purchases_of(self, segment: int) -> Iterator[Purchase]:
        items = self._store.scan_customers(segment, self._segments)
        for group in _by_key(items, names.CUSTOMER_ID):
            yield from read_purchases(group)

    def _scan(self, read: Callable[[int], Iterator[_T]]) -> Iterator[_T]:
        """Each segment on a thread of its own, in chunks; no chunk waits for another's thread."""
        with ThreadPoolExecutor(self._segments) as pool:
            running: dict[Future[list[_T]], Iterator[_T]] = {}
            for segment in range(self._segments):
                values = read(segment)
                running[pool.submit(_take, values)] = values
            while running:
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    values, chunk = running.pop(future), future.result()
                    if chunk:
                        running[pool.submit(_take, values)] = values
                        yield from chunk


def _take(values: Iterator[_T]) -> list[_T]:
    return list(islice(values, _CHUNK))


def _by_key(items: Iterator[Item], name: str) -> Iterator[Iterator[Item]]:
    for _, group in groupby(items, key=lambda item: item[name]):
        yield group
