"""Writing documents: batches of invoice revisions into DynamoDB.

No pyflink in here: the job wraps ``DocumentWriter`` in a map function that opens it
on its worker and counts its outcomes.

Upstream: ``RevisionBatcher`` (Java). Downstream: ``connectors.dynamodb``.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from connectors.dynamodb.invoice_writer import InvoiceWriter, WrittenInvoice
from connectors.dynamodb.month import PurchaseEntry
from connectors.dynamodb.purchase_writer import PurchaseWriter
from connectors.dynamodb.retrying import DEFAULT_POLICY, RetryingStore, RetryPolicy
from connectors.dynamodb.store import DocumentStore
from connectors.dynamodb.tally import Tally
from flink_job.workers import Workers
from invoices.documents import purchase_documents
from invoices.header import Place
from invoices.revision import Revision, fold, read_batch


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What writing a batch did.

    Attributes:
        invoices: Invoices the job had not seen before.
        revisions: Revisions in the batch.
        writes: Items written.
        write_units: Write units used, those of refused writes included.
        refused: Writes whose condition did not hold.
        retries: Calls made again after throttling, a time-out or a fault.
        merges: Invoices that were read and merged because another had written them.
    """

    invoices: int
    revisions: int
    writes: int
    write_units: float
    refused: int
    retries: int
    merges: int


class DocumentWriter:
    """Writes batches of revisions; one on each worker, used by one thread.

    Delivery: at least once, idempotent. ``write_batch`` returns when every write of the
    batch was acknowledged; when it raises, some may be, and the batch written again, cut
    and ordered in whatever way, completes them.

    Args:
        open_store: Connects to the tables, on the worker.
        concurrency: Writes at a time.
        retries: How long to try again what passes.
    """

    def __init__(
        self,
        open_store: Callable[[], DocumentStore],
        concurrency: int = 1,
        retries: RetryPolicy = DEFAULT_POLICY,
    ) -> None:
        self._open_store = open_store
        self._concurrency = concurrency
        self._retries = retries
        self._opened = ExitStack()

    def open(self) -> None:
        """Connect.

        Raises:
            DynamoDBError: There is no answer, or no such table.
        """
        self._store = RetryingStore(self._open_store(), self._retries)
        self._opened.callback(self._store.close)
        self._workers = Workers(self._concurrency)
        self._opened.callback(self._workers.close)
        self._invoices = InvoiceWriter(self._store)
        self._purchases = PurchaseWriter(self._store)

    def close(self) -> None:
        """Give up connections and threads, if ``open`` got that far."""
        self._opened.close()

    def write_batch(self, payload: bytes) -> BatchOutcome:
        """Write all revisions of a batch: invoices first, then their customers' purchases.

        Args:
            payload: A JSON array of revisions, as ``invoices.revision`` says.

        Raises:
            BatchError: The payload is not a batch.
            DynamoDBError: A write failed for good.
            UnreadableDocumentError: What is stored already cannot be merged with.
        """
        revisions = read_batch(payload)
        retries = self._store.retries
        written = self._workers.each(self._write_invoice, fold(revisions))
        by_place = _entries_by_place(invoice for invoice, _ in written)
        tallies = self._workers.each(self._write_purchases, list(by_place.items()))
        tally = sum((tally for _, tally in written), sum(tallies, Tally()))
        return BatchOutcome(
            invoices=sum(not revision.previous_revision for revision in revisions),
            revisions=len(revisions),
            writes=tally.writes,
            write_units=tally.units,
            refused=tally.refused,
            retries=self._store.retries - retries,
            merges=tally.merges,
        )

    def _write_invoice(self, revision: Revision) -> tuple[WrittenInvoice, Tally]:
        tally = Tally()
        return self._invoices.write(revision, tally), tally

    def _write_purchases(self, entries: tuple[Place, Sequence[PurchaseEntry]]) -> Tally:
        tally = Tally()
        self._purchases.write(*entries, tally)
        return tally


def _entries_by_place(invoices: Iterable[WrittenInvoice]) -> dict[Place, list[PurchaseEntry]]:
    by_place: dict[Place, list[PurchaseEntry]] = {}
    for invoice in invoices:
        for place, document in purchase_documents(invoice.header, invoice.former).items():
            entry = PurchaseEntry(invoice.header.invoice_no, document, invoice.is_new)
            by_place.setdefault(place, []).append(entry)
    return by_place
