"""Rows become numbered lines, or are refused for the reason the job would give."""

import csv
import json
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.contract import LINE_FIELDS, RejectReason
from invoices.line import InvoiceLine, date_text, money_text
from invoices.record import Reject, decode_record, encode_line
from producer.csv_source import CsvSource
from producer.line_reader import ReadLine, read_lines
from producer.source import SOURCE_COLUMNS, Refusal, Row, RowProblem, SourceRow
from tests.producer_cases import GOOD_CELLS, GOOD_LINE, HEADER, LINES, cells, row


def read_one(**changes: str) -> ReadLine | Refusal:
    (read,) = read_lines([row(2, **changes)])
    return read


def line_of(**changes: str) -> InvoiceLine:
    read = read_one(**changes)
    assert isinstance(read, ReadLine)
    return read.line


def numbers(rows: list[Row]) -> list[tuple[str, int]]:
    return [read.line.identity for read in read_lines(rows) if isinstance(read, ReadLine)]


def test_the_columns_of_a_source_are_the_contracts_but_version_and_number() -> None:
    names = [field.name for field in LINE_FIELDS]
    assert list(SOURCE_COLUMNS) == [n for n in names if n not in {"SchemaVersion", "LineNo"}]


def test_a_row_becomes_a_line() -> None:
    assert read_one() == ReadLine(2, GOOD_LINE)


def test_blank_cells_are_unknown_values() -> None:
    line = line_of(Description=" ", CustomerID="")
    assert (line.description, line.customer_id) == (None, None)


@pytest.mark.parametrize("cell", ["17850", "17850.0", " 17850.00 "])
def test_a_customer_number_that_went_through_a_float_is_the_number(cell: str) -> None:
    assert line_of(CustomerID=cell).customer_id == cell.strip().partition(".")[0]


def test_texts_are_kept_as_they_stand() -> None:
    line = line_of(Description=" CUP, \N{POUND SIGN}2 ", CustomerID="17850.5", StockCode="m ")
    assert (line.description, line.customer_id) == (" CUP, \N{POUND SIGN}2 ", "17850.5")
    assert line.stock_code == "m "


@pytest.mark.parametrize(
    "cell", ["2011-08-30 08:26:00", "2011-08-30T08:26:00", " 2011-08-30 08:26:00.000000 "]
)
def test_dates_come_with_a_blank_or_a_t(cell: str) -> None:
    assert line_of(InvoiceDate=cell).invoice_date == GOOD_LINE.invoice_date


@pytest.mark.parametrize(
    ("cell", "price"),
    [("2.5", "2.5"), ("-11062.06", "-11062.06"), ("0.0", "0"), ("1e-4", "0.0001")],
)
def test_prices_are_exact(cell: str, price: str) -> None:
    assert line_of(UnitPrice=cell).unit_price == Decimal(price)


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("InvoiceNo", "", RejectReason.MISSING_FIELD),
        ("StockCode", "  ", RejectReason.MISSING_FIELD),
        ("Country", "", RejectReason.MISSING_FIELD),
        ("Quantity", "", RejectReason.MISSING_FIELD),
        ("StockCode", "x" * 65, RejectReason.TOO_LONG),
        ("Description", "x" * 1001, RejectReason.TOO_LONG),
        ("Description", "half \udce9", RejectReason.NOT_UTF8),
        ("Description", "a\0b", RejectReason.INVALID_TEXT),
        ("Quantity", "six", RejectReason.WRONG_TYPE),
        ("Quantity", "1e9", RejectReason.WRONG_TYPE),
        ("Quantity", "6.5", RejectReason.WRONG_TYPE),
        ("Quantity", "2147483648", RejectReason.OUT_OF_RANGE),
        ("Quantity", "9" * 5000, RejectReason.OUT_OF_RANGE),
        ("InvoiceDate", "31/31/2011", RejectReason.INVALID_DATE),
        ("InvoiceDate", "2011-02-29 08:26:00", RejectReason.INVALID_DATE),
        ("InvoiceDate", "2011-08-30", RejectReason.INVALID_DATE),
        ("UnitPrice", "2,55", RejectReason.WRONG_TYPE),
        ("UnitPrice", "2.55001", RejectReason.TOO_MANY_DECIMAL_PLACES),
        ("UnitPrice", "10000000000", RejectReason.OUT_OF_RANGE),
    ],
)
def test_a_bad_cell_refuses_its_row_and_names_itself(
    column: str, cell: str, reason: RejectReason
) -> None:
    refusal = read_one(**{column: cell})
    assert isinstance(refusal, Refusal)
    assert (refusal.row, refusal.reason) == (2, reason)
    assert refusal.detail.startswith(column)
    assert refusal.cells == cells(**{column: cell})


