"""Stores that misbehave, around one that does not: what a network, a crash and a rival do."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from connectors.dynamodb.store import DocumentStore, PurchaseUpdate, WriteResult
from invoices.documents import InvoicePart
from invoices.stored_items import Item

_T = TypeVar("_T")


class CrashError(Exception):
    """The process is gone: nothing catches this."""


class WrappedStore:
    """Passes every call through ``around``, for doubles to interfere."""

    def __init__(self, store: DocumentStore) -> None:
        self.store = store

    def around(self, call: Callable[[], _T]) -> _T:
        """Make the call, or do not, or fail after it."""
        return call()

    def put_part(self, part: InvoicePart, expected_digest: str | None) -> WriteResult:
        return self.around(lambda: self.store.put_part(part, expected_digest))

    def read_parts(self, invoice_no: str) -> Sequence[Item]:
        return self.around(lambda: self.store.read_parts(invoice_no))

    def update_purchases(self, update: PurchaseUpdate) -> WriteResult:
        return self.around(lambda: self.store.update_purchases(update))

    def read_purchase_parts(self, customer_id: str, month: str = "") -> Sequence[Item]:
        return self.around(lambda: self.store.read_purchase_parts(customer_id, month))

    def scan_invoices(self, segment: int = 0, segments: int = 1) -> Iterator[Item]:
        return self.store.scan_invoices(segment, segments)

    def scan_customers(self, segment: int = 0, segments: int = 1) -> Iterator[Item]:
        return self.store.scan_customers(segment, segments)

    def close(self) -> None:
        pass


class CountingStore(WrappedStore):
    """Counts writes that were applied, and calls."""

    def __init__(self, store: DocumentStore) -> None:
        super().__init__(store)
        self.applied = self.calls = 0

    def around(self, call: Callable[[], _T]) -> _T:
        self.calls += 1
        result = call()
        self.applied += isinstance(result, WriteResult) and result.applied
        return result


class CrashingStore(WrappedStore):
    """Ends the process after so many calls; the last one may still have happened."""

    def __init__(self, store: DocumentStore, calls: int, *, last_happens: bool) -> None:
        super().__init__(store)
        self._left = calls
        self._last_happens = last_happens

    def around(self, call: Callable[[], _T]) -> _T:
        self._left -= 1
        if self._left >= 0:
            return call()
        if self._last_happens:
            call()
        raise CrashError


class FaultyStore(WrappedStore):
    """Fails as it is told, call by call: before the call, after it, or not at all.

    Args:
        faults: An error a call raises, or None; True beside it means after the call.
    """

    def __init__(
        self, store: DocumentStore, faults: Iterator[tuple[Exception | None, bool]]
    ) -> None:
        super().__init__(store)
        self._faults = faults

    def around(self, call: Callable[[], _T]) -> _T:
        error, happens = next(self._faults, (None, True))
        result = call() if happens else None
        if error is not None:
            raise error
        return call() if result is None else result
