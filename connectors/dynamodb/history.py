"""Reading for the history API: pages of a customer's purchases, one invoice, nothing else.

Upstream: the tables the job writes. Downstream: ``api.history``. Unlike the job's store
it asks for no description of the tables, reads eventually consistent (half the price),
and newest first, no more than a page wants.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, cast

from pynamodb.connection.base import MetaTable
from pynamodb.expressions.operand import Path
from tenacity import Retrying, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_random_exponential

from connectors.dynamodb.connection import RAISED, connect, translate
from connectors.dynamodb.errors import DynamoDBError
from connectors.dynamodb.memory import MemoryStore
from connectors.dynamodb.pynamo import decode_item
from connectors.dynamodb.tables import CUSTOMERS_KEYS, INVOICES_KEYS, TableKeys
from connectors.dynamodb.target import DynamoDBTarget
from invoices import attribute_names as names
from invoices.stored_items import Item

ATTEMPTS = 3
CONNECT_SECONDS = 1.0
READ_SECONDS = 3.0
"""Somebody waits for the answer."""

_FIRST_WAIT_SECONDS = 0.05
_LONGEST_WAIT_SECONDS = 0.5

_AFTER_MONTH = "~"
"""Sorts behind whatever continues a month's part (``2011-08.0002``)."""


@dataclass(frozen=True, slots=True)
class Months:
    """Months of a customer's purchases, ``YYYY-MM``, both included."""

    oldest: str = "0001-01"
    newest: str = "9999-12"


@dataclass(frozen=True, slots=True)
class PartPage:
    """Items of ``Customers``, newest month first.

    Attributes:
        items: The items; those of a month may go on in the next page.
        last_part: Range key to go on behind; None when there is no more.
    """

    items: Sequence[Item]
    last_part: str | None


class HistoryStore(Protocol):
    """What the history reads; every method raises ``DynamoDBError``."""

    def invoice_parts(self, invoice_no: str) -> Sequence[Item]:
        """The items of an invoice in order of their numbers; none when there is no such one."""

    def purchase_parts(
        self, customer_id: str, months: Months, behind: str | None, limit: int | None
    ) -> PartPage:
        """One request's worth of a customer's items.

        Args:
            customer_id: The customer.
            months: Months to read.
            behind: ``last_part`` of the page before.
            limit: Most items; None for as many as one answer holds, about 1 MB.
        """


class PynamoHistory:
    """The tables in DynamoDB, through PynamoDB; a call that passes is tried three times."""

    def __init__(self, target: DynamoDBTarget) -> None:
        self._target = target
        self._connection = connect(
            target, connect_seconds=CONNECT_SECONDS, read_seconds=READ_SECONDS
        )
        self._connection.add_meta_table(_description(target.invoices_table, INVOICES_KEYS))
        self._connection.add_meta_table(_description(target.customers_table, CUSTOMERS_KEYS))
        self._retrying = Retrying(
            retry=retry_if_exception(_passes),
            wait=wait_random_exponential(_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS),
            stop=stop_after_attempt(ATTEMPTS),
            reraise=True,
        )

    def invoice_parts(self, invoice_no: str) -> Sequence[Item]:
        """See ``HistoryStore.invoice_parts``."""
        table = self._target.invoices_table
        items: list[Item] = []
        start: object = None
        while True:
            response = self._query(
                table, partial(self._connection.query, table, invoice_no, exclusive_start_key=start)
            )
            items += map(decode_item, cast(list[dict[str, dict[str, str]]], response["Items"]))
            start = response.get("LastEvaluatedKey")
            if not start:
                return items

    def purchase_parts(
        self, customer_id: str, months: Months, behind: str | None, limit: int | None
    ) -> PartPage:
        """See ``HistoryStore.purchase_parts``."""
        table = self._target.customers_table
        query = partial(
            self._connection.query,
            table,
            customer_id,
            range_key_condition=Path([names.PART]).between(
                months.oldest, months.newest + _AFTER_MONTH
            ),
            exclusive_start_key=None if behind is None else _customer_key(customer_id, behind),
            limit=limit,
            scan_index_forward=False,
        )
        response = self._query(table, query)
        items = cast(list[dict[str, dict[str, str]]], response["Items"])
        last = cast(dict[str, dict[str, str]], response.get("LastEvaluatedKey") or {})
        return PartPage(
            [decode_item(item) for item in items], last[names.PART]["S"] if last else None
        )

    def _query(self, table: str, query: Callable[[], dict[str, object]]) -> dict[str, object]:
        return self._retrying(self._attempt, table, query)

    def _attempt(self, table: str, query: Callable[[], dict[str, object]]) -> dict[str, object]:
        try:
            return query()
        except RAISED as error:
            raise translate(error, table, self._target.address) from error


class MemoryHistory:
    """The same over a ``MemoryStore``, for tests; counts the requests.

    Attributes:
        requests: How many answers were given.
    """

    def __init__(self, store: MemoryStore, items_per_answer: int = 1000) -> None:
        self._store = store
        self._items_per_answer = items_per_answer
        self.requests = 0

    def invoice_parts(self, invoice_no: str) -> Sequence[Item]:
        """See ``HistoryStore.invoice_parts``."""
        self.requests += 1
        return self._store.read_parts(invoice_no)

    def purchase_parts(
        self, customer_id: str, months: Months, behind: str | None, limit: int | None
    ) -> PartPage:
        """See ``HistoryStore.purchase_parts``."""
        self.requests += 1
        items = [
            item
            for item in reversed(self._store.read_purchase_parts(customer_id))
            if months.oldest <= str(item[names.PART]) <= months.newest + _AFTER_MONTH
            and (behind is None or str(item[names.PART]) < behind)
        ]
        count = min(limit or self._items_per_answer, self._items_per_answer)
        more = len(items) > count
        return PartPage(items[:count], str(items[count - 1][names.PART]) if more else None)


def _passes(error: BaseException) -> bool:
    return isinstance(error, DynamoDBError) and error.retryable


def _customer_key(customer_id: str, part: str) -> dict[str, dict[str, str]]:
    return {names.CUSTOMER_ID: {"S": customer_id}, names.PART: {"S": part}}


def _description(table: str, keys: TableKeys) -> MetaTable:
    """What PynamoDB would ask DynamoDB for: the keys."""
    columns = (keys.hash_key, "HASH"), (keys.range_key, "RANGE")
    return MetaTable(
        {
            "TableName": table,
            "KeySchema": [
                {"AttributeName": column, "KeyType": role} for (column, _), role in columns
            ],
            "AttributeDefinitions": [
                {"AttributeName": column, "AttributeType": letter}
                for (column, letter), _ in columns
            ],
        }
    )
