"""The source read for the second time, by these few lines alone.

Nothing of the producer's reading is used: a row it skipped, numbered or understood
otherwise than this module does shows up as a mismatch. Rows that keep no line are
counted with their reason; a line's number is its row's position within its invoice.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import pyarrow as pa

from connectors.lake import CONTENT_FIELDS
from ops.errors import UserError
from ops.reconciliation.rows import Row, cells_of, csv_lines, csv_rows
from ops.reconciliation.tables import TableBuilder
from ops.reconciliation.values import amount, local_time

CODE_CHARS, COUNTRY_CHARS, DESCRIPTION_CHARS = 64, 100, 1000
INT32 = range(-(2**31), 2**31)
PRICE_LIMIT = 10**10
MAX_LISTED = 100

COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
SCHEMA = pa.schema(CONTENT_FIELDS)

_WHOLE = re.compile(r"-?\d+", re.ASCII)
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?", re.ASCII)
_BAD_CHARS = re.compile("[\0\ud800-\udfff]")
_FLOAT_CUSTOMER = re.compile(r"\s*(\d+)\.0+\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Source:
    """What a source file says.

    Attributes:
        lines: One row a line item, with the contract's columns.
        unreadable_rows: How many rows keep no line.
        problems: The first of those, a line for people each.
    """

    lines: pa.Table
    unreadable_rows: int
    problems: tuple[str, ...]


def read_source(path: Path) -> Source:
    """Read a CSV file, plain or gzip.

    Raises:
        UserError: There is no such file, it is empty, or it has not the columns.
    """
    with csv_lines(path) as lines:
        header = [name.strip() for name in cells_of([next(lines, "")]) or []]
        numbering = _Numbering(_positions(header, path))
        for row in csv_rows(lines, len(header)):
            numbering.take(row)
    return numbering.result()


def _positions(header: list[str], path: Path) -> list[int]:
    if not header:
        raise UserError(f"{path} is empty: a header and at least one row are wanted")
    wrong = [name for name in COLUMNS if header.count(name) != 1]
    if wrong:
        raise UserError(
            f"{path} has not the columns: missing or twice {', '.join(wrong)};"
            f" found {', '.join(header)[:200]}; wanted {', '.join(COLUMNS)}"
        )
    return [header.index(name) for name in COLUMNS]


class _Numbering:
    """Numbers rows within their invoices and collects lines and problems."""

    def __init__(self, positions: list[int]) -> None:
        self._positions = positions
        self._numbers: Counter[str] = Counter()
        self._lines = TableBuilder(SCHEMA)
        self._unreadable = 0
        self._problems: list[str] = []

    def take(self, row: Row) -> None:
        """A row; it takes a number of its invoice also when nothing else in it can be read."""
        try:
            invoice_no = _required(row.cells[self._positions[0]], CODE_CHARS)
            self._numbers[invoice_no] += 1
            if not row.whole:
                raise ValueError(f"{len(row.cells)} cells, or a quote that is not closed")
            cells = [row.cells[position] for position in self._positions[1:]]
            self._lines.extend([_line(invoice_no, self._numbers[invoice_no], cells)])
        except (IndexError, ValueError) as error:
            self._unreadable += 1
            if self._unreadable <= MAX_LISTED:
                self._problems.append(f"row {row.number}: {error}")

    def result(self) -> Source:
        """Everything taken."""
        return Source(self._lines.finish(), self._unreadable, tuple(self._problems))


def _line(invoice_no: str, line_no: int, cells: list[str]) -> tuple[object, ...]:
    code, description, quantity, date, price, customer, country = cells
    return (
        1,
        invoice_no,
        line_no,
        _required(code, CODE_CHARS),
        _optional(description, DESCRIPTION_CHARS),
        _quantity(quantity),
        _date(date),
        _price(price),
        _optional(_FLOAT_CUSTOMER.sub(r"\1", customer), CODE_CHARS),
        _required(country, COUNTRY_CHARS),
        None,
    )


@lru_cache(65_536)
def _optional(cell: str, most_chars: int) -> str | None:
    if not cell or cell.isspace():
        return None
    if len(cell) > most_chars or _BAD_CHARS.search(cell):
        raise ValueError("a text is too long, or holds what no text may")
    return cell


def _required(cell: str, most_chars: int) -> str:
    text = _optional(cell, most_chars)
    if text is None:
        raise ValueError("a cell is blank that must not be")
    return text


@lru_cache(65_536)
def _quantity(cell: str) -> int:
    text = cell.strip()
    if not _WHOLE.fullmatch(text) or int(text) not in INT32:
        raise ValueError(f"Quantity {text[:40]!r} is no 32-bit integer")
    return int(text)


@lru_cache(65_536)
def _price(cell: str) -> Decimal:
    text = cell.strip()
    if not _NUMBER.fullmatch(text) or abs(amount(text)) >= PRICE_LIMIT:
        raise ValueError(f"UnitPrice {text[:40]!r} is no price")
    return amount(text)


@lru_cache(65_536)
def _date(cell: str) -> datetime:
    text = cell.strip()
    if not _TIME.fullmatch(text):
        raise ValueError(f"InvoiceDate {text[:40]!r} is no local time")
    return local_time(text)
