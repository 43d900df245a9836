"""The header: what an invoice is as a whole, told from its lines as they stand in documents.

The rule is ``invoices.invoice.Invoice``'s. It is written a second time, over texts
and integers instead of dates and decimals, because the job applies it to every
line it stores; a test holds the two to each other.

Upstream: ``flink_job.write_documents``. Downstream: ``invoices.documents``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from invoices.contract import PRICE_SCALE, kind_of

MAX_FORMER_PLACES = 16
"""Places an invoice remembers to have left: the last ones; the marks at others stand long since."""

_CACHED_PRICES = 4096
_SCALE = 10**PRICE_SCALE


class DocumentLine(NamedTuple):
    """A line as documents hold it: the contract's columns but version, number and extras.

    Date and price are the contract's texts (``date_text``, ``money_text``): they
    are carried, not calculated with, at a fraction of the cost.
    """

    line_no: int
    stock_code: str
    description: str | None
    quantity: int
    invoice_date: str
    unit_price: str
    customer_id: str | None
    country: str


class Place(NamedTuple):
    """Where a purchase stands in ``Customers``: whose, and in which month (``2011-08``)."""

    customer_id: str
    month: str


class FormerPlace(NamedTuple):
    """A place an invoice stood at until this revision, when its header changed."""

    place: Place
    left_at: int


class PurchaseDocument(NamedTuple):
    """What stands at a place for an invoice: JSON, and the revision it was made from."""

    revision: int
    text: str


@dataclass(frozen=True, slots=True)
class Header:
    """What an invoice is as a whole; the rule is ``invoices.invoice.Invoice``'s.

    Attributes:
        invoice_no: Number of the invoice.
        kind: ``sale``, ``cancellation`` or ``adjustment``.
        invoice_date: ISO 8601 local time of the lowest line.
        customer_id: Customer of the lowest line that has one; None for a guest.
        country: Country of the lowest line.
        revision: How many distinct lines it has.
        units: Sum of quantities.
        total: Sum of quantity x unit price, exact, as ``money_text`` writes it.
    """

    invoice_no: str
    kind: str
    invoice_date: str
    customer_id: str | None
    country: str
    revision: int
    units: int
    total: str

    @property
    def place(self) -> Place | None:
        """Where its purchase belongs; None for a guest, who has none."""
        return None if self.customer_id is None else Place(self.customer_id, self.invoice_date[:7])


def in_order(lines: Sequence[DocumentLine]) -> list[DocumentLine]:
    """Lines by number; of two with one number the first stands."""
    held = {line[0]: line for line in reversed(lines)}
    return [held[line_no] for line_no in sorted(held)]


def header_of(invoice_no: str, lines: Sequence[DocumentLine]) -> Header:
    """Header of an invoice from its lines in order, at least one."""
    lowest = lines[0]
    return Header(
        invoice_no=invoice_no,
        kind=kind_of(invoice_no).value,
        invoice_date=lowest.invoice_date,
        customer_id=_customer_of(lines),
        country=lowest.country,
        revision=len(lines),
        units=sum([line[3] for line in lines]),
        total=_money(sum([line[3] * _ten_thousandths(line[5]) for line in lines])),
    )


def former_places(
    former: Sequence[FormerPlace], before: Place | None, header: Header
) -> tuple[FormerPlace, ...]:
    """Places left, after the invoice's place was ``before`` and is now the header's."""
    kept = [left for left in former if left.place != header.place]
    if before is not None and before != header.place:
        kept.append(FormerPlace(before, header.revision))
    return tuple(kept[-MAX_FORMER_PLACES:])


def _customer_of(lines: Iterable[DocumentLine]) -> str | None:
    return next((line.customer_id for line in lines if line.customer_id is not None), None)


@lru_cache(_CACHED_PRICES)
def _ten_thousandths(price: str) -> int:
    """A price in ten-thousandths: integers are exact at any size, and faster than decimals."""
    whole, _, places = price.partition(".")
    return int(whole + places.ljust(PRICE_SCALE, "0"))


def _money(ten_thousandths: int) -> str:
    whole, places = divmod(abs(ten_thousandths), _SCALE)
    text = f"{whole}.{places:0{PRICE_SCALE}}"
    sign = "-" if ten_thousandths < 0 else ""
    return sign + text[:-2] + text[-2:].rstrip("0")
