"""Writing purchases into ``Customers``: one update a part for all invoices of a batch.

Where a purchase may stand is a register of its own that only ever moves to a higher
revision: each document is set under the condition that the one seen there before,
or none, still stands. So a purchase never goes back, and one that moved to another
customer or month leaves a mark that a late writer finds.

Upstream: ``connectors.dynamodb.invoice_writer``, whose headers say what to write.
Downstream: ``connectors.dynamodb.store``.
"""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from connectors.dynamodb.errors import ContendedError
from connectors.dynamodb.month import Month, PurchaseEntry
from connectors.dynamodb.store import DocumentStore
from connectors.dynamodb.tally import Tally
from invoices.header import Place

ATTEMPTS = 10

CACHED_PURCHASES = 100_000
"""Purchases whose place is remembered: some 50 MB, so that few months are read."""


class MonthCache:
    """The months written last, up to a number of purchases. Safe to use from threads."""

    def __init__(self, purchases: int = CACHED_PURCHASES) -> None:
        self._limit = purchases
        self._months: OrderedDict[Place, tuple[Month, int]] = OrderedDict()
        self._purchases = 0
        self._lock = Lock()

    def take(self, place: Place) -> Month | None:
        """The month, no longer in the cache: who writes it puts it back."""
        with self._lock:
            month, purchases = self._months.pop(place, (None, 0))
            self._purchases -= purchases
            return month

    def put(self, place: Place, month: Month) -> None:
        """Remember the month, and forget those not used for longest."""
        with self._lock:
            self._months[place] = month, month.purchases
            self._purchases += month.purchases
            while self._purchases > self._limit:
                _, (_, purchases) = self._months.popitem(last=False)
                self._purchases -= purchases


class PurchaseWriter:
    """Writes purchases into ``Customers``.

    Delivery: at least once, idempotent. When ``write`` returns, each document or a
    newer one is acknowledged; when it raises, some may be.

    Args:
        store: The tables.
        cache: What is remembered from write to write.
        attempts: How often an update may lose against other writers.
    """

    def __init__(
        self, store: DocumentStore, cache: MonthCache | None = None, attempts: int = ATTEMPTS
    ) -> None:
        self._store = store
        self._cache = MonthCache() if cache is None else cache
        self._attempts = attempts

    def write(self, place: Place, entries: Sequence[PurchaseEntry], tally: Tally) -> None:
        """Bring the documents of one customer and month up to these.

        One call a place at a time.

        Raises:
            DynamoDBError: A write failed for good, or others were always faster.
        """
        month = self._cache.take(place)
        if month is None:
            month = self._first_look(place, entries, tally)
        for _ in range(self._attempts):
            if self._update(month, entries, tally):
                self._cache.put(place, month)
                return
            month = self._read(place, tally)
        raise ContendedError(
            f"customer {place.customer_id} was changed by others {self._attempts} times"
            f" while {place.month} was written"
        )

    def _first_look(self, place: Place, entries: Sequence[PurchaseEntry], tally: Tally) -> Month:
        """New invoices of a month not seen yet are most often its first: spare the reading."""
        if all(entry.is_new for entry in entries):
            return Month(place)
        return self._read(place, tally)

    def _read(self, place: Place, tally: Tally) -> Month:
        tally.reads += 1
        return Month(place, self._store.read_purchase_parts(place.customer_id, place.month))

    def _update(self, month: Month, entries: Sequence[PurchaseEntry], tally: Tally) -> bool:
        for planned in month.plan(entries):
            if not tally.count(self._store.update_purchases(planned.update)):
                return False
            month.applied(planned)
        return True
