"""The port: what the writer and the reader ask of the two tables.

Three adapters implement it: ``connectors.dynamodb.pynamo`` (DynamoDB through
PynamoDB), ``connectors.dynamodb.memory`` (the same rules without a service) and
``connectors.dynamodb.discard`` (builds everything, keeps nothing). One suite of
behaviours, ``tests/contract``, runs over the first two.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from invoices.documents import InvoicePart
from invoices.stored_items import Item


@dataclass(frozen=True, slots=True)
class WriteResult:
    """The answer to a conditional write.

    Attributes:
        applied: Whether the condition held and the item was written.
        units: Write units it cost; a condition that does not hold is billed too.
    """

    applied: bool
    units: float


@dataclass(frozen=True, slots=True)
class PurchaseUpdate:
    """Documents to set in one item of ``Customers``, all or none.

    Attributes:
        customer_id: Hash key.
        part: Range key.
        documents: Document to set, by invoice number.
        expected: Document that must stand there now, by invoice number; an invoice
            that is not named must not stand there.
        creates: Whether the item as a whole must not exist yet.
        item_bytes: Size of the item after the update, as far as the writer knows.
    """

    customer_id: str
    part: str
    documents: Mapping[str, str]
    expected: Mapping[str, str]
    creates: bool
    item_bytes: int


class DocumentStore(Protocol):
    """The tables ``Invoices`` and ``Customers``.

    Every method is safe to call from several threads, and raises ``DynamoDBError``.

    Delivery: a write is acknowledged when the method returns. One that raises
    ``UnavailableError`` may have happened; conditions make it harmless to repeat.
    """

    def put_part(self, part: InvoicePart, expected_digest: str | None) -> WriteResult:
        """Write one item of ``Invoices`` whole.

        Args:
            part: The item.
            expected_digest: Digest the stored item must have; None if there must be none.
        """

    def read_parts(self, invoice_no: str) -> Sequence[Item]:
        """The items of an invoice in order of their numbers, as of now."""

    def update_purchases(self, update: PurchaseUpdate) -> WriteResult:
        """Set documents in one item of ``Customers``."""

    def read_purchase_parts(self, customer_id: str, month: str = "") -> Sequence[Item]:
        """The items of a customer as of now, of one month or of all."""

    def scan_invoices(self, segment: int = 0, segments: int = 1) -> Iterator[Item]:
        """Items of ``Invoices``: one of so many disjoint segments that make up the table.

        The items of an invoice come one after the other, in order of their numbers.
        """

    def scan_customers(self, segment: int = 0, segments: int = 1) -> Iterator[Item]:
        """Items of ``Customers``, as ``scan_invoices``."""

    def close(self) -> None:
        """Give up connections; the store is not used any more."""
