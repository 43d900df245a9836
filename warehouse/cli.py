"""The commands ``invoice-stream warehouse ...``: load it, ask it, look at what was loaded.

Upstream: ``ops.cli`` mounts it, found by its entry point. Downstream: the jobs,
imported when a command needs them: Spark and the forecasting library take seconds, and every
command of ``invoice-stream`` imports this module. The environment is read here.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from connectors.settings import SETTINGS_VARIABLE, SettingsError, load_settings
from connectors.warehouse_port import Rows
from warehouse.errors import ANSWERS_NO, FAILURES
from warehouse.marts import marts
from warehouse.output import form_of, print_rows
from warehouse.parameters import JobParameters

EXIT_FAILED, EXIT_CANNOT = 1, 2
DEFAULT_FOLDER = Path("var")
AUDIT = """
SELECT finished_at, outcome, kind, files, rows_in, rows_merged, rows_replaced, rows_skipped,
    amount_in, seconds, batch_id, detail
FROM load_audit
ORDER BY finished_at DESC
"""

app = typer.Typer(
    name="warehouse",
    help="The warehouse: load it from the lake, query it, its marts and its forecast.",
    no_args_is_help=True,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV, for spreadsheets.")]
Memory = Annotated[str, typer.Option(help="Heap of the one JVM Spark runs in.")]


@app.command("load", epilog="Example: invoice-stream warehouse load --json")
def load_command(context: typer.Context, *, as_json: AsJson = False, memory: Memory = "1g") -> None:
    """Load the files of the lake that are not loaded yet.

    Run again, killed or run twice at once, it leaves the same warehouse.
    Exit code 1 when a quality check failed, with the numbers; nothing is changed then.
    """
    _load(_parameters(context), memory, as_json=as_json)


@app.command(
    "backfill",
    epilog="Example: invoice-stream warehouse backfill --from 2026-01-01 --to 2026-01-31",
)
def backfill_command(
    context: typer.Context,
    first: Annotated[str, typer.Option("--from", metavar="YYYY-MM-DD", help="First day.")],
    last: Annotated[str, typer.Option("--to", metavar="YYYY-MM-DD", help="Last day.")],
    *,
    as_json: AsJson = False,
    memory: Memory = "1g",
) -> None:
    """Load again all lines that arrived on these days (UTC), loaded before or not.

    What the warehouse lost or holds otherwise is put right.
    """
    parameters = replace(_parameters(context), backfill_from=first, backfill_to=last)
    _load(parameters, memory, as_json=as_json)


@app.command("forecast", epilog="Example: invoice-stream warehouse forecast")
def forecast_command(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Forecast daily revenue, and each customer's purchases, 90 days ahead.

    The back-test that chose the models is written beside them.
    Exit code 1 when the history is too short to test a forecast.
    """
    from warehouse.forecast.job import report_json, run  # noqa: PLC0415 - see the module

    with _one_line_errors():
        report = run(_parameters(context))
    if as_json:
        typer.echo(report_json(report), nl=False)
    else:
        for message in report.messages:
            typer.echo(message)


@app.command(
    "query",
    epilog="Example: invoice-stream warehouse query 'SELECT * FROM mart_revenue_by_month'",
)
def query_command(
    context: typer.Context,
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT, in Redshift's dialect.")],
    *,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Ask the warehouse."""
    from warehouse.read_only import require_read_only  # noqa: PLC0415 - see the module

    with _one_line_errors():
        require_read_only(sql)
        rows = _ask(context, sql)
    print_rows(rows, form_of(as_json=as_json, as_csv=as_csv), Console())


@app.command("marts", epilog="Example: invoice-stream warehouse marts --json")
def marts_command(*, as_json: AsJson = False, as_csv: AsCsv = False) -> None:
    """List the views made for people: what each tells, and what one of its rows is."""
    rows = tuple((mart.name, mart.description, mart.grain) for mart in marts())
    found = Rows(("name", "description", "grain"), rows)
    print_rows(found, form_of(as_json=as_json, as_csv=as_csv), Console())


@app.command("audit", epilog="Example: invoice-stream warehouse audit --json")
def audit_command(
    context: typer.Context, *, as_json: AsJson = False, as_csv: AsCsv = False
) -> None:
    """Show what was loaded and what was refused, the latest first."""
    with _one_line_errors():
        rows = _ask(context, AUDIT)
    print_rows(rows, form_of(as_json=as_json, as_csv=as_csv), Console())


@app.command("catalog", epilog="Example: invoice-stream warehouse catalog")
def catalog_command(context: typer.Context) -> None:
    """Make the lake's tables in the Glue catalog, for Athena; run again, it changes nothing."""
    from connectors.aws import glue_client  # noqa: PLC0415 - see the module
    from warehouse.catalog import DATABASE, create_tables  # noqa: PLC0415

    with _one_line_errors():
        parameters = _parameters(context)
    for name in create_tables(glue_client(parameters), parameters.lake):
        typer.echo(f"{DATABASE}.{name}")


def _load(parameters: JobParameters, memory: str, *, as_json: bool) -> None:
    from warehouse.glue_job import report_json, run  # noqa: PLC0415 - see the module
    from warehouse.spark import laptop, starter  # noqa: PLC0415

    spark = starter(laptop(parameters, memory))
    with _one_line_errors(), Console(stderr=True).status("connect", spinner="line") as status:
        report = run(parameters, spark, status.update)
    if as_json:
        typer.echo(report_json(report), nl=False)
        return
    took = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in report.seconds.items())
    typer.echo(f"{report.message}\n{took}")


def _ask(context: typer.Context, sql: str) -> Rows:
    from connectors.warehouse_address import open_warehouse  # noqa: PLC0415 - see the module
    from warehouse.preparing import prepare_warehouse  # noqa: PLC0415

    warehouse = open_warehouse(_parameters(context))
    prepare_warehouse(warehouse)
    return warehouse.execute(sql)


def _parameters(context: typer.Context) -> JobParameters:
    """The folder of the local services is what ``invoice-stream --var`` says."""
    folder = Path(context.find_root().params.get("root", DEFAULT_FOLDER))
    environment = {SETTINGS_VARIABLE: str(folder / "settings.json")} | dict(os.environ)
    return JobParameters.of(load_settings(environment))


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """What a person can put right becomes one line and an exit code."""
    try:
        yield
    except ANSWERS_NO as error:
        _end(error, EXIT_FAILED)
    except (*FAILURES, SettingsError) as error:
        _end(error, EXIT_CANNOT)


def _end(error: Exception, code: int) -> NoReturn:
    typer.echo(f"invoice-stream: {error}", err=True)
    raise typer.Exit(code) from error
