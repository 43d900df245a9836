"""The line of progress of a running job, on a terminal; elsewhere nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status

from ops.job_figures import JobFigures
from ops.run import RunOutcome, Show


@contextmanager
def progress_line(console: Console) -> Iterator[Show]:
    """A line that is written anew with every call of what this gives."""
    if not console.is_terminal:
        yield _quiet
        return
    with console.status("the job starts") as line:
        yield _Line(line)


def _quiet(_figures: JobFigures) -> None:
    """A log has no use for a line a second."""


class _Line:
    def __init__(self, status: Status) -> None:
        self._status = status

    def __call__(self, figures: JobFigures) -> None:
        self._status.update(progress_text(figures))


def progress_text(figures: JobFigures) -> str:
    """One line on how far the job is."""
    behind = max(figures.shards_behind_ms, default=0.0) / 1000
    late = f", {behind:,.1f} s behind" if behind else ""
    return (
        f"{figures.records:,} records in{late}: {figures.accepted:,} lines,"
        f" {figures.invoices:,} invoices, {figures.rejected:,} rejected,"
        f" {figures.duplicates:,} duplicates, {figures.checkpoints:,} checkpoints"
    )


def print_outcome(outcome: RunOutcome, console: Console) -> None:
    """Say what a run did, a line each."""
    if outcome.figures is not None:
        console.print(progress_text(outcome.figures), soft_wrap=True, highlight=False)
    place = outcome.savepoint or "the stream's oldest record"
    console.print(f"the next run goes on from {place}", soft_wrap=True, highlight=False)
