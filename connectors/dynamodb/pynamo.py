"""The adapter to DynamoDB itself, through PynamoDB.

PynamoDB's models are left aside: a row is as wide as its data, and the names of its
attributes are known to the data alone. What is used of it is its connection and its
expressions, with names given as lists (``Path(["a.b"])``), which it does not split.

Upstream: ``connectors.dynamodb.retrying``. Downstream: DynamoDB.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial, reduce
from operator import and_
from typing import TypeAlias, cast

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from connectors.dynamodb.connection import (
    CONDITION_FAILED,
    RAISED,
    connect,
    error_code,
    translate,
)
from connectors.dynamodb.item_size import item_bytes, write_units
from connectors.dynamodb.store import PurchaseUpdate, WriteResult
from connectors.dynamodb.target import DynamoDBTarget
from invoices import attribute_names as names
from invoices.documents import Attributes, InvoicePart
from invoices.stored_items import Item

_Value: TypeAlias = dict[str, str]
_Response: TypeAlias = Mapping[str, object]
_Call: TypeAlias = Callable[[], _Response]


class PynamoStore:
    """Both tables in DynamoDB.

    Delivery: a write is acknowledged when the method returns; one call, no second try.
    """

    def __init__(self, target: DynamoDBTarget) -> None:
        """Connect and see that both tables are there.

        Raises:
            DynamoDBError: No answer, or no such table.
        """
        self._target = target
        self._connection = connect(target)
        for table in target.invoices_table, target.customers_table:
            self._call(table, partial(self._connection.describe_table, table))

    def put_part(self, part: InvoicePart, expected_digest: str | None) -> WriteResult:
        """Write one item of ``Invoices`` whole, if its digest is the expected one."""
        put = partial(
            self._connection.put_item,
            self._target.invoices_table,
            part.invoice_no,
            range_key=str(part.number),
            attributes=_encode(part.attributes),
            condition=part_condition(expected_digest),
        )
        return self._write(self._target.invoices_table, put, lambda: item_bytes(part.item))

    def read_parts(self, invoice_no: str) -> Sequence[Item]:
        """The items of an invoice in order of their numbers."""
        return list(self._query(self._target.invoices_table, invoice_no, None))

    def update_purchases(self, update: PurchaseUpdate) -> WriteResult:
        """Set documents in one item of ``Customers``, if all conditions hold."""
        set_documents = partial(
            self._connection.update_item,
            self._target.customers_table,
            update.customer_id,
            range_key=update.part,
            actions=purchase_actions(update),
            condition=purchase_condition(update),
        )
        return self._write(self._target.customers_table, set_documents, lambda: update.item_bytes)

    def read_purchase_parts(self, customer_id: str, month: str = "") -> Sequence[Item]:
        """The items of a customer, of one month or of all."""
        condition = Path([names.PART]).startswith(month) if month else None
        return list(self._query(self._target.customers_table, customer_id, condition))

    def scan_invoices(self, segment: int = 0, segments: int = 1) -> Iterator[Item]:
        """Items of ``Invoices``, of one of so many segments."""
        return self._scan(self._target.invoices_table, segment, segments)

    def scan_customers(self, segment: int = 0, segments: int = 1) -> Iterator[Item]:
        """Items of ``Customers``, of one of so many segments."""
        return self._scan(self._target.customers_table, segment, segments)

    def close(self) -> None:
        """Close the connections."""
        self._connection.client.close()

    def _write(self, table: str, call: _Call, size: Callable[[], int]) -> WriteResult:
        try:
            response = call()
        except RAISED as error:
            if error_code(error) == CONDITION_FAILED:
                return WriteResult(applied=False, units=write_units(size()))
            raise translate(error, table, self._target.address) from error
        return WriteResult(applied=True, units=_units(response) or write_units(size()))

    def _call(self, table: str, call: _Call) -> _Response:
        try:
            return call()
        except RAISED as error:
            raise translate(error, table, self._target.address) from error

    def _query(self, table: str, key: str, condition: Condition | None) -> Iterator[Item]:
        query = partial(
            self._connection.query,
            table,
            key,
            range_key_condition=condition,
            consistent_read=True,
        )
        return self._pages(table, query)

    def _scan(self, table: str, segment: int, segments: int) -> Iterator[Item]:
        scan = partial(
            self._connection.scan,
            table,
            segment=segment,
            total_segments=segments,
            consistent_read=True,
        )
        return self._pages(table, scan)

    def _pages(self, table: str, read: Callable[..., _Response]) -> Iterator[Item]:
        start: object = None
        while True:
            response = self._call(table, partial(read, exclusive_start_key=start))
            yield from map(decode_item, cast(list[dict[str, _Value]], response["Items"]))
            start = response.get("LastEvaluatedKey")
            if not start:
                return


def part_condition(expected_digest: str | None) -> Condition:
    """What must hold of the stored item for a part to replace it."""
    if expected_digest is None:
        return Path([names.INVOICE_NO]).does_not_exist()
    return Path([names.DIGEST]) == expected_digest


def purchase_actions(update: PurchaseUpdate) -> list[Action]:
    """One SET a document."""
    return [
        Path([names.invoice_attribute(invoice_no)]).set(document)
        for invoice_no, document in update.documents.items()
    ]


def purchase_condition(update: PurchaseUpdate) -> Condition:
    """What must hold of the stored item for the documents to be set."""
    if update.creates:
        return Path([names.CUSTOMER_ID]).does_not_exist()
    return reduce(and_, (_document_condition(update, number) for number in update.documents))


def _document_condition(update: PurchaseUpdate, invoice_no: str) -> Condition:
    path = Path([names.invoice_attribute(invoice_no)])
    expected = update.expected.get(invoice_no)
    return path.does_not_exist() if expected is None else path == expected


def _units(response: _Response) -> float:
    capacity = response.get("ConsumedCapacity")
    return float(capacity.get("CapacityUnits", 0.0)) if isinstance(capacity, dict) else 0.0


def _encode(attributes: Attributes) -> dict[str, _Value]:
    return {
        name: {"S": value} if isinstance(value, str) else {"N": str(value)}
        for name, value in attributes.items()
    }


def decode_item(item: dict[str, _Value]) -> dict[str, str | int]:
    """An item as DynamoDB answers it, as values."""
    return {name: int(value["N"]) if "N" in value else value["S"] for name, value in item.items()}
