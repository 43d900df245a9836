"""The port lines are read through: rows of text with the number a person finds them by.

Upstream: a file of any kind; ``producer.csv_source`` is the adapter for CSV.
Downstream: ``producer.line_reader``, which makes line items of the rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol, TypeAlias

from invoices.contract import RejectReason

SOURCE_COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
"""What a source holds of a line item: the contract's fields but its version and line number."""


class SourceError(Exception):
    """The source cannot be read at all; the message is one line that says what to do."""


class RowProblem(Enum):
    """Why a row cannot be read as cells; what is wrong within a cell is a ``RejectReason``."""

    RAGGED_ROW = "ragged_row"
    UNREADABLE_ROW = "unreadable_row"
    DAMAGED_FILE = "damaged_file"


class SourceRow(NamedTuple):
    """One row.

    Attributes:
        number: Where a person finds it: the line of a text file, the row of a sheet;
            the header of a table stands on row 1.
        cells: Text of each of ``SOURCE_COLUMNS``, in this order; blank when unknown.
    """

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row, or the rest of a damaged source, that is not sent.

    Attributes:
        row: Number of the row, as in ``SourceRow``.
        reason: Code, for counting and choosing.
        detail: One line for people.
        cells: What stands in the row, as far as it was read.
        invoice_no: Its invoice where that is readable: the row keeps its line number.
    """

    row: int
    reason: RejectReason | RowProblem
    detail: str
    cells: tuple[str, ...] = ()
    invoice_no: str | None = None


Row: TypeAlias = SourceRow | Refusal


class LineSource(Protocol):
    """A source of rows; a context manager that holds what it has opened."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about how it is read, a line each."""

    def rows(self) -> Iterator[Row]:
        """All rows from the first, read as they are asked for.

        Raises:
            SourceError: It turns out to be unreadable before the first row.
        """

    def fraction_read(self) -> float | None:
        """How much of it has been read, 0 to 1; None when its size is not known."""

    def close(self) -> None:
        """Let go of what is open."""
