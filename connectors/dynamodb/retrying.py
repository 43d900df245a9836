"""Trying again what passes: throttling, time-outs, faults of the service.

Upstream: the writers. Downstream: another ``DocumentStore``.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_random_exponential

from connectors.dynamodb.errors import DynamoDBError
from connectors.dynamodb.store import DocumentStore, PurchaseUpdate, WriteResult
from invoices.documents import InvoicePart
from invoices.stored_items import Item

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long to keep trying: about half a minute, then it is for the job to restart.

    Attributes:
        attempts: Calls in all.
        first_wait_seconds: Upper limit of the first wait; each is drawn at random below
            a limit that doubles, so that many writers do not come back at one moment.
        longest_wait_seconds: Where the doubling ends.
    """

    attempts: int = 12
    first_wait_seconds: float = 0.05
    longest_wait_seconds: float = 8.0


DEFAULT_POLICY = RetryPolicy()


class _Replay(Generic[_T]):
    """Raises a failure that has already been, then calls."""

    def __init__(self, failure: DynamoDBError, call: Callable[[], _T]) -> None:
        self._failure: DynamoDBError | None = failure
        self._do = call

    def __call__(self) -> _T:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure
        return self._do()


class RetryingStore:
    """Makes another store's calls until they succeed, are refused, or the policy ends.

    Delivery: that of the store. A write that was applied though its answer was lost is
    made again and its condition no longer holds: the writer finds what it wrote itself.

    Args:
        store: The store to call.
        policy: How often.
    """

    def __init__(self, store: DocumentStore, policy: RetryPolicy = DEFAULT_POLICY) -> None:
        self._store = store
        self._count = 0
        self._lock = Lock()
        self._retrying = Retrying(
            retry=retry_if_exception(_passes),
            wait=wait_random_exponential(
                multiplier=policy.first_wait_seconds, max=policy.longest_wait_seconds
            ),
            stop=stop_after_attempt(policy.attempts),
            before_sleep=self._count_retry,
            reraise=True,
        )

    @property
    def retries(self) -> int:
        """Calls made again so far."""
        return self._count

    def put_part(self, part: InvoicePart, expected_digest: str | None) -> WriteResult:
        """As the store's."""
        return self._call(lambda: self._store.put_part(part, expected_digest))

    def read_parts(self, invoice_no: str) -> Sequence[Item]:
        """As the store's."""
        return self._call(lambda: self._store.read_parts(invoice_no))

    def update_purchases(self, update: PurchaseUpdate) -> WriteResult:
        """As the store's."""
        return self._call(lambda: self._store.update_purchases(update))

    def read_purchase_parts(self, customer_id: str, month: str = "") -> Sequence[Item]:
        """As the store's."""
        return self._call(lambda: self._store.read_purchase_parts(customer_id, month))

    def scan_invoices(self, segment: int = 0, segments: int = 1) -> Iterator[Item]:
        """As the store's, once: what was handed out already cannot be taken back."""
        return self._store.scan_invoices(segment, segments)

    def scan_customers(self, segment: int = 0, segments: int = 1) -> Iterator[Item]:
        """As the store's, once."""
        return self._store.scan_customers(segment, segments)

    def close(self) -> None:
        """As the store's."""
        self._store.close()

    def _call(self, call: Callable[[], _T]) -> _T:
        """Call once, and only then bother tenacity: its books cost more than a document."""
        try:
            return call()
        except DynamoDBError as error:
            if not error.retryable:
                raise
            failure = error
        return self._retrying(_Replay(failure, call))

    def _count_retry(self, _: RetryCallState) -> None:
        with self._lock:
            self._count += 1


def _passes(error: BaseException) -> bool:
    return isinstance(error, DynamoDBError) and error.retryable
