"""Generated data is the same every time, has every oddity, and behaves like a shop's."""

import csv
import gzip
import io
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from invoices.contract import InvoiceKind, kind_of
from invoices.invoice import group_lines
from invoices.line import InvoiceLine
from producer.cli import app
from producer.csv_source import CsvSource
from producer.generator.csv_file import whole_file, write_csv
from producer.generator.shop import Row, invoice_rows
from producer.generator.trading_days import MAX_MONTHS, months_for
from producer.line_reader import ReadLine, read_lines
from producer.source import SourceRow
from producer.stopping import StopRequest
from tests.producer_cases import HEADER

SHORT, LONG = 20_000, 120_000


@cache
def rows(lines: int, seed: int = 1) -> list[Row]:
    return [row for part in invoice_rows(lines, seed) for row in part]


@cache
def lines_of(lines: int) -> list[InvoiceLine]:
    """The rows as the producer reads them; every one must be readable."""
    source = [
        SourceRow(number, tuple(map(str, row))) for number, row in enumerate(rows(lines), start=2)
    ]
    reads = list(read_lines(source))
    assert all(isinstance(read, ReadLine) for read in reads)
    return [read.line for read in reads if isinstance(read, ReadLine)]


def runs(numbers: Iterable[str]) -> Mapping[str, int]:
    """How many times the lines of an invoice begin anew."""
    return Counter(number for number, _ in groupby(numbers))


@pytest.mark.parametrize("count", [1, 2, 10, 999, SHORT])
def test_there_are_exactly_as_many_lines_as_asked_for(count: int) -> None:
    assert len(rows(count)) == count


def test_a_seed_makes_the_same_data_and_another_seed_other_data() -> None:
    assert [row for part in invoice_rows(3000, 5) for row in part] == rows(3000, 5)
    assert rows(3000, 6) != rows(3000, 5)


@pytest.mark.parametrize("count", [1000, SHORT])
def test_every_oddity_is_there(count: int) -> None:
    lines = lines_of(count)
    kinds = {kind_of(line.invoice_no) for line in lines}
    assert kinds == set(InvoiceKind)
    codes = {line.stock_code for line in lines}
    assert {"POST", "M", "m", "S", "B", "D", "C2", "DOT", "CRUK", "PADS"} <= codes
    assert {"BANK CHARGES", "AMAZONFEE", "gift_0001_10", "gift_0001_20"} <= codes
    assert any(line.quantity < 0 for line in lines)
    assert any(line.unit_price < 0 for line in lines)
    assert any(line.unit_price == 0 and line.description is None for line in lines)
    assert any(line.unit_price == Decimal("0.001") for line in lines)
    assert any(line.customer_id is None for line in lines)
    assert {74_215, -74_215} <= {line.quantity for line in lines}
    descriptions = {line.description or "" for line in lines}
    for mark in (",", '"', "\N{POUND SIGN}"):
        assert any(mark in description for description in descriptions)
    assert any(description.endswith(" ") for description in descriptions)
    assert len(set(rows(count))) < len(rows(count)), "exact copies"
    in_invoice = Counter((line.invoice_no, line.stock_code) for line in lines)
    assert max(in_invoice.values()) >= 3, "repeated codes"
    assert max(runs(line.invoice_no for line in lines).values()) == 2, "a re-opened invoice"
    times = defaultdict(set)
    for line in lines:
        times[line.invoice_no].add(line.invoice_date)
    assert any(len(of_invoice) > 1 for of_invoice in times.values()), "more than a minute"


def test_there_is_an_invoice_as_long_as_the_longest_known() -> None:
    assert max(len(invoice.lines) for invoice in group_lines(lines_of(SHORT)).values()) >= 700


def test_the_shares_are_those_of_a_real_shop() -> None:
    lines = lines_of(LONG)
    invoices = group_lines(lines).values()
    sizes = [len(invoice.lines) for invoice in invoices]
    kinds = Counter(invoice.kind for invoice in invoices)
    assert 15 < statistics.mean(sizes) < 25
    assert 6 < statistics.median(sizes) < 14
    assert 0.10 < kinds[InvoiceKind.CANCELLATION] / len(sizes) < 0.20
    assert 0 < kinds[InvoiceKind.ADJUSTMENT] < 20
    assert 0.18 < share(lines, lambda line: line.customer_id is None) < 0.36
    assert 0.01 < share(lines, lambda line: line.quantity < 0) < 0.03
    assert 0.002 < share(lines, lambda line: line.unit_price == 0) < 0.01
    assert 0.85 < share(lines, lambda line: line.country == "United Kingdom") < 0.97
    assert 3000 < len({line.stock_code for line in lines}) < 4000


