"""The summary at the end of a ``send``: a table, plain lines, or JSON.

Upstream: ``producer.account``. Downstream: standard output.
"""

import json
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from producer.account import SendSummary


def print_summary(summary: SendSummary, console: Console, *, as_json: bool) -> None:
    """Print it: JSON for programs, else a table on a terminal, else a value a line."""
    if as_json:
        console.file.write(json.dumps(summary.values(), indent=2) + "\n")
    elif console.is_terminal:
        console.print(_table(summary))
    else:
        console.file.writelines(f"{label}: {value}\n" for label, value in _rows(summary))


def _table(summary: SendSummary) -> Table:
    table = Table(title="interrupted" if summary.interrupted else "sent", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for label, value in _rows(summary):
        table.add_row(label, value)
    return table


def _rows(summary: SendSummary) -> Iterator[tuple[str, str]]:
    yield "rows read", f"{summary.rows_read:,}"
    yield "rows refused", f"{summary.refused:,}"
    for reason, count in summary.refused_by_reason.items():
        yield f"  {reason}", f"{count:,}"
    yield "lines sent", f"{summary.lines_sent:,}"
    yield "  duplicates", f"{summary.duplicates:,}"
    yield "  corrupted", f"{summary.corrupted:,}"
    yield "lines unsent", f"{summary.unsent:,}"
    yield "records sent", f"{summary.records_sent:,}"
    yield "  packed", f"{summary.packed_records:,}"
    yield "bytes sent", f"{summary.bytes_sent:,}"
    yield "retries", f"{summary.retries:,}"
    yield "  throttled", f"{summary.throttled:,}"
    yield "seconds", f"{summary.seconds:,.1f}"
    yield "lines/s", f"{summary.lines_per_second:,.0f}"
