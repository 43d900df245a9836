"""What a person sees before they say yes, and after.

Downstream: the commands of ``ops.deployment``.
"""

from collections.abc import Sequence
from decimal import Decimal

import typer
from rich.console import Console
from rich.table import Table

from ops.deployment.application import Snapshot
from ops.deployment.change_sets import Change
from ops.deployment.costs import Cost
from ops.deployment.deploy import Approve
from ops.deployment.job_status import JobStatus
from ops.deployment.teardown import Fate
from ops.errors import UserError


def approval(console: Console, *, yes: bool) -> Approve:
    """Shows what would change and asks, unless ``yes`` has answered before."""

    def approve(stack: str, changes: Sequence[Change]) -> bool:
        console.print(changes_table(stack, changes))
        return yes or ask(console, f"change {stack}")

    return approve


def ask(console: Console, what: str) -> bool:
    """Ask a person.

    Raises:
        UserError: There is none to ask.
    """
    if not console.is_terminal:
        raise UserError(f"to {what}, say --yes: there is no terminal to ask on")
    return typer.confirm(f"{what}?")


def changes_table(stack: str, changes: Sequence[Change]) -> Table:
    """One row a resource."""
    table = Table("", "in", "resource", "type", title=stack, title_justify="left")
    for change in changes:
        action = f"{change.action} (made anew)" if change.replaces else change.action
        table.add_row(action, change.where, change.resource, change.kind)
    return table


def fates_table(fates: Sequence[Fate]) -> Table:
    """What goes and what is kept, and what it costs while nothing happens."""
    table = Table("", "resource", "type", "costs while idle")
    for fate in fates:
        table.add_row("goes" if fate.goes else "kept", fate.name, fate.kind, fate.cost)
    return table


def status_table(name: str, status: JobStatus) -> Table:
    """An application and its job."""
    table = Table(show_header=False, title=name, title_justify="left")
    uptime = status.uptime_seconds
    rows = {
        "application": status.application,
        "job": status.job or "nothing logged lately",
        "runs without interruption for": "unknown" if uptime is None else f"{uptime:,.0f} s",
        "parallelism": str(status.parallelism),
        "package": status.code_key,
        "error": status.error or "",
    }
    for label, value in rows.items():
        table.add_row(label, value)
    return table


def snapshots_table(snapshots: Sequence[Snapshot]) -> Table:
    """Snapshots, as they come."""
    table = Table("name", "taken (UTC)", "status", "of version")
    for each in snapshots:
        table.add_row(each.name, f"{each.taken:%Y-%m-%d %H:%M:%S}", each.status, str(each.version))
    return table


def costs_table(loaded: Sequence[Cost], idle: Sequence[Cost]) -> Table:
    """Monthly costs at a load and while idle, with their sums."""
    table = Table("concern", "item", "at this load", "idle", title="USD a month")
    for column in table.columns[2:]:
        column.justify = "right"
    idle_by_item = {(cost.concern, cost.item): cost.usd for cost in idle}
    for cost in loaded:
        at_rest = idle_by_item.get((cost.concern, cost.item), Decimal(0))
        table.add_row(cost.concern, cost.item, f"{cost.usd:,.2f}", f"{at_rest:,.2f}")
    table.add_section()
    table.add_row("", "all", f"{total(loaded):,.2f}", f"{total(idle):,.2f}")
    return table


def total(costs: Sequence[Cost]) -> Decimal:
    """Their sum."""
    return sum((cost.usd for cost in costs), Decimal(0))
