"""Rows that are not sent: counted by reason, the first ones shown, all written on request.

Upstream: ``producer.line_reader``. Downstream: the terminal, the summary, the
file that ``--refused`` names.
"""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TextIO

from producer.line_reader import ReadLine
from producer.source import SOURCE_COLUMNS, Refusal, SourceError

SHOWN = 10
"""So many are shown; after that they are only counted and written."""

_JSON_SUFFIXES = frozenset({".json", ".jsonl", ".ndjson"})
_HEADER = ("Row", "Reason", "Detail", *SOURCE_COLUMNS)


class RefusalLog(AbstractContextManager["RefusalLog"]):
    """Keeps account of refusals.

    Args:
        show: Prints one line for people.
        path: Where all are written: JSON lines when its suffix says so, else CSV.

    Raises:
        SourceError: The file cannot be written.
    """

    def __init__(self, show: Callable[[str], None], path: Path | None = None) -> None:
        self._show = show
        self._counts: Counter[str] = Counter()
        self._file: TextIO | None = None
        self._write: Callable[[Refusal], object] = lambda _: None
        if path is not None:
            self._file = _open(path)
            as_json = path.suffix in _JSON_SUFFIXES
            self._write = _json_writer(self._file) if as_json else _csv_writer(self._file)

    @property
    def by_reason(self) -> Mapping[str, int]:
        """How many by reason code, the most frequent first."""
        return dict(self._counts.most_common())

    @property
    def total(self) -> int:
        """How many."""
        return self._counts.total()

    def accepted(self, reads: Iterable[ReadLine | Refusal]) -> Iterator[ReadLine]:
        """The lines; refusals stay here."""
        for read in reads:
            if isinstance(read, Refusal):
                self.add(read)
            else:
                yield read

    def add(self, refusal: Refusal) -> None:
        """Count, show and write one."""
        self._counts[refusal.reason.value] += 1
        if self.total <= SHOWN:
            self._show(f"row {refusal.row} refused: {refusal.reason.value}: {refusal.detail}")
        elif self.total == SHOWN + 1:
            where = "--refused PATH writes all" if self._file is None else "all are written"
            self._show(f"more rows refused: not shown here, {where}")
        self._write(refusal)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def _open(path: Path) -> TextIO:
    """Bytes that were not UTF-8 in the source are written as they were."""
    try:
        return path.open("w", encoding="utf-8", errors="surrogateescape", newline="")
    except OSError as error:
        raise SourceError(f"{path} cannot be written: {error.strerror}") from error


def _csv_writer(file: TextIO) -> Callable[[Refusal], object]:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_HEADER)
    return lambda refusal: writer.writerow(
        (refusal.row, refusal.reason.value, refusal.detail, *refusal.cells)
    )


def _json_writer(file: TextIO) -> Callable[[Refusal], object]:
    return lambda refusal: file.write(
        json.dumps(
            {
                "row": refusal.row,
                "reason": refusal.reason.value,
                "detail": refusal.detail,
                "cells": refusal.cells,
            }
        )
        + "\n"
    )
