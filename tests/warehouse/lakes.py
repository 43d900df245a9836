"""Lakes for tests: files of lines as the stream leaves them, from lines made up or real."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from pyarrow import fs

from connectors.lake import LINES_SCHEMA, Lake
from invoices.line import InvoiceLine

FIRST_ARRIVAL = datetime(2026, 1, 5, 10, 0)


def line(  # noqa: PLR0917 - a builder
    invoice_no: str = "536365",
    line_no: int = 1,
    stock_code: str = "85123A",
    quantity: int = 6,
    unit_price: str = "2.55",
    customer_id: str | None = "17850",
    description: str | None = "WHITE HANGING HEART",
    invoice_date: datetime = datetime(2010, 12, 1, 8, 26),
    country: str = "United Kingdom",
) -> InvoiceLine:
    """A line with valid defaults."""
    return InvoiceLine(
        1,
        invoice_no,
        line_no,
        stock_code,
        description,
        quantity,
        invoice_date,
        Decimal(unit_price).quantize(Decimal("0.0001")),
        customer_id,
        country,
    )


@dataclass
class LakeBuilder:
    """Writes files of lines to a lake, each arriving a second after the one before."""

    lake: Lake
    _numbers: Iterable[int] = field(default_factory=lambda: count(1))
    _arrivals: Iterable[int] = field(default_factory=count)

    @classmethod
    def in_folder(cls, folder: Path) -> "LakeBuilder":
        """A lake on the local disk."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(Lake(fs.LocalFileSystem(), str(folder)))

    def write(self, lines: Sequence[InvoiceLine], arrival: datetime | None = None) -> str:
        """One file; its lines arrive one after the other.

        Returns:
            The file's name below the lake.
        """
        start = arrival or FIRST_ARRIVAL
        tick = timedelta(microseconds=1)
        offsets = [next(iter(self._arrivals)) for _ in lines]
        rows = [
            {
                **one._asdict(),
                "arrival_time": start + tick * offset,
                "shard_id": "shardId-000000000000",
                "sequence_number": f"{offset:056d}",
            }
            for one, offset in zip(lines, offsets, strict=True)
        ]
        return self.write_table(pa.Table.from_pylist(rows, schema=LINES_SCHEMA), start)

    def write_table(self, rows: pa.Table, arrival: datetime) -> str:
        """One file of rows as they are."""
        name = self.new_name(arrival)
        self.lake.filesystem.create_dir(f"{self.lake.root}/{name.rsplit('/', 1)[0]}")
        pyarrow.parquet.write_table(
            rows,
            f"{self.lake.root}/{name}",
            filesystem=self.lake.filesystem,
            compression="snappy",
        )
        return name

    def new_name(self, arrival: datetime) -> str:
        """A name nobody used."""
        number = next(iter(self._numbers))
        folder = f"lines/arrival_date={arrival:%Y-%m-%d}/arrival_hour={arrival:%H}"
        return f"{folder}/part-0b1f6c1e-{number:06d}.parquet"


def real_lines(path: Path) -> pa.Table:
    """The real file's rows in its own order, numbered within their invoice, contract columns."""
    text = pa.string()
    names = (
        *("InvoiceNo", "StockCode", "Description", "Quantity"),
        *("InvoiceDate", "UnitPrice", "CustomerID", "Country"),
    )
    options = pyarrow.csv.ConvertOptions(
        column_types={**dict.fromkeys(names, text), "Quantity": pa.int32()},
        strings_can_be_null=True,
        null_values=[""],
    )
    parsed = pyarrow.csv.read_csv(path, convert_options=options)
    invoices = parsed["InvoiceNo"].to_pylist()
    seen: dict[str, int] = {}
    numbers = []
    for invoice in invoices:
        seen[invoice] = seen.get(invoice, 0) + 1
        numbers.append(seen[invoice])
    size = parsed.num_rows
    return pa.table(
        {
            "schema_version": pa.array([1] * size, pa.int32()),
            "invoice_no": parsed["InvoiceNo"],
            "line_no": pa.array(numbers, pa.int64()),
            "stock_code": parsed["StockCode"],
            "description": parsed["Description"],
            "quantity": parsed["Quantity"],
            "invoice_date": parsed["InvoiceDate"].cast(pa.timestamp("us")),
            "unit_price": parsed["UnitPrice"].cast(pa.decimal128(14, 4)),
            "customer_id": parsed["CustomerID"],
            "country": parsed["Country"],
            "extras": pa.nulls(size, text),
        }
    )


def arrived(lines: pa.Table, start: datetime, first: int = 0) -> pa.Table:
    """Contract rows with where and when they arrived, a microsecond apart."""
    size = lines.num_rows
    base = int((start - datetime(1970, 1, 1)) / timedelta(microseconds=1))
    times = pa.array(range(base, base + size), pa.int64()).cast(pa.timestamp("us"))
    return (
        lines.append_column("arrival_time", times)
        .append_column("shard_id", pa.array(["shardId-000000000000"] * size))
        .append_column(
            "sequence_number", pa.array([f"{number:056d}" for number in range(first, first + size)])
        )
        .cast(LINES_SCHEMA)
    )
