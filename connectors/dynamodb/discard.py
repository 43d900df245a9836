"""The adapter that keeps nothing: documents are built and dropped, for measurements.

Upstream: ``flink_job.write_documents``. Downstream: nothing.
"""

# ruff: noqa: ARG002 - a method takes what the port says, used or not
from collections.abc import Iterator, Sequence

from connectors.dynamodb.store import PurchaseUpdate, WriteResult
from invoices.documents import InvoicePart
from invoices.stored_items import Item

_APPLIED = WriteResult(applied=True, units=0.0)


class DiscardStore:
    """Every condition holds, every table is empty.

    Delivery: none.
    """

    def put_part(self, part: InvoicePart, expected_digest: str | None) -> WriteResult:
        """Drop the item."""
        return _APPLIED

    def read_parts(self, invoice_no: str) -> Sequence[Item]:
        """Nothing."""
        return ()

    def update_purchases(self, update: PurchaseUpdate) -> WriteResult:
        """Drop the documents."""
        return _APPLIED

    def read_purchase_parts(self, customer_id: str, month: str = "") -> Sequence[Item]:
        """Nothing."""
        return ()

    def scan_invoices(self, segment: int = 0, segments: int = 1) -> Iterator[Item]:
        """Nothing."""
        return iter(())

    def scan_customers(self, segment: int = 0, segments: int = 1) -> Iterator[Item]:
        """Nothing."""
        return iter(())

    def close(self) -> None:
        """There is nothing to give up."""