def share(lines: Sequence[InvoiceLine], is_one: Callable[[InvoiceLine], bool]) -> float:
    return sum(map(is_one, lines)) / len(lines)


def test_no_invoice_has_two_customers_or_two_countries() -> None:
    customers = {(line.invoice_no, line.customer_id, line.country) for line in lines_of(LONG)}
    assert len(customers) == len({number for number, _, _ in customers})


def test_time_goes_on_from_invoice_to_invoice() -> None:
    parts = groupby(lines_of(LONG), lambda line: line.invoice_no)
    begun = [next(part).invoice_date for _, part in parts]
    assert all(earlier <= later for earlier, later in pairwise(begun))


def test_the_shop_is_closed_on_saturdays_and_at_christmas() -> None:
    dates = {line.invoice_date for line in lines_of(LONG)}
    assert {date.weekday() for date in dates} == {0, 1, 2, 3, 4, 6}
    assert not {date for date in dates if (date.month, date.day) in {(12, 25), (1, 1)}}
    assert min(date.hour for date in dates) == 6
    assert max(date.hour for date in dates) == 20


def test_autumn_sells_more_than_spring() -> None:
    revenue: Counter[int] = Counter()
    for line in lines_of(LONG):
        revenue[line.invoice_date.month] += round(line.amount)
    assert revenue[11] > 1.3 * revenue[2]


def test_customers_come_back_months_later() -> None:
    months = defaultdict(set)
    for line in lines_of(LONG):
        months[line.customer_id].add((line.invoice_date.year, line.invoice_date.month))
    first_month = min(min(of_customer) for of_customer in months.values())
    cohort = [len(of_one) for of_one in months.values() if first_month in of_one]
    assert 0.3 < sum(count > 1 for count in cohort) / len(cohort) < 0.95
    assert max(cohort) >= 5


def test_the_dates_last_longer_the_more_lines_there_are() -> None:
    lengths = [months_for(lines) for lines in (1, 1000, 20_000, 300_000, 4_000_000, 10**9)]
    assert lengths == [1, 1, 3, 11, MAX_MONTHS, MAX_MONTHS]
    assert len({(line.invoice_date.year, line.invoice_date.month) for line in lines_of(SHORT)}) == 3


def test_making_data_is_quick() -> None:
    """200,000 lines a second where nothing else runs; a tenth of that is asked for."""
    start = time.process_time()
    write_csv(io.StringIO(), 100_000, 3, StopRequest())
    assert time.process_time() - start < 5


def generate(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["generate", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_the_file_has_the_form_of_the_real_one(tmp_path: Path) -> None:
    path = tmp_path / "sample.csv"
    assert generate("--lines", 500, "--seed", 4, "--out", path) == (0, "", "")
    with path.open(encoding="utf-8", newline="") as file:
        header, *written = csv.reader(file)
    assert ",".join(header) == HEADER
    assert written == [list(map(str, row)) for row in rows(500, 4)]
    with closing(CsvSource(path)) as source:
        assert all(isinstance(read, ReadLine) for read in read_lines(source.rows()))


def test_standard_output_and_files_hold_the_same(tmp_path: Path) -> None:
    generate("--lines", 500, "--out", tmp_path / "sample.csv")
    generate("--lines", 500, "--out", tmp_path / "sample.csv.gz")
    plain = (tmp_path / "sample.csv").read_bytes()
    assert gzip.decompress((tmp_path / "sample.csv.gz").read_bytes()) == plain
    assert generate("--lines", 500)[1].encode() == plain
    generate("--lines", 500, "--out", tmp_path / "again.csv.gz")
    again = (tmp_path / "again.csv.gz").read_bytes()
    assert again == (tmp_path / "sample.csv.gz").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "again.csv.gz",
        "sample.csv",
        "sample.csv.gz",
    ]


def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "sample.csv"
    code, _, stderr = generate("--out", path)
    assert code == 2
    assert stderr == f"invoice-producer: {path} cannot be written: No such file or directory\n"


def test_a_stopped_run_leaves_no_file_behind(tmp_path: Path) -> None:
    path = tmp_path / "sample.csv"
    path.write_text("before")
    stop = StopRequest()
    with whole_file(path, stop) as file:
        stop.signal_number = 2
        write_csv(file, 10**9, 1, stop)
    assert [(left.name, left.read_text()) for left in tmp_path.iterdir()] == [(path.name, "before")]
