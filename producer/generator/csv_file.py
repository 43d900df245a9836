"""Sample data as CSV, in the form of the real file.

Upstream: ``producer.generator.shop``. Downstream: a file or standard output.
"""

import csv
import gzip
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from producer.generator.shop import invoice_rows
from producer.source import SOURCE_COLUMNS, SourceError
from producer.stopping import StopRequest

_GZIP_LEVEL = 5
"""A tenth larger than the best, in a third of the time."""


def write_csv(file: TextIO, lines: int, seed: int, stop: StopRequest) -> None:
    """Write a header and ``lines`` rows, or fewer when somebody wants it to stop."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(SOURCE_COLUMNS)
    for rows in invoice_rows(lines, seed):
        writer.writerows(rows)
        if stop.made:
            return


@contextmanager
def whole_file(path: Path, stop: StopRequest) -> Iterator[TextIO]:
    """A file to write, gzip when its name ends in ``.gz``, that appears only when it is whole.

    Raises:
        SourceError: It cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with _open(part, zipped=path.suffix == ".gz") as file:
            yield file
        if not stop.made:
            part.replace(path)
    except OSError as error:
        raise SourceError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def standard_output() -> Iterator[TextIO]:
    """Standard output as UTF-8; when its reader has had enough, that is the end and no error."""
    file = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
    try:
        yield file
        file.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    finally:
        file.detach()


@contextmanager
def _open(path: Path, *, zipped: bool) -> Iterator[TextIO]:
    """The same data gives the same bytes: neither name nor time go into the file."""
    with path.open("wb") as raw:
        if not zipped:
            with io.TextIOWrapper(raw, encoding="utf-8", newline="") as file:
                yield file
            return
        packed = gzip.GzipFile("", "wb", _GZIP_LEVEL, raw, mtime=0)
        with packed, io.TextIOWrapper(packed, encoding="utf-8", newline="") as file:
            yield file
