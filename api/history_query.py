"""The query parameters of a list of purchases, read and checked.

Upstream: the request's query string. Downstream: ``api.history``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from api.cursor import CURSOR
from api.errors import InvalidParameterError
from invoices.contract import InvoiceKind

LIMIT, FROM, TO, KIND = "limit", "from", "to", "kind"
PARAMETERS = (LIMIT, CURSOR, FROM, TO, KIND)

DEFAULT_LIMIT = 25
MAX_LIMIT = 100

_LONGEST_CURSOR = 512
_DATE_CHARS = len("2011-08-31")


@dataclass(frozen=True, slots=True)
class PurchasesQuery:
    """Which of a customer's invoices to show.

    Attributes:
        limit: Most invoices of a page.
        cursor: Where the page before ended; None for the first.
        from_date: First day, the shop's local time.
        to_date: Last day, included.
        kind: Kind of invoice; None for all.
    """

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    from_date: date | None = None
    to_date: date | None = None
    kind: InvoiceKind | None = None

    @property
    def is_filtered(self) -> bool:
        """Whether some of the customer's invoices may be left out."""
        return (self.from_date, self.to_date, self.kind) != (None, None, None)

    @property
    def filters(self) -> str:
        """The filters as a text: what a cursor is bound to."""
        kind = self.kind.value if self.kind else ""
        return f"{self.from_date or ''}/{self.to_date or ''}/{kind}"

    def shows(self, invoice_date: datetime, kind: str) -> bool:
        """Whether an invoice of this date and kind is among them."""
        return (
            (self.from_date is None or datetime.combine(self.from_date, time.min) <= invoice_date)
            and (self.to_date is None or invoice_date <= datetime.combine(self.to_date, time.max))
            and (self.kind is None or kind == self.kind.value)
        )


def read_query(parameters: Mapping[str, Sequence[str]]) -> PurchasesQuery:
    """The query of these parameters, each with all its values.

    Raises:
        InvalidParameterError: One is unknown, stands twice or is not what it may be.
    """
    values = _single_values(parameters, PARAMETERS)
    query = PurchasesQuery(
        limit=_limit(values.get(LIMIT)),
        cursor=_cursor(values.get(CURSOR)),
        from_date=_date(FROM, values.get(FROM)),
        to_date=_date(TO, values.get(TO)),
        kind=_kind(values.get(KIND)),
    )
    if query.from_date and query.to_date and query.from_date > query.to_date:
        raise InvalidParameterError(FROM, f"is after {TO}")
    return query


def read_no_query(parameters: Mapping[str, Sequence[str]]) -> None:
    """Refuse any parameter, where a path takes none.

    Raises:
        InvalidParameterError: There is one.
    """
    _single_values(parameters, ())


def _single_values(parameters: Mapping[str, Sequence[str]], known: Sequence[str]) -> dict[str, str]:
    for name, values in parameters.items():
        if name not in known:
            wanted = f"known are {', '.join(known)}" if known else "this path takes none"
            raise InvalidParameterError(name[:40], f"is not a parameter of this path: {wanted}")
        if len(values) != 1:
            raise InvalidParameterError(name, "stands more than once")
    return {name: values[0] for name, values in parameters.items()}


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(MAX_LIMIT))
    if not is_number or not 1 <= int(text) <= MAX_LIMIT:
        raise InvalidParameterError(LIMIT, f"is a whole number from 1 to {MAX_LIMIT}")
    return int(text)


def _cursor(text: str | None) -> str | None:
    if text is not None and not 0 < len(text) <= _LONGEST_CURSOR:
        raise InvalidParameterError(CURSOR, "is not one that this list gave")
    return text


def _date(name: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        if len(text) != _DATE_CHARS:
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidParameterError(name, "is a day, YYYY-MM-DD") from error


def _kind(text: str | None) -> InvoiceKind | None:
    if text is None:
        return None
    try:
        return InvoiceKind(text)
    except ValueError as error:
        known = ", ".join(kind.value for kind in InvoiceKind)
        raise InvalidParameterError(KIND, f"is one of {known}") from error
