"""A customer's month: which part of it holds which purchase, and where the next one goes.

A write is billed by the size of the whole item, so a month continues in a further
part (``2011-08``, ``2011-08.0002``, ...) as soon as one is full: the thousandth
purchase costs what the first did. Reading is billed by bytes and does not care.

Upstream: ``connectors.dynamodb.purchase_writer``. Downstream:
``connectors.dynamodb.store``.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from connectors.dynamodb.item_size import UNIT_BYTES, item_bytes, text_bytes
from connectors.dynamodb.store import PurchaseUpdate
from invoices import attribute_names as names
from invoices.header import Place, PurchaseDocument
from invoices.stored_items import Item
from invoices.stored_purchases import read_documents

PART_BYTES = UNIT_BYTES - 24
"""A part takes no further purchase beyond; the rest is for totals that grow by a digit."""

MAX_DOCUMENTS = 40
"""Purchases a part takes at most, so that one expression of 4 KB can set them all."""


class PurchaseEntry(NamedTuple):
    """What has to stand in ``Customers`` for an invoice, unless something newer does.

    Attributes:
        invoice_no: Number of the invoice.
        document: The document, and the revision it is of.
        is_new: Whether nothing of the invoice was stored before.
    """

    invoice_no: str
    document: PurchaseDocument
    is_new: bool


class _Held(NamedTuple):
    part: int
    document: PurchaseDocument


class _Fill(NamedTuple):
    bytes: int
    documents: int


class PlannedUpdate(NamedTuple):
    """An update, and what is known of the month once it was applied."""

    update: PurchaseUpdate
    part: int
    fill: _Fill
    entries: list[PurchaseEntry]


class Month:
    """What is known of the parts of one place.

    Args:
        place: The customer and the month.
        items: Its parts as they were read; none if they are believed not to exist.
        part_bytes: Size beyond which a part takes no further purchase.
    """

    def __init__(
        self, place: Place, items: Iterable[Item] = (), part_bytes: int = PART_BYTES
    ) -> None:
        self._place = place
        self._part_bytes = part_bytes
        self._fills: dict[int, _Fill] = {}
        self._last = 1
        self._held: dict[str, _Held] = {}
        for item in items:
            self._learn(item)

    @property
    def purchases(self) -> int:
        """How many are known of."""
        return len(self._held)

    def plan(self, entries: Iterable[PurchaseEntry]) -> list[PlannedUpdate]:
        """One update for each part that changes; none for what stands there already."""
        fills: dict[int, _Fill] = {}
        by_part: dict[int, list[PurchaseEntry]] = {}
        for entry in entries:
            held = self._held.get(entry.invoice_no)
            if held is None or held.document.revision < entry.document.revision:
                number = self._place_entry(entry, held, fills)
                by_part.setdefault(number, []).append(entry)
        return [
            PlannedUpdate(
                self._update(number, chosen, fills[number]), number, fills[number], chosen
            )
            for number, chosen in by_part.items()
        ]

    def applied(self, planned: PlannedUpdate) -> None:
        """Remember that the update was made."""
        self._fill(planned.part, planned.fill)
        for entry in planned.entries:
            self._held[entry.invoice_no] = _Held(planned.part, entry.document)

    def _learn(self, item: Item) -> None:
        number = _number(str(item[names.PART]))
        documents = read_documents(item)
        self._fill(number, _Fill(item_bytes(item), len(documents)))
        for invoice_no, document in documents.items():
            held = self._held.get(invoice_no)
            if held is None or held.document.revision < document.revision:
                self._held[invoice_no] = _Held(number, document)

    def _fill(self, number: int, fill: _Fill) -> None:
        self._fills[number] = fill
        self._last = max(self._last, number)

    def _place_entry(
        self, entry: PurchaseEntry, held: _Held | None, fills: dict[int, _Fill]
    ) -> int:
        """The part the entry goes to; ``fills`` is what the plan changes, this entry included."""
        size = text_bytes(entry.document.text)
        if held is not None:
            fill = self._planned_fill(held.part, fills)
            growth = size - text_bytes(held.document.text)
            fills[held.part] = _Fill(fill.bytes + growth, fill.documents)
            return held.part
        size += text_bytes(names.invoice_attribute(entry.invoice_no))
        number = self._open_part(size, fills)
        fill = self._planned_fill(number, fills)
        fills[number] = _Fill(fill.bytes + size, fill.documents + 1)
        return number

    def _planned_fill(self, number: int, fills: dict[int, _Fill]) -> _Fill:
        fill = fills.get(number) or self._fills.get(number)
        return _Fill(item_bytes(self._keys(number)), 0) if fill is None else fill

    def _open_part(self, size: int, fills: dict[int, _Fill]) -> int:
        number = max(self._last, *fills) if fills else self._last
        fill = self._planned_fill(number, fills)
        full = fill.bytes + size > self._part_bytes or fill.documents >= MAX_DOCUMENTS
        return number + 1 if full and fill.documents else number

    def _keys(self, number: int) -> Item:
        return {names.CUSTOMER_ID: self._place.customer_id, names.PART: self._name(number)}

    def _name(self, number: int) -> str:
        return self._place.month if number == 1 else f"{self._place.month}.{number:04d}"

    def _update(self, number: int, entries: Sequence[PurchaseEntry], fill: _Fill) -> PurchaseUpdate:
        return PurchaseUpdate(
            customer_id=self._place.customer_id,
            part=self._name(number),
            documents={entry.invoice_no: entry.document.text for entry in entries},
            expected={
                entry.invoice_no: self._held[entry.invoice_no].document.text
                for entry in entries
                if entry.invoice_no in self._held
            },
            creates=number not in self._fills,
            item_bytes=fill.bytes,
        )


def _number(part: str) -> int:
    _, _, number = part.partition(".")
    return int(number or 1)
