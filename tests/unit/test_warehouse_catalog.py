"""The catalog's tables are the lake's schemas, with partitions told by rule."""

from typing import Any

import boto3
import pyarrow as pa
import pytest
from botocore.stub import Stubber

from connectors.lake import LakePart
from warehouse.catalog import create_tables, hive_type, table_input


@pytest.mark.parametrize("part", LakePart, ids=lambda part: part.value)
def test_a_table_has_the_columns_of_its_files_in_order(part: LakePart) -> None:
    columns = table_input(part, "s3://lake")["StorageDescriptor"]["Columns"]

    assert [column["Name"] for column in columns] == part.schema.names


def test_money_is_decimal_and_lines_nest() -> None:
    assert hive_type(pa.decimal128(14, 4)) == "decimal(14,4)"
    nested = pa.list_(pa.struct([("line_no", pa.int64()), ("unit_price", pa.decimal128(14, 4))]))
    assert hive_type(nested) == "array<struct<line_no:bigint,unit_price:decimal(14,4)>>"


def test_a_type_the_catalog_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="no type for float"):
        hive_type(pa.float32())


def test_a_partition_is_the_folder_the_stream_writes() -> None:
    found = table_input(LakePart.LINES, "s3://lake")["Parameters"]

    assert found["storage.location.template"] == (
        "s3://lake/lines/arrival_date=${arrival_date}/arrival_hour=${arrival_hour}"
    )
    assert found["projection.arrival_hour.digits"] == "2"


def test_tables_that_are_there_are_brought_up_to_date() -> None:
    client: Any = boto3.client("glue", region_name="eu-west-1")
    with Stubber(client) as stub:
        stub.add_client_error("create_database", "AlreadyExistsException")
        for part in LakePart:
            wanted = {"DatabaseName": "d", "TableInput": table_input(part, "s3://lake")}
            stub.add_client_error("create_table", "AlreadyExistsException", expected_params=wanted)
            stub.add_response("update_table", {}, wanted)

        assert create_tables(client, "s3://lake", "d") == ["lines", "invoices", "rejected"]
        stub.assert_no_pending_responses()
