"""CSV files are read row by row; what is no row costs itself alone."""

import gzip
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.csv_source import CsvSource
from producer.source import Refusal, Row, RowProblem, SourceError, SourceRow
from tests.producer_cases import GOOD_CELLS, GOOD_ROW, HEADER, cells, write_rows


def read(path: Path) -> list[Row]:
    source = CsvSource(path)
    try:
        return list(source.rows())
    finally:
        source.close()


def refused(rows: list[Row]) -> list[tuple[int, RowProblem]]:
    return [
        (row.row, row.reason)
        for row in rows
        if isinstance(row, Refusal) and isinstance(row.reason, RowProblem)
    ]


def numbers(rows: list[Row]) -> list[int]:
    return [row.number for row in rows if isinstance(row, SourceRow)]


def test_rows_are_numbered_as_an_editor_numbers_lines(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", GOOD_ROW, GOOD_ROW)
    assert read(path) == [SourceRow(2, GOOD_CELLS), SourceRow(3, GOOD_CELLS)]


def test_gzip_is_told_by_its_content_not_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(gzip.compress(f"{HEADER}\n{GOOD_ROW}\n".encode()))
    assert read(path) == [SourceRow(2, GOOD_CELLS)]


def test_a_byte_order_mark_and_windows_line_ends_make_no_difference(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbf" + f"{HEADER}\r\n{GOOD_ROW}\r\n".encode())
    assert read(path) == [SourceRow(2, GOOD_CELLS)]


def test_columns_are_found_by_name_and_the_others_are_named(tmp_path: Path) -> None:
    names, values = HEADER.split(","), GOOD_ROW.split(",")
    header = ",".join(["", *reversed(names), "Shop"])
    path = write_rows(
        tmp_path / "a.csv", ",".join(["0", *reversed(values), "north"]), header=header
    )
    source = CsvSource(path)
    assert list(source.rows()) == [SourceRow(2, GOOD_CELLS)]
    assert source.notes == (f"{path}: columns not sent: Shop",)
    source.close()


def test_blank_lines_are_no_rows_but_count_as_lines(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", GOOD_ROW, "", "", GOOD_ROW)
    assert numbers(read(path)) == [2, 5]


def test_a_text_may_go_over_two_lines(tmp_path: Path) -> None:
    over_two = GOOD_ROW.replace("BLUE ENAMEL TEAPOT", '"BLUE, ""ENAMEL""\nTEAPOT"')
    rows = read(write_rows(tmp_path / "a.csv", over_two, GOOD_ROW))
    assert rows == [
        SourceRow(2, cells(Description='BLUE, "ENAMEL"\nTEAPOT')),
        SourceRow(4, GOOD_CELLS),
    ]


@pytest.mark.parametrize("ragged", [GOOD_ROW + ",more", "700001,10001", "700001"])
def test_a_ragged_row_is_refused_alone_and_names_its_invoice(tmp_path: Path, ragged: str) -> None:
    rows = read(write_rows(tmp_path / "a.csv", GOOD_ROW, ragged, GOOD_ROW))
    assert refused(rows) == [(3, RowProblem.RAGGED_ROW)]
    assert numbers(rows) == [2, 4]
    (refusal,) = (row for row in rows if isinstance(row, Refusal))
    assert refusal.invoice_no == "700001"


OPEN_QUOTE = GOOD_ROW.replace("BLUE", '"BLUE')
QUOTED = GOOD_ROW.replace("BLUE ENAMEL TEAPOT", '"BLUE, ENAMEL TEAPOT"')


@pytest.mark.parametrize("after", [[GOOD_ROW] * 3, [QUOTED] * 3, [GOOD_ROW, QUOTED, GOOD_ROW]])
def test_a_quote_that_is_not_closed_costs_its_own_row_only(
    tmp_path: Path, after: list[str]
) -> None:
    rows = read(write_rows(tmp_path / "a.csv", GOOD_ROW, OPEN_QUOTE, *after))
    assert refused(rows) == [(3, RowProblem.UNREADABLE_ROW)]
    assert numbers(rows) == [2, 4, 5, 6]


def test_a_quote_closed_rows_later_does_not_swallow_those_between(tmp_path: Path) -> None:
    closing = GOOD_ROW.replace("TEAPOT", 'TEAPOT"')
    rows = read(write_rows(tmp_path / "a.csv", GOOD_ROW, OPEN_QUOTE, GOOD_ROW, closing))
    assert refused(rows) == [(3, RowProblem.UNREADABLE_ROW)]
    assert numbers(rows) == [2, 4, 5]


def test_text_behind_a_closed_quote_is_not_guessed_at(tmp_path: Path) -> None:
    stray = GOOD_ROW.replace("BLUE", '"BLUE"')
    rows = read(write_rows(tmp_path / "a.csv", GOOD_ROW, stray, GOOD_ROW))
    assert refused(rows) == [(3, RowProblem.UNREADABLE_ROW)]
    assert numbers(rows) == [2, 4]


def test_a_huge_cell_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    huge = GOOD_ROW.replace("BLUE", "B" * 10_000_000)
    rows = read(write_rows(tmp_path / "a.csv", GOOD_ROW, huge, GOOD_ROW))
    assert refused(rows) == [(3, RowProblem.UNREADABLE_ROW)]
    assert numbers(rows) == [2, 4]


def test_a_truncated_gzip_gives_what_is_there_and_says_where_it_ends(tmp_path: Path) -> None:
    whole = gzip.compress(("\n".join([HEADER, *[GOOD_ROW] * 50_000]) + "\n").encode(), 0)
    path = tmp_path / "a.csv.gz"
    path.write_bytes(whole[: len(whole) // 2])
    rows = read(path)
    assert isinstance(rows[-1], Refusal)
    assert rows[-1].reason is RowProblem.DAMAGED_FILE
    assert rows[-1].row == len(rows) + 1
    assert 20_000 < len(rows) < 30_000


def test_a_gzip_with_a_flipped_bit_does_not_end_in_silence(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(f"{HEADER}\n{GOOD_ROW}\n".encode()))
    whole[-6] ^= 1
    path = tmp_path / "a.csv.gz"
    path.write_bytes(whole)
    assert refused(read(path)) == [(3, RowProblem.DAMAGED_FILE)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty: a header and at least one row are wanted"),
        (HEADER.encode() + b"\n", "holds no rows: a header and at least one row are wanted"),
        (b"a,b\n1,2\n", "found a, b; wanted InvoiceNo, StockCode"),
        (HEADER.replace("Country", "Land").encode() + b"\n1\n", "; missing Country"),
        (HEADER.encode() + b",Country\n1\n", "; one of them stands twice"),
        (b"\x7fELF\x02\n1\n", "is not a CSV file in UTF-8"),
        (b"\xff\xfea\x00,\x00\n", "is not a CSV file in UTF-8"),
        (gzip.compress(HEADER.encode())[:20], "cannot be read: Compressed file ended"),
    ],
)
def test_a_file_that_is_none_of_invoices_is_an_error(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(SourceError) as error:
        CsvSource(path)
    assert str(path) in str(error.value)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_and_a_folder_are_errors(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no file at"):
        CsvSource(tmp_path / "none.csv")
    with pytest.raises(SourceError, match="is a folder"):
        CsvSource(tmp_path)


def test_how_much_was_read_grows_to_all_of_it(tmp_path: Path) -> None:
    source = CsvSource(write_rows(tmp_path / "a.csv", *[GOOD_ROW] * 2000))
    fractions = [source.fraction_read() for _ in source.rows()]
    assert fractions == sorted(fractions, key=lambda fraction: fraction or 0)
    assert 0 < (fractions[0] or 0) < 1
    assert fractions[-1] == 1
    source.close()


def test_a_pipe_can_be_read_and_has_no_size(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=write_rows, args=(path, GOOD_ROW))
    writer.start()
    source = CsvSource(path)
    assert list(source.rows()) == [SourceRow(2, GOOD_CELLS)]
    assert source.fraction_read() is None
    writer.join()
    source.close()


@given(
    st.lists(
        st.sampled_from([GOOD_ROW, QUOTED, OPEN_QUOTE, "", "a,b", '"', ',,,,,,,"x"y', "\0", "\r"])
    )
)
def test_every_line_is_a_row_or_refused_or_blank(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    path = write_rows(tmp_path_factory.mktemp("csv") / "a.csv", *lines, GOOD_ROW)
    rows = read(path)
    assert numbers(rows)[-1:] or refused(rows)
    seen = [row.number if isinstance(row, SourceRow) else row.row for row in rows]
    assert seen == sorted(set(seen))
