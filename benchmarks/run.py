"""``make bench``: runs the benchmarks, keeps their results, ends with the two ratios.

Upstream: a person. Downstream: ``benchmarks.api_latency``, ``benchmarks.latency``,
``benchmarks.write_units``, ``benchmarks.throughput``; ``benchmarks.results`` keeps what
they found.
"""

import argparse
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import results
from benchmarks.api_latency import api_rows, api_start_rows, api_values, measure_api
from benchmarks.latency import LINES_PER_SECOND, Latency, measure_latency
from benchmarks.process_cost import CommandFailedError
from benchmarks.same_output import OutputsDifferError
from benchmarks.throughput import DECODE, NAIVE, OURS, Sizes, Throughput, measure_throughput
from benchmarks.write_units import LINES_AN_INVOICE, units_by_customers_invoice
from ops.errors import UserError

FOLDER = Path(__file__).resolve().parents[1] / "var/benchmarks"
CUSTOMERS_INVOICES = 1000


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured, and whether it is worth keeping."""

    sizes: Sizes
    latency_seconds: int
    api_calls: int
    keep: bool


FULL = Extent(
    Sizes(naive_lines=200_000, lines=4_000_000, decode_lines=4_000_000, repeats=3),
    latency_seconds=60,
    api_calls=500,
    keep=True,
)
QUICK = Extent(
    Sizes(naive_lines=50_000, lines=500_000, decode_lines=1_000_000, repeats=1),
    latency_seconds=15,
    api_calls=50,
    keep=False,
)
PARTS = ("api", "documents", "throughput")


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for; 2 when a job failed."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure the job and the API.")
    parser.add_argument("--quick", action="store_true", help="small inputs, once, nothing kept")
    parser.add_argument("--only", choices=PARTS, help="one part instead of all")
    asked = parser.parse_args(arguments)
    extent = QUICK if asked.quick else FULL
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    try:
        measured = {"api": _api, "documents": _documents, "throughput": _throughput}
        for part in PARTS:
            if asked.only in {None, part}:
                measured[part](extent)
    except (CommandFailedError, OutputsDifferError, TimeoutError, UserError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    shutil.rmtree(FOLDER)
    return 0


def _api(extent: Extent) -> None:
    """How long the HTTP API takes, inside its functions and over HTTP."""
    measured = measure_api(extent.api_calls, FOLDER, print)
    rows = [row for timed in measured.requests for row in api_rows(timed)]
    rows += api_start_rows(measured)
    _report("api", api_values(measured), rows, keep=extent.keep)


def _documents(extent: Extent) -> None:
    """How soon documents are in DynamoDB, and what writing them costs."""
    latency = measure_latency(extent.latency_seconds, FOLDER, print)
    customers = units_by_customers_invoice(CUSTOMERS_INVOICES)
    rows = [*_latency_rows(latency), *_write_unit_rows(latency, customers)]
    figures = {
        "lines_seen": len(latency.seconds),
        "seconds_percentiles": {str(percent): latency.percentile(percent) for percent in (50, 99)},
        "seconds_most": max(latency.seconds),
        "lines": latency.lines,
        "write_units": latency.write_units,
        "write_units_line_by_line": latency.write_units_line_by_line,
        "write_units_by_customers_invoice": {"first": customers[0], "last": customers[-1]},
    }
    _report("documents", figures, rows, keep=extent.keep)


def _latency_rows(latency: Latency) -> list[results.Row]:
    what = f"seconds from PutRecords to DynamoDB at {LINES_PER_SECOND:,} lines/s"
    return [
        (f"{what}, median", f"{latency.percentile(50):.2f}", ""),
        (f"{what}, 99th percentile", f"{latency.percentile(99):.2f}", "<= 5"),
    ]


def _write_unit_rows(latency: Latency, customers: Sequence[float]) -> list[results.Row]:
    saved = latency.write_units_line_by_line / latency.write_units
    of_invoice = f"write units of a customer's invoice of {LINES_AN_INVOICE} lines"
    return [
        ("write units a line", f"{latency.write_units / latency.lines:.3f}", ""),
        ("times fewer than with one write a line", f"{saved:.1f}", ">= 8"),
        (f"{of_invoice}, the first", f"{customers[0]:.0f}", ""),
        (f"{of_invoice}, the {len(customers):,}th", f"{customers[-1]:.0f}", "no more"),
    ]


def _throughput(extent: Extent) -> None:
    """Lines per CPU-second, and the two ratios as the last lines."""
    measured = measure_throughput(extent.sizes, FOLDER, print)
    rates = {job: result.lines_per_cpu_second for job, result in measured.items()}
    to_naive, to_decode = rates[OURS] / rates[NAIVE], rates[OURS] / rates[DECODE]
    rows = [
        *map(_throughput_row, measured.values()),
        ("this job to the naive one", f"{to_naive:.1f}", ">= 10"),
        ("this job to its source and decode alone", f"{to_decode:.3f}", ">= 0.15"),
    ]
    figures = {job: asdict(result) for job, result in measured.items()}
    _report("throughput", figures, rows, keep=extent.keep)
    print(f"ratio-to-naive: {to_naive:.1f}")
    print(f"ratio-to-decode: {to_decode:.3f}")


def _throughput_row(result: Throughput) -> results.Row:
    name = {NAIVE: "naive job", OURS: "this job", DECODE: "source and decode alone"}[result.job]
    what = f"lines per CPU-second net of start-up, {name} ({result.lines:,} lines)"
    return what, f"{result.lines_per_cpu_second:,.0f}", ""


def _report(
    name: str, figures: Mapping[str, object], rows: Sequence[results.Row], *, keep: bool
) -> None:
    if keep:
        results.keep(name, figures, rows)
    print("\n" + results.table(rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
