"""The progress bar: lines a second and time left, on a terminal only.

Upstream: ``producer.account``. Downstream: the terminal.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text


class _LinesColumn(ProgressColumn):
    """Lines sent and lines a second since the start."""

    def render(self, task: Task) -> Text:
        """For example ``12,000 lines  8,000/s``."""
        lines = task.fields["lines"]
        rate = lines / task.elapsed if task.elapsed else 0.0
        return Text(f"{lines:,} lines  {rate:,.0f}/s", no_wrap=True)


@contextmanager
def progress_bar(
    console: Console, fraction_done: Callable[[], float | None]
) -> Iterator[Callable[[int], None]]:
    """Shows a bar while the work goes on.

    Args:
        console: Where; nothing is shown when it is no terminal.
        fraction_done: How much of the source is done, 0 to 1, None when unknown.

    Yields:
        To be called with the lines sent so far.
    """
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        _LinesColumn(table_column=Column(no_wrap=True)),
        TextColumn("left"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("sending", total=None, lines=0)

        def show(lines: int) -> None:
            fraction = fraction_done()
            total = None if fraction is None else 1.0
            progress.update(task, total=total, completed=fraction or 0.0, lines=lines)

        yield show
