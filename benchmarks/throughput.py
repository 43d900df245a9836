"""Lines per CPU-second: the naive job, this job, and this job's source and decoder alone.

Each is measured over a large and over a tiny file; the difference is what lines cost,
the tiny one's cost is start-up. All in one run on one machine, the naive job and this
one also over the same file, where they must write the same.

Upstream: ``benchmarks.run``. Downstream: ``benchmarks.process_cost``.
"""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.process_cost import Cost, cost_of
from benchmarks.same_output import require_same_output
from benchmarks.sample_lines import write_sample

NAIVE, OURS, DECODE = "naive", "ours", "decode"
TINY_LINES = 100


@dataclass(frozen=True, slots=True)
class Throughput:
    """What a job made of its lines.

    Attributes:
        job: Which one.
        lines: How many it was given.
        cpu_seconds: CPU time of each run, start-up included.
        start_up_cpu_seconds: CPU time of each run over a handful of lines.
        wall_seconds: Wall time of each run.
        peak_memory_mb: Most memory of a run's process tree.
    """

    job: str
    lines: int
    cpu_seconds: list[float]
    start_up_cpu_seconds: list[float]
    wall_seconds: list[float]
    peak_memory_mb: int

    @property
    def lines_per_cpu_second(self) -> float:
        """Net of start-up, of the medians."""
        return self.lines / (median(self.cpu_seconds) - median(self.start_up_cpu_seconds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is measured.

    Attributes:
        naive_lines: Lines of the naive job.
        lines: Lines of this job.
        decode_lines: Lines of source and decode alone.
        repeats: Runs of each; the median counts.
    """

    naive_lines: int
    lines: int
    decode_lines: int
    repeats: int


def measure_throughput(
    sizes: Sizes, folder: Path, say: Callable[[str], None]
) -> dict[str, Throughput]:
    """Measure all three jobs; ``folder`` holds what they read and write.

    Raises:
        CommandFailedError: A job failed.
        OutputsDifferError: The naive job and this one wrote different things.
    """
    bench = _Bench(folder, sizes.repeats, say)
    measured = {
        NAIVE: bench.measure(NAIVE, sizes.naive_lines),
        OURS: bench.measure(OURS, sizes.lines),
        DECODE: bench.measure(DECODE, sizes.decode_lines),
    }
    bench.require_same_output(sizes.naive_lines)
    return measured


class _Bench:
    def __init__(self, folder: Path, repeats: int, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._repeats = repeats
        self._say = say

    def measure(self, job: str, lines: int) -> Throughput:
        tiny = [self._run(job, TINY_LINES) for _ in range(self._repeats)]
        runs = [self._run(job, lines) for _ in range(self._repeats)]
        return Throughput(
            job=job,
            lines=lines,
            cpu_seconds=[run.cpu_seconds for run in runs],
            start_up_cpu_seconds=[run.cpu_seconds for run in tiny],
            wall_seconds=[run.wall_seconds for run in runs],
            peak_memory_mb=max(run.peak_memory_mb for run in runs),
        )

    def require_same_output(self, lines: int) -> None:
        self._say(f"naive and ours over the same {lines:,} lines: comparing what they wrote")
        for job in (NAIVE, OURS):
            self._run(job, lines)
        require_same_output(self._run_folder(NAIVE) / "lake", self._run_folder(OURS) / "lake")

    def _run(self, job: str, lines: int) -> Cost:
        folder = self._run_folder(job)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        command = [sys.executable, "-m", "benchmarks.run_job", job, self._sample(lines), folder]
        cost = cost_of([str(part) for part in command], os.environ, folder / "output.log")
        self._say(
            f"{job}, {lines:,} lines: {cost.cpu_seconds:.1f} CPU-s, {cost.wall_seconds:.1f} s,"
            f" {cost.peak_memory_mb} MB"
        )
        return cost

    def _run_folder(self, job: str) -> Path:
        return self._folder / job

    def _sample(self, lines: int) -> Path:
        path = self._folder / f"{lines}.jsonl"
        if not path.exists():
            write_sample(path, lines)
        return path
