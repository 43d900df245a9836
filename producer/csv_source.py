"""CSV files, plain or gzip: rows read as they are asked for, whatever the size of the file.

Upstream: a file. Downstream: ``producer.line_reader``. Columns are found by
name. A row that is no row (too few cells, a quote that is never closed, bytes
that are not UTF-8) costs itself alone: reading goes on with the next line.
"""

import csv
import gzip
import io
import os
import zlib
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path

from producer.row_lines import RowLines
from producer.source import SOURCE_COLUMNS, Refusal, Row, RowProblem, SourceError, SourceRow

_GZIP_MAGIC = b"\x1f\x8b"
_DAMAGE = (EOFError, OSError, zlib.error)
_SHOWN_CHARS = 200
_WANTED = "a header and at least one row are wanted"


class CsvSource:
    """A ``LineSource`` over one CSV file, UTF-8, with a header.

    Raises:
        SourceError: The file is missing, empty, damaged at its start, or has not
            the columns.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = _open(path)
        try:
            self._size = os.fstat(self._file.fileno()).st_size
            self._lines = RowLines(_text(self._file))
            header = self._read_header()
            self._width = len(header)
            self._pick = itemgetter(*_positions(header, self.name))
            self._refuse_no_rows()
            self._invoice_no_at = header.index(SOURCE_COLUMNS[0])
            self._unused = tuple(name for name in header if name not in SOURCE_COLUMNS)
        except BaseException:
            self._file.close()
            raise

    @property
    def name(self) -> str:
        """The path."""
        return str(self._path)

    @property
    def notes(self) -> tuple[str, ...]:
        """Which columns are not part of a line and so are not sent."""
        named = [name for name in self._unused if name]
        return (f"{self.name}: columns not sent: {', '.join(named)}",) if named else ()

    def fraction_read(self) -> float | None:
        """How much of the file's bytes has been read; None for a pipe."""
        return self._file.tell() / self._size if self._size else None

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def rows(self) -> Iterator[Row]:
        """All rows after the header; blank lines are none."""
        lines = self._lines
        reader = self._reader()
        while True:
            lines.begin_row()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield self._refuse_first_line(str(error))
                reader = self._reader()
                continue
            except _DAMAGE as error:
                yield Refusal(lines.row, RowProblem.DAMAGED_FILE, f"the file ends here: {error}")
                return
            if lines.taken > 1 and self._swallowed_rows():
                yield self._refuse_first_line("a quote is not closed")
                reader = self._reader()
            elif len(cells) == self._width:
                yield SourceRow(lines.row, self._pick(cells))
            elif cells:
                yield self._ragged(cells)

    def _reader(self) -> "Iterator[list[str]]":
        """Strict: a stray quote is an error, not a reason to take the next row for a text."""
        return csv.reader(self._lines, strict=True)

    def _read_header(self) -> list[str]:
        try:
            header = next(self._reader(), [])
        except (csv.Error, *_DAMAGE) as error:
            raise SourceError(f"{self.name} cannot be read: {error}") from error
        if not header:
            raise SourceError(f"{self.name} is empty: {_WANTED}")
        return [name.strip() for name in header]

    def _refuse_no_rows(self) -> None:
        try:
            if self._lines.has_more():
                return
        except _DAMAGE as error:
            raise SourceError(f"{self.name} cannot be read: {error}") from error
        raise SourceError(f"{self.name} holds no rows: {_WANTED}")

    def _swallowed_rows(self) -> bool:
        """Whether a row over several lines holds one that is a whole row by itself."""
        return any(
            len(cells) == self._width
            for line in self._lines.held[1:]
            if line.count('"') % 2 == 0
            for cells in csv.reader([line])
        )

    def _refuse_first_line(self, problem: str) -> Refusal:
        """Refuse the row's first line and put back those that only followed it."""
        row, line = self._lines.row, self._lines.retreat()
        cells = next(csv.reader([line[: csv.field_size_limit() // 2]]), [])
        return Refusal(
            row, RowProblem.UNREADABLE_ROW, problem, tuple(cells), self._invoice_no(cells)
        )

    def _ragged(self, cells: list[str]) -> Refusal:
        detail = f"{len(cells)} cells, the header has {self._width}"
        return Refusal(
            self._lines.row,
            RowProblem.RAGGED_ROW,
            detail,
            tuple(cells),
            self._invoice_no(cells),
        )

    def _invoice_no(self, cells: list[str]) -> str | None:
        return cells[self._invoice_no_at] if len(cells) > self._invoice_no_at else None


def _open(path: Path) -> io.BufferedReader:
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise SourceError(f"no file at {path}") from error
    except IsADirectoryError as error:
        raise SourceError(f"{path} is a folder: name a file in it") from error
    except OSError as error:
        raise SourceError(f"{path} cannot be opened: {error.strerror}") from error


def _text(file: io.BufferedReader) -> Iterator[str]:
    """Lines of the file; a byte that is not UTF-8 becomes half of a surrogate pair.

    Looks at the first bytes without taking them, so that a pipe can be read too.
    """
    zipped = file.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC)
    content = gzip.GzipFile(fileobj=file) if zipped else file
    return io.TextIOWrapper(content, encoding="utf-8-sig", errors="surrogateescape", newline="")


def _positions(header: list[str], name: str) -> list[int]:
    """Where each of ``SOURCE_COLUMNS`` stands.

    Raises:
        SourceError: One of them is missing or stands twice.
    """
    if all(header.count(column) == 1 for column in SOURCE_COLUMNS):
        return [header.index(column) for column in SOURCE_COLUMNS]
    found = ", ".join(header)
    if not found.isprintable():
        raise SourceError(f"{name} is not a CSV file in UTF-8")
    missing = [column for column in SOURCE_COLUMNS if column not in header]
    problem = f"missing {', '.join(missing)}" if missing else "one of them stands twice"
    raise SourceError(
        f"{name} has not the columns of invoices: found {found[:_SHOWN_CHARS]};"
        f" wanted {', '.join(SOURCE_COLUMNS)}; {problem}"
    )
