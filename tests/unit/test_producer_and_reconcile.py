"""Two readings of one file, the producer's and reconcile's own, find the same lines."""

from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.reconciliation.source import read_source
from producer.csv_source import CsvSource
from producer.line_reader import ReadLine, read_lines
from tests.producer_cases import GOOD_ROW, write_rows

ROWS = (
    GOOD_ROW,
    GOOD_ROW.replace("700001", "C700002"),
    GOOD_ROW.replace("BLUE ENAMEL TEAPOT", '"BLUE, ""ENAMEL"" TEAPOT "'),
    GOOD_ROW.replace("BLUE ENAMEL TEAPOT", ""),
    GOOD_ROW.replace("90001", "90001.0"),
    GOOD_ROW.replace("90001", " "),
    GOOD_ROW.replace("2.55", "-0.0010"),
    GOOD_ROW.replace("2011-08-30 08:26:00", "2011-08-30T08:26:00"),
)
BROKEN_ROWS = (
    "",
    "700001,10001",
    "no row",
    GOOD_ROW + ",more",
    GOOD_ROW.replace("BLUE", '"BLUE'),
    GOOD_ROW.replace("BLUE", "caf\N{LATIN SMALL LETTER E WITH ACUTE}"),
    GOOD_ROW.replace("BLUE", "a\0b"),
    GOOD_ROW.replace(",6,", ",six,"),
    GOOD_ROW.replace("2.55", "2.55555"),
    GOOD_ROW.replace("2011-08-30", "2011-02-30"),
    GOOD_ROW.replace("700001", ""),
    GOOD_ROW.replace("United Kingdom", "x" * 101),
)


@given(st.lists(st.sampled_from(ROWS + BROKEN_ROWS), max_size=12))
def test_both_readings_of_a_file_find_the_same_lines(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str]
) -> None:
    path = write_rows(tmp_path_factory.mktemp("csv") / "a.csv", *rows, GOOD_ROW)
    with closing(CsvSource(path)) as source:
        reads = list(read_lines(source.rows()))
    lines = [read.line._asdict() for read in reads if isinstance(read, ReadLine)]
    assert read_source(path).lines.to_pylist() == lines
