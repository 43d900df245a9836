"""Reading the lake: only finished files that keep the contract, each line once."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from connectors.lake import (
    LINES_SCHEMA,
    Lake,
    LakeError,
    LakePart,
    merge_copies,
    open_lake,
)
from connectors.settings import Settings
from invoices.contract import EXTRAS_COLUMN, LINE_FIELDS
from invoices.line import InvoiceLine


def line(line_no: int, **changes: object) -> dict[str, object]:
    values = {
        "schema_version": 1,
        "invoice_no": "536365",
        "line_no": line_no,
        "stock_code": "85123A",
        "description": None,
        "quantity": 6,
        "invoice_date": datetime(2011, 8, 1, 8, 26),
        "unit_price": Decimal("2.5500"),
        "customer_id": "17850",
        "country": "France",
        "extras": None,
        "arrival_time": datetime(2024, 5, 6, 7, 8, line_no),
        "shard_id": "shardId-0",
        "sequence_number": f"{line_no:03}",
    }
    return values | changes


def write(folder: Path, name: str, table: pa.Table) -> Lake:
    path = folder / "lines" / "arrival_date=2024-05-06" / "arrival_hour=07" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)
    return Lake(fs.LocalFileSystem(), str(folder))


def table(*rows: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), LINES_SCHEMA)


def test_the_columns_of_lines_are_the_contracts_in_order_and_where_the_line_came_from() -> None:
    contract = [field.column for field in LINE_FIELDS]
    assert contract == list(InvoiceLine._fields)[:-1]
    assert LINES_SCHEMA.names == [
        *contract,
        EXTRAS_COLUMN,
        "arrival_time",
        "shard_id",
        "sequence_number",
    ]
    assert LINES_SCHEMA.field("unit_price").type == pa.decimal128(14, 4)
    assert LINES_SCHEMA.field("invoice_date").type == pa.timestamp("us")


def test_a_part_that_is_not_there_has_no_rows(tmp_path: Path) -> None:
    lake = Lake(fs.LocalFileSystem(), str(tmp_path))
    assert [lake.read(part).num_rows for part in LakePart] == [0, 0, 0]


def test_files_in_the_making_are_not_read(tmp_path: Path) -> None:
    write(tmp_path, "part-0.parquet", table(line(1)))
    write(tmp_path, ".part-1.parquet.inprogress", table(line(2)))
    lake = write(tmp_path, "_SUCCESS", table(line(3)))
    assert lake.read(LakePart.LINES)["line_no"].to_pylist() == [1]


def test_all_files_of_all_partitions_are_read(tmp_path: Path) -> None:
    write(tmp_path, "part-0.parquet", table(line(1), line(2)))
    lake = write(tmp_path, "part-1.parquet", table(line(3)))
    assert lake.read(LakePart.LINES).to_pylist() == [line(1), line(2), line(3)]


def test_a_file_without_a_column_is_an_error_that_names_it(tmp_path: Path) -> None:
    write(tmp_path, "part-0.parquet", table(line(1)))
    lake = write(tmp_path, "part-1.parquet", table(line(2)).drop(["country"]))
    with pytest.raises(LakeError, match=r"part-1\.parquet .*no column country"):
        lake.read(LakePart.LINES)


def test_a_price_that_is_no_decimal_is_an_error(tmp_path: Path) -> None:
    floats = table(line(1)).set_column(7, "unit_price", pa.array([2.55]))
    with pytest.raises(LakeError, match=r"unit_price is double, not decimal128\(14, 4\)"):
        write(tmp_path, "part-0.parquet", floats).read(LakePart.LINES)


def test_a_file_that_is_no_parquet_is_an_error_of_one_line(tmp_path: Path) -> None:
    lake = write(tmp_path, "part-0.parquet", table(line(1)))
    next(tmp_path.rglob("*.parquet")).write_bytes(b"no parquet")
    with pytest.raises(LakeError, match="cannot read") as caught:
        lake.read(LakePart.LINES)
    assert "\n" not in str(caught.value)


def test_of_copies_the_earliest_arrival_stands_then_the_lowest_sequence_number() -> None:
    early, late = datetime(2024, 1, 1), datetime(2024, 1, 2)
    merged = merge_copies(
        table(
            line(2, quantity=1),
            line(1, quantity=4, arrival_time=late, sequence_number="1"),
            line(1, quantity=3, arrival_time=early, sequence_number="9"),
            line(1, quantity=2, arrival_time=early, sequence_number="8"),
        )
    )
    assert merged.copies == 2
    assert merged.lines.select(["line_no", "quantity"]).to_pydict() == {
        "line_no": [1, 2],
        "quantity": [2, 1],
    }


def settings(lake: str) -> Settings:
    return Settings(
        region="eu-west-1",
        stream="s",
        stream_arn="arn",
        lake=lake,
        customers_table="c",
        invoices_table="i",
        endpoint_url="http://127.0.0.1:9",
        access_key_id="false",
        secret_access_key="false",
    )


@pytest.mark.parametrize(
    ("uri", "root"),
    [
        ("s3://bucket", "bucket"),
        ("s3://bucket/some/prefix/", "bucket/some/prefix"),
        ("file:///data/lake", "/data/lake"),
        ("/data/lake", "/data/lake"),
    ],
)
def test_a_lake_is_a_bucket_a_prefix_or_a_folder(uri: str, root: str) -> None:
    assert open_lake(settings(uri)).root == root


def test_a_lake_elsewhere_is_an_error() -> None:
    with pytest.raises(LakeError, match="gs://bucket"):
        open_lake(settings("gs://bucket"))


def test_a_lake_that_does_not_answer_is_an_error_of_one_line() -> None:
    with pytest.raises(LakeError) as caught:
        open_lake(settings("s3://bucket")).read(LakePart.LINES)
    assert "\n" not in str(caught.value)
