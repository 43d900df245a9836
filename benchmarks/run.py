"""``make bench``: runs the benchmarks, keeps their results, ends with the two ratios.

Upstream: a person. Downstream: ``benchmarks.throughput``, ``benchmarks.results``.
"""

import argparse
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks import results
from benchmarks.process_cost import CommandFailedError
from benchmarks.same_output import OutputsDifferError
from benchmarks.throughput import DECODE, NAIVE, OURS, Sizes, Throughput, measure_throughput

FOLDER = Path(__file__).resolve().parents[1] / "var/benchmarks"
FULL = Sizes(naive_lines=200_000, lines=2_000_000, decode_lines=8_000_000, repeats=3)
QUICK = Sizes(naive_lines=50_000, lines=500_000, decode_lines=1_000_000, repeats=1)
WANTED_TO_NAIVE, WANTED_TO_DECODE = 10, 0.15


def main(arguments: list[str]) -> int:
    """Run what is asked for; 2 when a job failed."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure the job.")
    parser.add_argument("--quick", action="store_true", help="small inputs, once, nothing kept")
    asked = parser.parse_args(arguments)
    try:
        throughput(QUICK if asked.quick else FULL, keep=not asked.quick)
    except (CommandFailedError, OutputsDifferError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    return 0


def throughput(sizes: Sizes, *, keep: bool) -> None:
    """Measure lines per CPU-second and print the ratios."""
    measured = measure_throughput(sizes, FOLDER, print)
    shutil.rmtree(FOLDER)
    rates = {job: result.lines_per_cpu_second for job, result in measured.items()}
    to_naive, to_decode = rates[OURS] / rates[NAIVE], rates[OURS] / rates[DECODE]
    rows = [
        *(_row(result) for result in measured.values()),
        ("this job to the naive one", f"{to_naive:.1f}", f">= {WANTED_TO_NAIVE}"),
        ("this job to source and decode alone", f"{to_decode:.3f}", f">= {WANTED_TO_DECODE}"),
    ]
    if keep:
        figures = {job: asdict(result) for job, result in measured.items()}
        results.keep("throughput", figures, rows)
    print("\n" + results.table(rows))
    print(f"ratio-to-naive: {to_naive:.1f}")
    print(f"ratio-to-decode: {to_decode:.3f}")


def _row(result: Throughput) -> results.Row:
    what = f"{result.job}, lines per CPU-second net of start-up ({result.lines:,} lines)"
    return what, f"{result.lines_per_cpu_second:,.0f}", ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
