"""The report: a table for people, ``var/report.json`` for programs."""

import json
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ops.reconciliation.checks import Check
from ops.reconciliation.compare import Mismatch

SHOWN = 20
"""Mismatches shown on a terminal; the file has more."""

LISTED = 1000
"""Mismatches of one check that the file lists; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a reconciliation found.

    Attributes:
        source_lines: Line items of the source.
        source_unreadable_rows: Rows of the source that hold no line item.
        accepted_lines: Distinct lines in ``lines/``.
        rejected_lines: Records, or elements of packed ones, in ``rejected/``.
        duplicates_dropped: Deliveries that are in neither, counted on the stream; None
            when the stream no longer holds what the lake does.
        invoices: Distinct invoices.
        customers: Distinct customers.
        revenue: Sum of quantity x unit price over ``lines/``, exact.
        checks: All checks.
        notes: Remarks for people.
        seconds: How long each stage took.
    """

    source_lines: int
    source_unreadable_rows: int
    accepted_lines: int
    rejected_lines: int
    duplicates_dropped: int | None
    invoices: int
    customers: int
    revenue: Decimal
    checks: list[Check]
    notes: list[str]
    seconds: dict[str, float]

    @property
    def mismatches(self) -> list[Mismatch]:
        """Everything that is not as it must be."""
        return [mismatch for check in self.checks for mismatch in check.mismatches]

    def to_json(self) -> str:
        """The report as a JSON object."""
        values = {
            "source_lines": self.source_lines,
            "source_unreadable_rows": self.source_unreadable_rows,
            "accepted_lines": self.accepted_lines,
            "rejected_lines": self.rejected_lines,
            "duplicates_dropped": self.duplicates_dropped,
            "invoices": self.invoices,
            "customers": self.customers,
            "revenue": plain(self.revenue),
            "mismatches": [entry for check in self.checks for entry in _listed(check)],
            "checks": {check.name: not check.mismatches for check in self.checks},
            "notes": self.notes,
            "seconds": {stage: round(taken, 3) for stage, taken in self.seconds.items()},
        }
        return json.dumps(values, indent=2, ensure_ascii=False) + "\n"

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.to_json(), encoding="utf-8")


def _listed(check: Check) -> list[dict[str, str]]:
    listed = [asdict(mismatch) for mismatch in check.mismatches[:LISTED]]
    rest = len(check.mismatches) - len(listed)
    if rest:
        listed.append(asdict(Mismatch(check.name, "and_more", "", f"and {rest} more")))
    return listed


def plain(value: Decimal) -> str:
    """All digits, no exponent, no zeros at the end.

    >>> plain(Decimal("5761931.3820")), plain(Decimal("0.0000")), plain(Decimal("100"))
    ('5761931.382', '0', '100')
    """
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def print_report(report: Report, console: Console) -> None:
    """Print it as tables."""
    console.print(_figures(report))
    console.print(_checks(report))
    console.print(_seconds(report))
    for note in report.notes:
        console.print(f"note: {note}", highlight=False, soft_wrap=True, markup=False)
    found = report.mismatches
    for mismatch in found[:SHOWN]:
        line = f"{mismatch.kind} {mismatch.key} ({mismatch.check}): {mismatch.detail}"
        console.print(line, style="red", highlight=False, soft_wrap=True, markup=False)
    if len(found) > SHOWN:
        console.print(f"[red]and {len(found) - SHOWN} more[/red], see the report's file")


def _figures(report: Report) -> Table:
    table = Table(title="Reconciliation", show_header=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    dropped = report.duplicates_dropped
    rows = {
        "source lines": f"{report.source_lines:,}",
        "accepted lines": f"{report.accepted_lines:,}",
        "rejected lines": f"{report.rejected_lines:,}",
        "duplicates dropped": "not known" if dropped is None else f"{dropped:,}",
        "invoices": f"{report.invoices:,}",
        "customers": f"{report.customers:,}",
        "revenue": plain(report.revenue),
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def _seconds(report: Report) -> Table:
    table = Table("stage", title="Seconds")
    table.add_column("seconds", justify="right")
    for stage, seconds in report.seconds.items():
        table.add_row(stage, f"{seconds:,.1f}")
    table.add_row("total", f"{sum(report.seconds.values()):,.1f}", style="bold")
    return table


def _checks(report: Report) -> Table:
    table = Table("check")
    table.add_column("expected", justify="right")
    table.add_column("found", justify="right")
    table.add_column("result")
    for check in report.checks:
        wrong = len(check.mismatches)
        result = f"[red]{wrong:,} wrong[/red]" if wrong else "[green]exact[/green]"
        table.add_row(check.name, f"{check.expected:,}", f"{check.actual:,}", result)
    return table
