"""A load without Spark: lines staged by a few lines of Python, merged by the real statements.

What Spark derives from a line is derived here from the same rules' plain functions, which a
test holds against Spark's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import count

import pyarrow as pa

from connectors.lake import ARROW_TYPES
from connectors.warehouse_port import CopyParquet, Warehouse
from invoices.contract import LINE_FIELDS, kind_of
from invoices.line import InvoiceLine
from tests.warehouse.lakes import FIRST_ARRIVAL
from warehouse.batch import Batch, file_rows
from warehouse.lake_files import CheckedFile, LakeFile, batch_id
from warehouse.line_kinds import charge_kind, line_kind
from warehouse.load import load_statements
from warehouse.quality import Sums
from warehouse.staging import Staging

TEXT = pa.string()
FACT_SCHEMA = pa.schema(
    [
        *(pa.field(field.column, ARROW_TYPES[field.type]) for field in LINE_FIELDS),
        ("invoice_day", pa.date32()),
        ("amount", pa.decimal128(24, 4)),
        ("invoice_kind", TEXT),
        ("line_kind", TEXT),
        ("charge_kind", TEXT),
        ("arrival_time", pa.timestamp("us")),
        ("sequence_number", TEXT),
        ("batch_id", TEXT),
    ]
)
_RUNS = count(1)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A line as it came.

    Attributes:
        line: The line.
        time: When it came.
        sequence: Its place on the stream.
    """

    line: InvoiceLine
    time: datetime = FIRST_ARRIVAL
    sequence: str | None = None

    @property
    def order(self) -> tuple[datetime, str]:
        """Of two with one identity the lower stands; without a sequence number it comes last."""
        return self.time, self.sequence or "~"


def first_of_each(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """The one that stands, of each identity."""
    standing: dict[tuple[str, int], Arrival] = {}
    for arrival in sorted(arrivals, key=lambda arrival: arrival.order):
        standing.setdefault(arrival.line.identity, arrival)
    return list(standing.values())


@dataclass(frozen=True, slots=True)
class Merger:
    """Loads batches of lines, each as one file of the lake would be."""

    warehouse: Warehouse
    staging: Callable[[str, str], Staging]

    def load(self, arrivals: Sequence[Arrival], file: str | None = None) -> None:
        """Stage and merge."""
        self.warehouse.run(load_statements(self.stage(arrivals, file)))

    def lines(self, *lines: InvoiceLine, time: datetime = FIRST_ARRIVAL) -> None:
        """Load lines that came at one moment."""
        self.load([Arrival(line, time) for line in lines])

    def stage(self, arrivals: Sequence[Arrival], file: str | None = None) -> list[CopyParquet]:
        """Stage only."""
        number = next(_RUNS)
        name = file or f"lines/arrival_date=2026-01-05/arrival_hour=10/part-{number}"
        lake_file = LakeFile(name, 1000 * len(arrivals))
        batch = Batch(
            batch_id([lake_file]), f"run-{number}", "load", datetime(2026, 1, 6), (lake_file,)
        )
        staged = first_of_each(arrivals)
        folder = self.staging(batch.batch_id, batch.run_id)
        return [
            folder.write("stage_batch", batch.row(_sums(arrivals), _sums(staged))),
            folder.write("stage_file", file_rows([CheckedFile(lake_file, len(arrivals))])),
            folder.write("stage_line", fact_rows(staged, batch.batch_id)),
        ]


def fact_rows(arrivals: Sequence[Arrival], batch: str = "batch") -> pa.Table:
    """Rows as ``fact_invoice_line`` holds them."""
    return pa.Table.from_pylist([_fact(arrival, batch) for arrival in arrivals], FACT_SCHEMA)


def _fact(arrival: Arrival, batch: str) -> dict[str, object]:
    line = arrival.line
    kind = kind_of(line.invoice_no).value
    charge = charge_kind(line.stock_code)
    return {
        **line._asdict(),
        "invoice_day": line.invoice_date.date(),
        "amount": line.amount,
        "invoice_kind": kind,
        "line_kind": line_kind(kind, charge, line.quantity).value,
        "charge_kind": charge,
        "arrival_time": arrival.time,
        "sequence_number": arrival.sequence,
        "batch_id": batch,
    }


def _sums(arrivals: Sequence[Arrival]) -> Sums:
    lines = [arrival.line for arrival in arrivals]
    amount = sum((line.amount for line in lines), Decimal(0))
    return Sums(len(lines), sum(line.quantity for line in lines), amount)
