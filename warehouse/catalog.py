"""The lake as Athena sees it: tables of the Glue catalog with partition projection.

Upstream: the lake's schemas (``connectors.lake``). Downstream: Athena, Redshift Spectrum. The
partitions are told by rule (every hour of every day), so no crawler runs and no partition is
ever registered; a query that names ``arrival_date`` lists only those folders.
https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html
"""

from contextlib import suppress
from typing import TYPE_CHECKING

import pyarrow as pa

from connectors.lake import LakePart

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_glue.type_defs import ColumnTypeDef, TableInputTypeDef

DATABASE = "invoice_lake"
FIRST_DAY = "2020-01-01"
"""Before any line arrived; projection needs a beginning."""

PARTITIONS = {"arrival_date": "date", "arrival_hour": "int"}
_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
_SIMPLE = {
    pa.string(): "string",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.timestamp("us"): "timestamp",
}


def table_input(part: LakePart, lake: str) -> "TableInputTypeDef":
    """The table of one folder of the lake.

    Args:
        part: The folder.
        lake: URI of the lake.
    """
    location = f"{lake}/{part.value}"
    return {
        "Name": part.value,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet", **_projection(location)},
        "PartitionKeys": [{"Name": name, "Type": kind} for name, kind in PARTITIONS.items()],
        "StorageDescriptor": {
            "Columns": [_column(field) for field in part.schema],
            "Location": f"{location}/",
            "InputFormat": f"{_PARQUET}.MapredParquetInputFormat",
            "OutputFormat": f"{_PARQUET}.MapredParquetOutputFormat",
            "SerdeInfo": {"SerializationLibrary": f"{_PARQUET}.serde.ParquetHiveSerDe"},
        },
    }


def create_tables(glue: "GlueClient", lake: str, database: str = DATABASE) -> list[str]:
    """Make the database and its tables, or bring them to what this release needs.

    Returns:
        Names of the tables.
    """
    with suppress(glue.exceptions.AlreadyExistsException):
        glue.create_database(DatabaseInput={"Name": database})
    for part in LakePart:
        _put(glue, database, table_input(part, lake))
    return [part.value for part in LakePart]


def hive_type(kind: pa.DataType) -> str:
    """An Arrow type in the catalog's words.

    Raises:
        ValueError: There is no word for it.
    """
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if pa.types.is_list(kind):
        return f"array<{hive_type(kind.value_type)}>"
    if pa.types.is_struct(kind):
        return f"struct<{','.join(f'{field.name}:{hive_type(field.type)}' for field in kind)}>"
    if kind not in _SIMPLE:
        raise ValueError(f"the catalog has no type for {kind}")
    return _SIMPLE[kind]


def _put(glue: "GlueClient", database: str, table: "TableInputTypeDef") -> None:
    try:
        glue.create_table(DatabaseName=database, TableInput=table)
    except glue.exceptions.AlreadyExistsException:
        glue.update_table(DatabaseName=database, TableInput=table)


def _column(field: pa.Field) -> "ColumnTypeDef":
    return {"Name": field.name, "Type": hive_type(field.type)}


def _projection(location: str) -> dict[str, str]:
    return {
        "projection.enabled": "true",
        "projection.arrival_date.type": "date",
        "projection.arrival_date.format": "yyyy-MM-dd",
        "projection.arrival_date.range": f"{FIRST_DAY},NOW",
        "projection.arrival_hour.type": "integer",
        "projection.arrival_hour.range": "0,23",
        "projection.arrival_hour.digits": "2",
        "storage.location.template": (
            f"{location}/arrival_date=${{arrival_date}}/arrival_hour=${{arrival_hour}}"
        ),
    }
