"""Tables are made once, and whatever is wrong with them is said in one line."""

import socket
from dataclasses import replace

import pytest

from connectors.dynamodb.connection import connect
from connectors.dynamodb.errors import RefusedError, TableMissingError, UnavailableError
from connectors.dynamodb.pynamo import PynamoStore
from connectors.dynamodb.tables import create_tables, delete_tables
from connectors.dynamodb.target import DynamoDBTarget, target_of
from connectors.settings import Settings
from invoices.documents import build_parts
from invoices.header import header_of
from tests.document_cases import FIRST, document_line


@pytest.fixture
def target(unused_settings: Settings) -> DynamoDBTarget:
    return target_of(unused_settings)


def describe(target: DynamoDBTarget, table: str) -> dict[str, object]:
    description: dict[str, object] = connect(target).describe_table(table)
    return description


def test_tables_are_made_with_their_keys_and_billed_on_demand(target: DynamoDBTarget) -> None:
    create_tables(target)
    for table, hash_key, range_type in (
        (target.invoices_table, "InvoiceNo", "N"),
        (target.customers_table, "CustomerID", "S"),
    ):
        description = describe(target, table)
        assert description["TableStatus"] == "ACTIVE"
        assert description["KeySchema"] == [
            {"AttributeName": hash_key, "KeyType": "HASH"},
            {"AttributeName": "Part", "KeyType": "RANGE"},
        ]
        assert description["AttributeDefinitions"] == [
            {"AttributeName": hash_key, "AttributeType": "S"},
            {"AttributeName": "Part", "AttributeType": range_type},
        ]
        assert description["BillingModeSummary"] == {"BillingMode": "PAY_PER_REQUEST"}


def test_making_tables_again_keeps_what_they_hold(target: DynamoDBTarget) -> None:
    create_tables(target)
    lines = [document_line(FIRST)]
    part = build_parts(header_of("700001", lines), lines, {0})[0]
    PynamoStore(target).put_part(part, None)
    create_tables(target)
    assert len(PynamoStore(target).read_parts("700001")) == 1


def test_a_table_with_other_keys_is_not_taken_for_ours(target: DynamoDBTarget) -> None:
    swapped = replace(
        target,
        invoices_table=target.customers_table,
        customers_table=target.invoices_table,
    )
    create_tables(swapped)
    with pytest.raises(TableMissingError, match="is there but has the keys"):
        create_tables(target)


def test_tables_are_deleted_whether_they_are_there_or_not(target: DynamoDBTarget) -> None:
    create_tables(target)
    delete_tables(target)
    delete_tables(target)
    with pytest.raises(TableMissingError):
        PynamoStore(target)


def test_a_missing_table_is_named_with_the_way_out(target: DynamoDBTarget) -> None:
    with pytest.raises(TableMissingError, match=r"no DynamoDB table \S+-Invoices at http://127"):
        PynamoStore(target)


def test_an_endpoint_where_nobody_answers_is_named(target: DynamoDBTarget) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{unused.getsockname()[1]}"
    with pytest.raises(UnavailableError, match=f"cannot reach DynamoDB at {nowhere}"):
        PynamoStore(replace(target, endpoint_url=nowhere))
    with pytest.raises(UnavailableError, match="is it running"):
        create_tables(replace(target, endpoint_url=nowhere))


def test_what_is_not_valid_is_refused(target: DynamoDBTarget) -> None:
    with pytest.raises(RefusedError, match="ValidationException"):
        create_tables(replace(target, invoices_table="no spaces"))


def test_a_connection_leaves_trying_again_to_us(target: DynamoDBTarget) -> None:
    config = connect(target).client.meta.config
    assert vars(config)["retries"]["total_max_attempts"] == 1
