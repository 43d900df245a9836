"""The two tables themselves: their keys, and making them where no template does.

Upstream: ``invoice-stream up`` and tests; on AWS the deployment makes them. The
deployment is tested against ``TABLE_KEYS``.
"""

import time
from dataclasses import dataclass

from pynamodb.connection import Connection

from connectors.dynamodb.connection import RAISED, connect, error_code, translate
from connectors.dynamodb.errors import TableMissingError, UnavailableError
from connectors.dynamodb.target import DynamoDBTarget
from invoices import attribute_names as names

ACTIVE_SECONDS = 60.0
_POLL_SECONDS = 0.1
_EXISTS = "ResourceInUseException"


@dataclass(frozen=True, slots=True)
class TableKeys:
    """Keys of a table: name and DynamoDB's type letter of the hash and the range key."""

    hash_key: tuple[str, str]
    range_key: tuple[str, str]


INVOICES_KEYS = TableKeys((names.INVOICE_NO, "S"), (names.PART, "N"))
CUSTOMERS_KEYS = TableKeys((names.CUSTOMER_ID, "S"), (names.PART, "S"))


def create_tables(target: DynamoDBTarget) -> None:
    """Make both tables, billed on demand, and wait until they can be used.

    A table that is there already is kept with what it holds.

    Raises:
        DynamoDBError: No answer, not allowed, a table of that name has other keys, or
            one was not ready within a minute.
    """
    connection = connect(target)
    for name, keys in _tables(target):
        _create(connection, name, keys, target.address)
    for name, keys in _tables(target):
        _wait_until_active(connection, name, keys, target.address)


def delete_tables(target: DynamoDBTarget) -> None:
    """Remove both tables and all they hold; one that is not there is no error.

    Raises:
        DynamoDBError: No answer, or not allowed.
    """
    connection = connect(target)
    for name, _ in _tables(target):
        try:
            connection.delete_table(name)
        except RAISED as error:
            problem = translate(error, name, target.address)
            if not isinstance(problem, TableMissingError):
                raise problem from error


def _tables(target: DynamoDBTarget) -> list[tuple[str, TableKeys]]:
    return [(target.invoices_table, INVOICES_KEYS), (target.customers_table, CUSTOMERS_KEYS)]


def _create(connection: Connection, name: str, keys: TableKeys, address: str) -> None:
    columns = (keys.hash_key, "HASH"), (keys.range_key, "RANGE")
    try:
        connection.create_table(
            name,
            attribute_definitions=[
                {"AttributeName": column, "AttributeType": letter}
                for (column, letter), _ in columns
            ],
            key_schema=[
                {"AttributeName": column, "KeyType": role} for (column, _), role in columns
            ],
            billing_mode="PAY_PER_REQUEST",
        )
    except RAISED as error:
        if error_code(error) != _EXISTS:
            raise translate(error, name, address) from error


def _wait_until_active(connection: Connection, name: str, keys: TableKeys, address: str) -> None:
    deadline = time.monotonic() + ACTIVE_SECONDS
    while True:
        try:
            description = connection.describe_table(name)
        except RAISED as error:
            raise translate(error, name, address) from error
        if description["TableStatus"] == "ACTIVE":
            _check_keys(description, name, keys)
            return
        if time.monotonic() > deadline:
            raise UnavailableError(
                f"table {name} at {address} is {description['TableStatus']} after"
                f" {ACTIVE_SECONDS:.0f} s: try again later"
            )
        time.sleep(_POLL_SECONDS)


def _check_keys(description: dict[str, list[dict[str, str]]], name: str, keys: TableKeys) -> None:
    types = {
        column["AttributeName"]: column["AttributeType"]
        for column in description["AttributeDefinitions"]
    }
    found = {
        column["KeyType"]: (column["AttributeName"], types[column["AttributeName"]])
        for column in description["KeySchema"]
    }
    wanted = {"HASH": keys.hash_key, "RANGE": keys.range_key}
    if found != wanted:
        raise TableMissingError(
            f"table {name} is there but has the keys {found}, not {wanted}:"
            " name another table, or delete it"
        )
