"""Rows of a CSV file, plain or gzip; what is no row costs itself alone.

Upstream: the source file. Downstream: ``ops.reconciliation.source``.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from ops.errors import UserError

GZIP_MAGIC = b"\x1f\x8b"


class Row(NamedTuple):
    """One row.

    Attributes:
        number: The line of the file it begins on, from 1.
        cells: Its cells, as far as there are any.
        whole: Whether it has as many cells as the header.
    """

    number: int
    cells: list[str]
    whole: bool


@contextmanager
def csv_lines(path: Path) -> Iterator[Iterator[str]]:
    """The lines of the file, with their ends; a byte that is not UTF-8 is a lone surrogate.

    Raises:
        UserError: There is no such file.
    """
    try:
        with path.open("rb") as file, _text(file) as text:
            yield _until_damage(text)
    except FileNotFoundError as error:
        raise UserError(f"no file at {path}") from error
    except IsADirectoryError as error:
        raise UserError(f"{path} is a folder: name a file in it") from error
    except PermissionError as error:
        raise UserError(f"{path} cannot be opened: {error.strerror}") from error


def _text(file: IO[bytes]) -> io.TextIOWrapper:
    packed = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    file.seek(0)
    content = gzip.GzipFile(fileobj=file) if packed else file
    return io.TextIOWrapper(content, encoding="utf-8-sig", errors="surrogateescape", newline="")


def _until_damage(text: Iterable[str]) -> Iterator[str]:
    """A damaged file ends where the damage is; its rows from there on will be missed."""
    try:
        yield from text
    except (EOFError, OSError, zlib.error):
        return


def cells_of(lines: list[str]) -> list[str] | None:
    """Cells of a row; None while a quote is open, or when one stands where none may."""
    try:
        return next(csv.reader(lines, strict=True), [])
    except csv.Error:
        return None


def csv_rows(lines: Iterable[str], width: int) -> Iterator[Row]:
    """Rows after the header.

    A quoted text may go over several lines, but not over one that is a whole row
    by itself: there a quote was not closed, and the lines before it are no rows.
    """
    held: list[tuple[int, str]] = []
    for number, line in enumerate(lines, start=2):
        alone = cells_of([line])
        if held and (alone is None or len(alone) != width):
            held.append((number, line))
            together = cells_of([text for _, text in held])
            if together is not None:
                yield Row(held[0][0], together, len(together) == width)
                held.clear()
            continue
        yield from _no_rows(held)
        held.clear()
        if alone is None:
            held.append((number, line))
        elif alone:
            yield Row(number, alone, len(alone) == width)
    yield from _no_rows(held)


def _no_rows(held: list[tuple[int, str]]) -> Iterator[Row]:
    for number, line in held:
        yield Row(number, next(csv.reader([line]), []), whole=False)
