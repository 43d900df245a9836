"""The adapter without a service: DynamoDB's rules over two dictionaries.

For tests of whatever writes or reads documents. It keeps what DynamoDB keeps to:
conditions, all or nothing within an item, 400 KB an item, write units.
"""

from collections.abc import Iterator, Mapping, Sequence
from threading import Lock
from zlib import crc32

from connectors.dynamodb.errors import RefusedError
from connectors.dynamodb.item_size import MAX_ITEM_BYTES, item_bytes, write_units
from connectors.dynamodb.store import PurchaseUpdate, WriteResult
from invoices import attribute_names as names
from invoices.documents import InvoicePart
from invoices.stored_items import Item

_Table = dict[str, dict[int | str, dict[str, str | int]]]


class MemoryStore:
    """Both tables in memory.

    Delivery: a write is there when the method returns, and gone with the process.
    """

    def __init__(self) -> None:
        self.invoices: _Table = {}
        self.customers: _Table = {}
        self._lock = Lock()

    def put_part(self, part: InvoicePart, expected_digest: str | None) -> WriteResult:
        """Write one item of ``Invoices`` whole, if its digest is the expected one."""
        item = part.item
        with self._lock:
            stored = self.invoices.get(part.invoice_no, {}).get(part.number, {})
            holds = stored.get(names.DIGEST) == expected_digest if stored else not expected_digest
            if holds:
                _replace(self.invoices, part.invoice_no, part.number, item)
            return WriteResult(holds, write_units(item_bytes(stored), item_bytes(item)))

    def read_parts(self, invoice_no: str) -> Sequence[Item]:
        """The items of an invoice in order of their numbers."""
        with self._lock:
            return _items(self.invoices, invoice_no)

    def update_purchases(self, update: PurchaseUpdate) -> WriteResult:
        """Set documents in one item of ``Customers``, if all conditions hold."""
        key = {names.CUSTOMER_ID: update.customer_id, names.PART: update.part}
        documents = _by_attribute(update.documents)
        expected = _by_attribute(update.expected)
        with self._lock:
            stored = self.customers.get(update.customer_id, {}).get(update.part, {})
            item = key | stored | documents
            holds = not (update.creates and stored) and all(
                stored.get(name) == expected.get(name) for name in documents
            )
            if holds:
                _replace(self.customers, update.customer_id, update.part, item)
            return WriteResult(holds, write_units(item_bytes(stored), item_bytes(item)))

    def read_purchase_parts(self, customer_id: str, month: str = "") -> Sequence[Item]:
        """The items of a customer, of one month or of all."""
        with self._lock:
            items = _items(self.customers, customer_id)
        return [item for item in items if str(item[names.PART]).startswith(month)]

    def scan_invoices(self, segment: int = 0, segments: int = 1) -> Iterator[Item]:
        """Items of ``Invoices``, of one of so many segments."""
        return self._scan(self.invoices, segment, segments)

    def scan_customers(self, segment: int = 0, segments: int = 1) -> Iterator[Item]:
        """Items of ``Customers``, of one of so many segments."""
        return self._scan(self.customers, segment, segments)

    def close(self) -> None:
        """There is nothing to give up."""

    def _scan(self, table: _Table, segment: int, segments: int) -> Iterator[Item]:
        with self._lock:
            keys = [key for key in table if crc32(key.encode()) % segments == segment]
        for key in keys:
            with self._lock:
                items = _items(table, key)
            yield from items


def _items(table: _Table, key: str) -> list[Item]:
    """Copies, in order of the range key."""
    items = table.get(key, {})
    return [dict(items[part]) for part in sorted(items, key=_range_order)]


def _range_order(part: int | str) -> tuple[int, str]:
    return (part, "") if isinstance(part, int) else (0, part)


def _by_attribute(documents: Mapping[str, str]) -> dict[str, str]:
    return {names.invoice_attribute(number): text for number, text in documents.items()}


def _replace(table: _Table, key: str, part: int | str, item: dict[str, str | int]) -> None:
    if item_bytes(item) > MAX_ITEM_BYTES:
        raise RefusedError(f"the item {key} {part} is {item_bytes(item)} bytes, over 400 KB")
    table.setdefault(key, {})[part] = item