def test_lines_are_numbered_within_their_invoice_in_file_order() -> None:
    order = ["1", "1", "2", "1", "C3", "2"]
    rows: list[Row] = [row(place, InvoiceNo=number) for place, number in enumerate(order, 2)]
    assert numbers(rows) == [("1", 1), ("1", 2), ("2", 1), ("1", 3), ("C3", 1), ("2", 2)]


def test_exact_copies_of_a_row_are_two_lines() -> None:
    assert numbers([row(2), row(3)]) == [("700001", 1), ("700001", 2)]


BROKEN: list[Row] = [
    row(3, Quantity="six"),
    row(3, InvoiceDate=""),
    Refusal(3, RowProblem.RAGGED_ROW, "2 cells", ("700001", "10001"), "700001"),
]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_refused_row_keeps_its_number_until_it_is_mended(broken: Row) -> None:
    assert numbers([row(2), broken, row(4)]) == [("700001", 1), ("700001", 3)]
    assert numbers([row(2), row(3), row(4)])[::2] == [("700001", 1), ("700001", 3)]


def test_a_row_without_a_readable_invoice_takes_no_number() -> None:
    unreadable = Refusal(3, RowProblem.RAGGED_ROW, "1 cell", ("",), "")
    assert numbers([row(2), unreadable, row(4, InvoiceNo="x" * 65), row(5)])[-1][1] == 2


@given(
    st.lists(st.tuples(st.sampled_from(["1", "2", "C3"]), st.booleans()), max_size=40), st.data()
)
def test_breaking_rows_never_renumbers_the_others(
    marks: list[tuple[str, bool]], data: st.DataObject
) -> None:
    whole: list[Row] = [row(place, InvoiceNo=number) for place, (number, _) in enumerate(marks, 2)]
    broken = [
        row(place, InvoiceNo=number, Quantity="six") if bad else row(place, InvoiceNo=number)
        for place, (number, bad) in enumerate(marks, 2)
    ]
    before = {read.row: read.line for read in read_lines(whole) if isinstance(read, ReadLine)}
    after = {read.row: read.line for read in read_lines(broken) if isinstance(read, ReadLine)}
    assert after == {place: line for place, line in before.items() if place in after}
    assert len(after) == sum(not bad for _, bad in marks)


def texts_of(line: InvoiceLine) -> list[str]:
    """The line's cells as a CSV file holds them."""
    return [
        line.invoice_no,
        line.stock_code,
        line.description or "",
        str(line.quantity),
        date_text(line.invoice_date).replace("T", " "),
        money_text(line.unit_price),
        line.customer_id or "",
        line.country,
    ]


@given(LINES.filter(lambda line: not (line.customer_id or "").strip().endswith(".0")))
def test_a_line_written_as_csv_reads_as_itself_and_the_job_takes_it(
    tmp_path_factory: pytest.TempPathFactory, line: InvoiceLine
) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER.split(","), texts_of(line)])
    with closing(CsvSource(Path(path))) as source:
        (read,) = read_lines(source.rows())
    assert isinstance(read, ReadLine)
    assert read.line == line._replace(line_no=1)
    assert decode_record(encode_line(read.line)) == [read.line]


NUMBERS = st.from_regex(r"-?\d{1,16}(\.\d{0,6})?", fullmatch=True)
ANY_CELLS = st.tuples(*(st.just(good) | st.text(max_size=70) | NUMBERS for good in GOOD_CELLS))


@given(ANY_CELLS)
def test_whatever_stands_in_a_row_the_job_says_the_same_of_it(row_cells: tuple[str, ...]) -> None:
    """Cells as JSON under the contract's names: accepted by both, or refused for one reason."""
    (read,) = read_lines([SourceRow(2, row_cells)])
    (decoded,) = decode_record(as_json(row_cells))
    if isinstance(read, ReadLine):
        assert read.line == decoded
    else:
        assert isinstance(decoded, Reject)
        assert read.reason is decoded.reason or read.reason is RejectReason.NOT_UTF8


def as_json(row_cells: tuple[str, ...]) -> bytes:
    """The record a careless producer would send: blanks are null, numbers as they are written."""
    values: dict[str, object] = {"SchemaVersion": 1, "LineNo": 1}
    for name, cell in zip(SOURCE_COLUMNS, row_cells, strict=True):
        values[name] = careless(name, cell) if cell.strip() else None
    return json.dumps(values).encode()


def careless(name: str, cell: str) -> object:
    if name == "Quantity":
        plain = cell.strip()
        return int(plain) if plain.isascii() and plain.lstrip("-").isdecimal() else f"not {cell}"
    if name == "InvoiceDate":
        return cell.strip().replace(" ", "T", 1)
    if name == "CustomerID":
        whole, _, fraction = cell.strip().partition(".")
        is_float = whole.isascii() and whole.isdecimal() and set(fraction) == {"0"}
        return whole if is_float else cell
    return cell.strip() if name == "UnitPrice" else cell
