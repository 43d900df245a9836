"""Lines read from the lake, typed, cleaned and each identity kept once, in Spark.

Upstream: the files ``warehouse.lake_files`` found. Downstream: ``warehouse.staging`` writes
what comes out; its columns are those of ``fact_invoice_line``, in that order, because COPY
matches by position. Nothing is rounded: an overflow stops the job (ANSI mode).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pyspark.sql import Column, DataFrame, Observation, SparkSession, Window
from pyspark.sql import functions as f
from pyspark.sql import types as t

from connectors.lake import ARRIVAL_COLUMN, SEQUENCE_COLUMN
from invoices.contract import (
    EXTRAS_COLUMN,
    IDENTITY_COLUMNS,
    KIND_BY_LETTER,
    LINE_FIELDS,
    PRICE_PRECISION,
    PRICE_SCALE,
    FieldType,
    InvoiceKind,
)
from warehouse.line_kinds import CHARGES, TEST, TEST_PREFIX, VOUCHER, VOUCHER_PREFIX, LineKind
from warehouse.quality import Sums

SPARK_TYPES: dict[FieldType, t.DataType] = {
    FieldType.STRING: t.StringType(),
    FieldType.INT: t.IntegerType(),
    FieldType.BIGINT: t.LongType(),
    FieldType.DECIMAL: t.DecimalType(PRICE_PRECISION, PRICE_SCALE),
    FieldType.TIMESTAMP: t.TimestampType(),
}
CONTRACT_COLUMNS = tuple(field.column for field in LINE_FIELDS)
REQUIRED_COLUMNS = (
    *(field.column for field in LINE_FIELDS if not field.nullable),
    ARRIVAL_COLUMN,
)

LAKE_SCHEMA = t.StructType(
    [
        *(t.StructField(field.column, SPARK_TYPES[field.type]) for field in LINE_FIELDS),
        t.StructField(EXTRAS_COLUMN, t.StringType()),
        t.StructField(ARRIVAL_COLUMN, t.TimestampType()),
        t.StructField(SEQUENCE_COLUMN, t.StringType()),
    ]
)

AMOUNT = t.DecimalType(24, PRICE_SCALE)
"""An int times a price: 10 + 10 digits before the point at most."""

SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parquet.outputTimestampType": "INT96",
    "spark.sql.parquet.int96RebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.mergeSchema": "false",
}
"""What a right result depends on, set by the job whatever the cluster's defaults are. INT96 is
the form of a timestamp that COPY has always read; no file here is of Spark 2, whose calendar
the rebasing is about."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Lines to be written, and what is counted while they are.

    Attributes:
        lines: Columns of ``fact_invoice_line``.
        read: Counts of all lines read.
        staged: Counts of those kept, and of them with the copies left out in their favour.
    """

    lines: DataFrame
    read: Observation
    staged: Observation


def read_lines(spark: SparkSession, paths: Sequence[str]) -> DataFrame:
    """The lines of these files; a column they lack would be null, so footers come first."""
    for key, value in SESSION.items():
        spark.conf.set(key, value)
    return spark.read.schema(LAKE_SCHEMA).parquet(*paths)


def prepare(lines: DataFrame, batch_id: str) -> Counted:
    """Type and clean lines, keep each identity once, and count on the way."""
    read, staged = Observation(), Observation()
    priced = lines.withColumn("amount", _amount()).observe(read, *_sums(), *_flaws())
    kept = first_arrivals(priced).observe(staged, *_sums(), *_accounted())
    return Counted(kept.select(*_fact_columns(batch_id)), read, staged)


def first_arrivals(lines: DataFrame) -> DataFrame:
    """Of lines with one identity the earliest arrival, then the lowest sequence number.

    It carries what all its copies come to: ``accounted_rows``, ``_quantity``, ``_amount``.
    """
    same = Window.partitionBy(*IDENTITY_COLUMNS)
    order = same.orderBy(
        f.col(ARRIVAL_COLUMN).asc_nulls_last(),
        f.col(SEQUENCE_COLUMN).asc_nulls_last(),
        *(f.col(name).asc_nulls_last() for name in CONTRACT_COLUMNS),
    )
    placed = lines.select(
        "*",
        f.row_number().over(order).alias("place"),
        *(column.over(same).alias(f"accounted_{name}") for name, column in _summed().items()),
    )
    return placed.where(f.col("place") == 1)


def sums(row: Mapping[str, Any], prefix: str = "") -> Sums:
    """What an observation counted under names with this prefix."""
    rows, quantity, amount = (row[f"{prefix}{name}"] for name in ("rows", "quantity", "amount"))
    return Sums(rows or 0, quantity or 0, amount or Decimal(0))


def _amount() -> Column:
    return (f.col("quantity") * f.col("unit_price")).cast(AMOUNT)


def _sums() -> list[Column]:
    return [column.alias(name) for name, column in _summed().items()]


def _accounted() -> list[Column]:
    return [f.sum(f"accounted_{name}").alias(f"accounted_{name}") for name in _summed()]


def _summed() -> dict[str, Column]:
    return {
        "rows": f.count(f.lit(1)),
        "quantity": f.sum("quantity"),
        "amount": f.sum("amount"),
    }


def _flaws() -> list[Column]:
    nulls = [f.count_if(f.col(name).isNull()).alias(f"no_{name}") for name in REQUIRED_COLUMNS]
    return [*nulls, f.count_if(f.col("line_no") < 1).alias("numbered_below_one")]


def _fact_columns(batch_id: str) -> list[Column]:
    charge = _charge_kind()
    return [
        *map(f.col, CONTRACT_COLUMNS),
        f.to_date("invoice_date").alias("invoice_day"),
        f.col("amount"),
        _invoice_kind().alias("invoice_kind"),
        _line_kind(charge).alias("line_kind"),
        charge.alias("charge_kind"),
        f.col(ARRIVAL_COLUMN),
        f.col(SEQUENCE_COLUMN),
        f.lit(batch_id).alias("batch_id"),
    ]


def _invoice_kind() -> Column:
    letter = f.substring("invoice_no", 1, 1)
    kind = f.lit(InvoiceKind.SALE.value)
    for known, meaning in KIND_BY_LETTER.items():
        kind = f.when(letter == known, meaning.value).otherwise(kind)
    return kind


def _charge_kind() -> Column:
    """As ``line_kinds.charge_kind``."""
    code = f.upper("stock_code")
    kinds = f.create_map(
        *(f.lit(text) for code, charge in CHARGES.items() for text in (code, charge.kind))
    )
    return (
        f.when(code.startswith(VOUCHER_PREFIX), VOUCHER.kind)
        .when(code.startswith(TEST_PREFIX), TEST.kind)
        .otherwise(f.try_element_at(kinds, code))
    )


def _line_kind(charge: Column) -> Column:
    """As ``line_kinds.line_kind``."""
    invoice = _invoice_kind()
    return (
        f.when(invoice == InvoiceKind.ADJUSTMENT.value, LineKind.ADJUSTMENT.value)
        .when(charge.isNotNull(), LineKind.CHARGE.value)
        .when(invoice == InvoiceKind.CANCELLATION.value, LineKind.RETURN.value)
        .when(f.col("quantity") < 0, LineKind.ADJUSTMENT.value)
        .otherwise(LineKind.SALE.value)
    )
