"""The command ``invoice-stream``: local services, the job, the demo, the proof.

Upstream: a person or a script. Downstream: one module a command. The environment
is read here and nowhere else in ``ops``.
"""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from connectors.dynamodb.pynamo import PynamoStore
from connectors.dynamodb.reader import DocumentReader
from connectors.dynamodb.target import target_of
from connectors.settings import SettingsError
from ops import services, show
from ops.errors import FailedError, UserError
from ops.one_line_errors import NAME, OneLineErrors
from ops.reconcile import reconcile, stores_of
from ops.reconciliation.ledger import read_ledger
from ops.reconciliation.report import print_report
from ops.stages import Stages
from ops.status import print_status, status, status_json
from ops.workspace import DEFAULT_ROOT, Workspace

app = typer.Typer(
    name=NAME,
    cls=OneLineErrors,
    help="Run invoices through a stream on this machine, look at them, prove that none is lost.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.callback()
def choose_workspace(
    context: typer.Context,
    root: Annotated[
        Path,
        typer.Option(
            "--var",
            envvar="INVOICE_STREAM_VAR",
            help="Folder of the local services' state, logs and reports.",
        ),
    ] = DEFAULT_ROOT,
) -> None:
    """Every command works on one folder."""
    context.obj = Workspace(root)


@app.command("up", epilog="Example: invoice-stream up --shards 4")
def up_command(
    context: typer.Context,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port; by default any that is free.")
    ] = None,
    shards: Annotated[
        int, typer.Option(min=1, max=100, help="Shards of the stream, when it is made.")
    ] = services.DEFAULT_SHARDS,
) -> None:
    """Start the local services and make what is missing in them.

    Kinesis, DynamoDB and S3 on one port of the loopback interface. What they hold is kept from
    `down` to the next `up`.
    """
    workspace = _workspace(context)
    emulator, settings = services.up(workspace, port, shards)
    console = Console()
    console.print(
        f"local services at {emulator.url} (pid {emulator.pid}): stream {settings.stream},"
        f" lake {settings.lake}, tables {settings.customers_table}, {settings.invoices_table}",
        soft_wrap=True,
        highlight=False,
    )


@app.command("down", epilog="Example: invoice-stream down --wipe")
def down_command(
    context: typer.Context,
    wipe: Annotated[
        bool, typer.Option("--wipe", help="Throw away all they hold, and the job's state.")
    ] = False,
) -> None:
    """Stop the job, if it runs, with a savepoint, then the local services."""
    workspace = _workspace(context)
    was_running = services.down(workspace)
    if wipe:
        workspace.wipe()
    done = "stopped" if was_running else "not running"
    Console().print(f"local services {done}{', all they held is gone' if wipe else ''}")


@app.command("status", epilog="Example: invoice-stream status --json")
def status_command(context: typer.Context, as_json: AsJson = False) -> None:
    """Show what runs, on which ports, and what it holds."""
    workspace = _workspace(context)
    try:
        settings = workspace.settings(os.environ)
    except SettingsError:
        settings = None
    parts = status(workspace, settings)
    if as_json:
        typer.echo(status_json(parts))
    else:
        print_status(parts, Console())


@app.command("reconcile", epilog="Example: invoice-stream reconcile online-retail.csv.gz --json")
def reconcile_command(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="The file that was sent: CSV, plain or gzip.")],
    ledger: Annotated[
        Path | None,
        typer.Option(help="What `invoice-producer send --ledger` wrote of damaged lines."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Prove that nothing was lost: the source against every store, line by line.

    Writes report.json into the folder of --var. Exit code 1 when anything is not as it must be.
    """
    workspace = _workspace(context)
    damaged = None if ledger is None else read_ledger(ledger)
    stores = stores_of(workspace.settings(os.environ))
    report = reconcile(source, stores, damaged, Stages())
    report.write(workspace.report)
    if as_json:
        typer.echo(report.to_json(), nl=False)
    else:
        print_report(report, Console())
    if report.mismatches:
        raise FailedError(f"{len(report.mismatches)} mismatches, listed in {workspace.report}")


@app.command("customer", epilog="Example: invoice-stream customer 17850")
def customer_command(
    context: typer.Context,
    customer_id: Annotated[str, typer.Argument(metavar="ID", help="The customer.")],
    as_json: AsJson = False,
) -> None:
    """Show a customer's purchases as DynamoDB holds them."""
    purchases = _reader(context).purchases(customer_id)
    if not purchases:
        raise UserError(f"no customer {customer_id} in DynamoDB")
    if as_json:
        typer.echo(show.customer_json(customer_id, purchases))
    else:
        show.print_customer(customer_id, purchases, Console())


@app.command("invoice", epilog="Example: invoice-stream invoice 536365 --json")
def invoice_command(
    context: typer.Context,
    invoice_no: Annotated[str, typer.Argument(metavar="NO", help="The invoice's number.")],
    as_json: AsJson = False,
) -> None:
    """Show an invoice and its lines as DynamoDB holds them."""
    invoice = _reader(context).invoice(invoice_no)
    if invoice is None:
        raise UserError(f"no invoice {invoice_no} in DynamoDB")
    if as_json:
        typer.echo(show.invoice_json(invoice))
    else:
        show.print_invoice(invoice, Console())


def _workspace(context: typer.Context) -> Workspace:
    return context.find_object(Workspace) or Workspace()


def _reader(context: typer.Context) -> DocumentReader:
    workspace = _workspace(context)
    return DocumentReader(PynamoStore(target_of(workspace.settings(os.environ))))
