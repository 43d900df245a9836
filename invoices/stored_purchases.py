"""Reading the items of ``Customers``: the purchases of a customer.

Upstream: ``connectors.dynamodb``. Downstream: its writer, which asks what stands
there already, and its reader, for people and for the reconciliation.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import orjson

from invoices import attribute_names as names
from invoices.header import PurchaseDocument
from invoices.stored_items import Item, documents_of, readable

_KEYS = names.CUSTOMER_ID, names.PART


@dataclass(frozen=True, slots=True)
class Purchase:
    """One document of ``Customers``: an invoice as its customer's history shows it.

    Attributes:
        customer_id: The customer.
        invoice_no: Number of the invoice.
        invoice_date: The shop's local time.
        country: Country of the customer.
        kind: ``sale``, ``cancellation`` or ``adjustment``.
        lines: How many lines the invoice has.
        units: Sum of quantities.
        total: Sum of quantity x unit price.
        revision: Revision of the invoice the document was made from.
    """

    customer_id: str
    invoice_no: str
    invoice_date: datetime
    country: str
    kind: str
    lines: int
    units: int
    total: Decimal
    revision: int


class _Entry(NamedTuple):
    customer_id: str
    invoice_no: str
    revision: int
    purchase: Purchase | None

    @property
    def identity(self) -> tuple[str, str]:
        return self.customer_id, self.invoice_no

    @property
    def rank(self) -> tuple[int, bool]:
        """A purchase outdoes the mark that it moved here from another month."""
        return self.revision, self.purchase is not None


def read_documents(item: Item) -> dict[str, PurchaseDocument]:
    """Documents of an item by invoice number, those of moved invoices too.

    Raises:
        UnreadableDocumentError: It is not what this release writes.
    """
    with readable(item, _KEYS):
        return {
            invoice_no: PurchaseDocument(int(orjson.loads(text)["revision"]), text)
            for invoice_no, text in documents_of(item, _KEYS)
        }


def read_purchases(items: Iterable[Item]) -> tuple[Purchase, ...]:
    """Purchases of all the items, by customer and number, each once.

    An invoice that stands several times (it moved to another month, or a task that
    should have been dead put it into a second part) is the one of the highest
    revision; one that moved to another customer is not there at all.

    Raises:
        UnreadableDocumentError: An item is not what this release writes.
    """
    highest: dict[tuple[str, str], _Entry] = {}
    for item in items:
        for entry in _entries(item):
            held = highest.get(entry.identity)
            if held is None or entry.rank > held.rank:
                highest[entry.identity] = entry
    purchases = (highest[identity].purchase for identity in sorted(highest))
    return tuple(purchase for purchase in purchases if purchase is not None)


def _entries(item: Item) -> Iterator[_Entry]:
    with readable(item, _KEYS):
        customer_id = str(item[names.CUSTOMER_ID])
        for invoice_no, text in documents_of(item, _KEYS):
            yield _entry(customer_id, invoice_no, text)


def _entry(customer_id: str, invoice_no: str, text: str) -> _Entry:
    values = orjson.loads(text)
    revision = int(values["revision"])
    if values.get("moved"):
        return _Entry(customer_id, invoice_no, revision, None)
    purchase = Purchase(
        customer_id=customer_id,
        invoice_no=invoice_no,
        invoice_date=datetime.fromisoformat(values["date"]),
        country=values["country"],
        kind=values["kind"],
        lines=values["lines"],
        units=values["units"],
        total=Decimal(values["total"]),
        revision=revision,
    )
    return _Entry(customer_id, invoice_no, revision, purchase)
