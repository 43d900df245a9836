"""Lines, files and sinks for tests of the producer."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from hypothesis import strategies as st

from connectors.record_sink import Delivery, Record, UndeliveredError
from invoices.contract import (
    INT32_MAX,
    INT32_MIN,
    MAX_LINE_NO,
    MAX_PRICE,
    PRICE_SCALE,
    SCHEMA_VERSION,
)
from invoices.line import InvoiceLine
from invoices.record import encode_line
from producer.outgoing import Outgoing
from producer.parcels import Parcel
from producer.source import Refusal, Row, SourceRow

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
GOOD_ROW = "700001,10001,BLUE ENAMEL TEAPOT,6,2011-08-30 08:26:00,2.55,90001,United Kingdom"
GOOD_CELLS = tuple(GOOD_ROW.split(","))

GOOD_LINE = InvoiceLine(
    schema_version=SCHEMA_VERSION,
    invoice_no="700001",
    line_no=1,
    stock_code="10001",
    description="BLUE ENAMEL TEAPOT",
    quantity=6,
    invoice_date=datetime(2011, 8, 30, 8, 26),
    unit_price=Decimal("2.5500"),
    customer_id="90001",
    country="United Kingdom",
)


def cells(**changes: str) -> tuple[str, ...]:
    """Cells of a good row with some of them changed."""
    return tuple({**dict(zip(HEADER.split(","), GOOD_CELLS, strict=True)), **changes}.values())


def row(number: int, **changes: str) -> SourceRow:
    """A good row with some of its cells changed."""
    return SourceRow(number, cells(**changes))


def write_rows(path: Path, *rows: str, header: str = HEADER) -> Path:
    """A CSV file of these rows; what is a byte to the file is one here (latin-1)."""
    path.write_bytes("".join(f"{line}\n" for line in (header, *rows)).encode("latin-1"))
    return path


def outgoing(number: int, invoice_no: str = "700001", damage: str | None = None) -> Outgoing:
    """A line on its way out, from row ``number``."""
    line = GOOD_LINE._replace(invoice_no=invoice_no, line_no=number)
    return Outgoing(number, invoice_no, number, encode_line(line), damage=damage)


def parcels(count: int) -> list[Parcel]:
    """Records of one line each."""
    lines = [outgoing(number) for number in range(1, count + 1)]
    return [Parcel(line.invoice_no, line.data, (line,)) for line in lines]


def _texts(max_size: int) -> st.SearchStrategy[str]:
    """Texts that mean something: not blank, neither U+0000 nor half of a surrogate pair."""
    characters = st.characters(codec="utf-8", exclude_characters="\0")
    return st.text(characters, min_size=1, max_size=max_size).filter(str.strip)


LINES = st.builds(
    InvoiceLine,
    schema_version=st.just(SCHEMA_VERSION),
    invoice_no=_texts(64),
    line_no=st.integers(1, MAX_LINE_NO),
    stock_code=_texts(64),
    description=st.none() | _texts(1000),
    quantity=st.integers(INT32_MIN, INT32_MAX),
    invoice_date=st.datetimes(min_value=datetime(1000, 1, 1)),
    unit_price=st.decimals(-MAX_PRICE, MAX_PRICE, places=PRICE_SCALE),
    customer_id=st.none() | _texts(64),
    country=_texts(100),
    extras=st.none(),
)
"""Any line a file can hold."""

RUNS = st.lists(
    st.tuples(st.sampled_from(["700001", "700002", "C700003"]), st.integers(1, 40)), max_size=30
)
"""Invoice numbers with how many lines of each stand together."""


def lines_of_runs(runs: Iterable[tuple[str, int]]) -> list[Outgoing]:
    """Lines as these runs say, numbered through."""
    numbers = [number for number, count in runs for _ in range(count)]
    return [outgoing(place, number) for place, number in enumerate(numbers, 1)]


@dataclass
class RowsSource:
    """A ``LineSource`` of rows that are at hand."""

    given: Sequence[Row]
    name: str = "rows"
    notes: tuple[str, ...] = ()
    closed: bool = field(default=False)

    def rows(self) -> Iterator[SourceRow | Refusal]:
        """The rows given."""
        return iter(self.given)

    def fraction_read(self) -> float | None:
        """Nobody knows."""
        return None

    def close(self) -> None:
        """Remember it."""
        self.closed = True


@dataclass
class Told:
    """A ``Receiver`` that remembers what it was told."""

    batches: list[tuple[Sequence[Parcel], Delivery]] = field(default_factory=list)

    def settled(self, batch: Sequence[Parcel], delivery: Delivery) -> None:
        """Remember it."""
        self.batches.append((batch, delivery))

    @property
    def rows(self) -> list[int]:
        """Rows of all lines that were accepted, in the order told."""
        return [
            line.row
            for batch, delivery in self.batches
            for parcel, placement in zip(batch, delivery.placements, strict=True)
            if placement is not None
            for line in parcel.lines
        ]


def give_up(records: Sequence[Record]) -> UndeliveredError:
    """What a sink raises that took none of these."""
    return UndeliveredError("gave up", Delivery((None,) * len(records)))
