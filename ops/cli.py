"""The command ``invoice-stream``: local services, the job, the demo, the proof.

Upstream: a person or a script. Downstream: one module a command. The environment
is read here and nowhere else in ``ops``.
"""

import os
from importlib.metadata import entry_points

import typer
from rich.console import Console

from connectors.dynamodb.pynamo import PynamoStore
from connectors.dynamodb.reader import DocumentReader
from connectors.dynamodb.target import target_of
from connectors.settings import SettingsError
from ops import demo, options, services, show
from ops.deployment.application_commands import app as application_app
from ops.deployment.application_commands import show_status
from ops.deployment.deploy_commands import app as deploy_app
from ops.deployment.package_commands import package_app, rehearse_app
from ops.errors import FailedError, UserError
from ops.interrupt import Interrupt
from ops.one_line_errors import NAME, OneLineErrors
from ops.progress import print_outcome, progress_line
from ops.reconcile import reconcile, stores_of
from ops.reconciliation.ledger import read_ledger
from ops.reconciliation.report import Report, print_report
from ops.run import RunOptions, run
from ops.stages import Stages
from ops.status import print_status, status, status_json
from ops.workspace import DEFAULT_ROOT, Workspace

COMMANDS = "invoice_stream.commands"
"""Entry points of packages that bring commands of their own; ops imports none of them."""

