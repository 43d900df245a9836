"""A customer's history: their invoices newest first, sums over them, one with its lines.

Upstream: ``connectors.dynamodb.history``. Downstream: ``api.history_handler``. Who may
ask for what is settled before.
"""

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from api.answers import InvoiceAnswer, PurchasesAnswer, SummaryAnswer
from api.cursor import Cursors, Position
from api.errors import NotFoundError
from api.history_answers import invoice_answer, purchase_answer, summary_answer
from api.history_query import PurchasesQuery
from connectors.dynamodb.history import HistoryStore, Months
from invoices import attribute_names as names
from invoices.stored_invoices import join_parts, read_part
from invoices.stored_items import Item
from invoices.stored_purchases import Purchase, read_purchases

_MONTH_CHARS = len("2011-08")


class History:
    """Answers from DynamoDB's two tables.

    Every method raises ``DynamoDBError`` when they cannot be read, and
    ``UnreadableDocumentError`` when an item is not what this release writes.

    Args:
        store: The tables.
        cursors: Writes and reads cursors.
    """

    def __init__(self, store: HistoryStore, cursors: Cursors) -> None:
        self._store = store
        self._cursors = cursors

    def purchases(self, customer_id: str, query: PurchasesQuery) -> PurchasesAnswer:
        """A page of the customer's invoices, newest first, those of one time by number.

        Raises:
            NotFoundError: There is no such customer.
            InvalidParameterError: The cursor is not one of this list.
        """
        scope = f"{customer_id}\n{query.filters}"
        behind = self._cursors.read(query.cursor, scope) if query.cursor else None
        found = self._found(customer_id, query, behind)
        if not found:
            self._require_customer(customer_id)
        page = found[: query.limit]
        more = len(found) > query.limit
        return PurchasesAnswer(
            customer_id,
            tuple(map(purchase_answer, page)),
            self._cursors.write(_position(page[-1]), scope) if more else None,
        )

    def summary(self, customer_id: str) -> SummaryAnswer:
        """Sums over all the customer's invoices.

        Raises:
            NotFoundError: There is no such customer.
        """
        months = read_months(self._store, customer_id, Months(), None)
        purchases = [purchase for items in months for purchase in read_purchases(items)]
        if not purchases:
            raise _no_such_customer()
        return summary_answer(customer_id, purchases)

    def invoice(self, invoice_no: str) -> InvoiceAnswer:
        """The invoice with its lines.

        Raises:
            NotFoundError: There is no such invoice.
        """
        parts = [read_part(item) for item in self._store.invoice_parts(invoice_no)]
        invoice = join_parts(parts) if parts else None
        if invoice is None or invoice.header is None:
            raise no_such_invoice()
        return invoice_answer(invoice, invoice.header)

    def _found(
        self, customer_id: str, query: PurchasesQuery, behind: Position | None
    ) -> list[Purchase]:
        """At least one invoice more than the page holds, where there are so many."""
        found: list[Purchase] = []
        for items in read_months(self._store, customer_id, _months(query, behind), query.limit + 1):
            shown = [
                purchase
                for purchase in read_purchases(items)
                if query.shows(purchase.invoice_date, purchase.kind)
                and (behind is None or _position(purchase) < behind)
            ]
            found += sorted(shown, key=_position, reverse=True)
            if len(found) > query.limit:
                break
        return found

    def _require_customer(self, customer_id: str) -> None:
        if not self._store.purchase_parts(customer_id, Months(), None, 1).items:
            raise _no_such_customer()


def read_months(
    store: HistoryStore, customer_id: str, months: Months, limit: int | None
) -> Iterator[list[Item]]:
    """The customer's items, whole months one after the other, newest first.

    An item is left for the next month only when the next has been seen, so a month that
    goes on in further items, or in the next answer, comes as one.

    Args:
        store: The tables.
        customer_id: The customer.
        months: Months to read.
        limit: Items to ask for first; a month has one at least.
    """
    held: list[Item] = []
    behind: str | None = None
    while True:
        page = store.purchase_parts(customer_id, months, behind, limit)
        groups = [list(group) for _, group in groupby([*held, *page.items], key=_month)]
        if page.last_part is None:
            yield from groups
            return
        held = groups.pop() if groups else []
        yield from groups
        behind, limit = page.last_part, None


def no_such_invoice() -> NotFoundError:
    """What is said of an invoice that is not there, and of one that is another's."""
    return NotFoundError("there is no such invoice")


def _no_such_customer() -> NotFoundError:
    return NotFoundError("there is no such customer, or nothing was bought yet")


def _month(item: Item) -> str:
    return str(item[names.PART])[:_MONTH_CHARS]


def _months(query: PurchasesQuery, behind: Position | None) -> Months:
    everything = Months()
    newest = [everything.newest]
    newest += [_month_of(query.to_date)] if query.to_date else []
    newest += [_month_of(behind.invoice_date)] if behind else []
    oldest = _month_of(query.from_date) if query.from_date else everything.oldest
    return Months(min(oldest, *newest), min(newest))


def _month_of(day: date) -> str:
    return day.isoformat()[:_MONTH_CHARS]


def _position(purchase: Purchase) -> Position:
    return Position(purchase.invoice_date, purchase.invoice_no)