app = typer.Typer(
    name=NAME,
    cls=OneLineErrors,
    help="Run invoices through a stream on this machine, look at them, prove that none is lost.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def choose_workspace(context: typer.Context, root: options.Root = DEFAULT_ROOT) -> None:
    """Every command works on one folder."""
    context.obj = Workspace(root)


@app.command("up", epilog="Example: invoice-stream up --shards 4")
def up_command(
    context: typer.Context,
    port: options.Port = None,
    shards: options.Shards = services.DEFAULT_SHARDS,
) -> None:
    """Start the local services and make what is missing in them.

    Kinesis, DynamoDB and S3 on one port of the loopback interface.
    What they hold is kept from `down` to the next `up`.
    """
    emulator, settings = services.up(_workspace(context), port, shards)
    Console().print(
        f"local services at {emulator.url} (pid {emulator.pid}): stream {settings.stream},"
        f" lake {settings.lake}, tables {settings.customers_table}, {settings.invoices_table}",
        soft_wrap=True,
        highlight=False,
    )


@app.command("down", epilog="Example: invoice-stream down --wipe")
def down_command(context: typer.Context, wipe: options.Wipe = False) -> None:
    """Stop the job, if it runs, with a savepoint, then the local services."""
    workspace = _workspace(context)
    was_running = services.down(workspace)
    if wipe:
        workspace.wipe()
    done = "stopped" if was_running else "not running"
    Console().print(f"local services {done}{', all they held is gone' if wipe else ''}")


@app.command("status", epilog="Example: invoice-stream status --json")
def status_command(
    context: typer.Context,
    environment: options.DeployedEnvironment = None,
    *,
    wait: options.Wait = 0.0,
    count: options.Count = False,
    as_json: options.AsJson = False,
) -> None:
    """Show what runs here, on which ports, and what it holds; or the job of a deployed environment.

    Of a deployed one the Flink job itself is looked at, not only its application; when it does
    not run, exit code 1 and the error from its log.
    """
    if environment is not None:
        show_status(environment, wait_seconds=wait, as_json=as_json)
        return
    workspace = _workspace(context)
    try:
        settings = workspace.settings(os.environ)
    except SettingsError:
        settings = None
    parts = status(workspace, settings, count=count)
    if as_json:
        typer.echo(status_json(parts))
    else:
        print_status(parts, Console())


@app.command("run", epilog="Example: invoice-stream run --until-idle 5")
def run_command(
    context: typer.Context,
    *,
    until_idle: options.UntilIdle = None,
    fresh: options.Fresh = False,
    parallelism: options.Parallelism = 2,
    checkpoint_interval: options.CheckpointInterval = 5.0,
    rest_port: options.RestPort = None,
    properties: options.Properties = [],  # noqa: B006 - typer takes a list
) -> None:
    """Run the job on Flink's mini-cluster, from where it ended last.

    Ctrl-C stops it with a savepoint, from which the next run goes on;
    after a crash that goes on from the last checkpoint.
    Exit code 1 when the job failed, with the cause.
    """
    workspace, console = _workspace(context), Console(stderr=True)
    how = RunOptions(
        until_idle_seconds=until_idle,
        fresh=fresh,
        parallelism=parallelism,
        checkpoint_interval_ms=round(checkpoint_interval * 1000),
        rest_port=rest_port,
        properties=options.as_mapping(properties),
    )
    settings = workspace.settings(os.environ)
    with Interrupt().listening() as interrupt, progress_line(console) as show:
        outcome = run(workspace, settings, how, interrupt, show)
    print_outcome(outcome, Console())


@app.command("demo", epilog="Example: invoice-stream demo --pack --duplicate 0.05 --shuffle 500")
def demo_command(
    context: typer.Context,
    source: options.DemoSource = None,
    *,
    lines: options.Lines = 30_000,
    seed: options.Seed = 1,
    shards: options.Shards = services.DEFAULT_SHARDS,
    pack: options.Pack = False,
    rate: options.Rate = None,
    duplicate: options.Duplicate = 0.0,
    shuffle: options.Shuffle = 0,
    corrupt: options.Corrupt = 0.0,
) -> None:
    """Run everything once: services, producer, job, and the proof that nothing was lost.

    Works on a fresh state; what the local services held by other means is put aside.
    Exit code 1 when anything is not as it must be.
    """
    workspace = _workspace(context)
    send = options.send_options(
        pack=pack, rate=rate, duplicate=duplicate, shuffle=shuffle, corrupt=corrupt
    )
    what = demo.DemoOptions(source=source, lines=lines, seed=seed, shards=shards, send=send)
    console = Console()
    report = demo.demo(workspace, what, os.environ, console)
    _conclude(report, workspace, as_json=False)
    console.print(
        "The services are stopped and keep what they hold: `invoice-stream up`, then"
        " `invoice-stream status`, `customer ID`, `invoice NO`."
    )


@app.command("reconcile", epilog="Example: invoice-stream reconcile online-retail.csv.gz --json")
def reconcile_command(
    context: typer.Context,
    source: options.Source,
    ledger: options.Ledger = None,
    as_json: options.AsJson = False,
) -> None:
    """Prove that nothing was lost: the source against every store, line by line.

    Writes report.json into the folder of --var.
    Exit code 1 when anything is not as it must be.
    """
    workspace = _workspace(context)
    damaged = None if ledger is None else read_ledger(ledger)
    stores = stores_of(workspace.settings(os.environ))
    report = reconcile(source, stores, damaged, Stages())
    report.write(workspace.report)
    _conclude(report, workspace, as_json=as_json)


def _conclude(report: Report, workspace: Workspace, *, as_json: bool) -> None:
    if as_json:
        typer.echo(report.to_json(), nl=False)
    else:
        print_report(report, Console())
    if report.mismatches:
        raise FailedError(f"{len(report.mismatches)} mismatches, listed in {workspace.report}")


@app.command("customer", epilog="Example: invoice-stream customer 17850")
def customer_command(
    context: typer.Context, customer_id: options.CustomerId, as_json: options.AsJson = False
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
    context: typer.Context, invoice_no: options.InvoiceNo, as_json: options.AsJson = False
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
    return DocumentReader(PynamoStore(target_of(_workspace(context).settings(os.environ))))


def _mount_commands() -> None:
    app.add_typer(package_app, name="package")
    app.add_typer(rehearse_app)
    app.add_typer(deploy_app)
    app.add_typer(application_app)
    for found in sorted(entry_points(group=COMMANDS), key=lambda found: found.name):
        app.add_typer(found.load(), name=found.name)


_mount_commands()
