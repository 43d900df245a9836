"""The commands ``invoice-stream api ...``: bring the API up, make tokens, build the package.

Upstream: ``ops.cli`` mounts it, found by its entry point. Downstream: ``api.bring_up``,
``api.package``. The environment and the clock are read here.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from api.bring_up import ApiAccess, ApiFiles, bring_up
from api.local_identity import read_identity
from api.package import Architecture, host_architecture, package
from api.setup_errors import SetupError
from connectors.settings import SETTINGS_VARIABLE, load_settings

EXIT_CANNOT = 2
DEFAULT_FOLDER = Path("var")

app = typer.Typer(
    name="api",
    help="The HTTP API: send lines to the stream, read a customer's purchases.",
    no_args_is_help=True,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.command("up", epilog="Example: invoice-stream api up --customer 17850 --customer 13047")
def up_command(
    context: typer.Context,
    customer: Annotated[
        list[str] | None,
        typer.Option(help="Make a token for this customer; by default for some that bought."),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Bring the API up on the local services, and show how to call it.

    Writes address, key and tokens to api.json in the folder of --var.
    """
    with _one_line_errors():
        settings = load_settings(
            {SETTINGS_VARIABLE: str(_folder(context) / "settings.json")} | dict(os.environ)
        )
        files = ApiFiles(_folder(context))
        access = bring_up(settings, files, datetime.now(UTC), customer or ())
    if as_json:
        typer.echo(access.to_json(), nl=False)
    else:
        _print_access(access, files)


@app.command("token", epilog="Example: invoice-stream api token 17850 --hours 1")
def token_command(
    context: typer.Context,
    customer: Annotated[
        str | None, typer.Argument(metavar="CUSTOMER", help="Whose purchases it shows.")
    ] = None,
    *,
    support: Annotated[bool, typer.Option("--support", help="It shows everybody's.")] = False,
    hours: Annotated[float, typer.Option(min=0, help="How long it is good for.")] = 1.0,
) -> None:
    """Print a token for the local API."""
    with _one_line_errors():
        if support == (customer is not None):
            raise SetupError("name a customer, or say --support")
        identity = read_identity(ApiFiles(_folder(context)).signing_key)
        now, lifetime = datetime.now(UTC), timedelta(hours=hours)
        typer.echo(
            identity.support_token(now, lifetime)
            if customer is None
            else identity.customer_token(customer, now, lifetime)
        )


@app.command("package", epilog="Example: invoice-stream api package --architecture arm64")
def package_command(
    architecture: Annotated[
        Architecture | None, typer.Option(help="Processor it is for; this machine's by default.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Where to put a copy of it.")
    ] = None,
) -> None:
    """Build the zip the functions run, and print its path."""
    with _one_line_errors():
        path = package(architecture or host_architecture())
    if output is not None:
        path = Path(shutil.copyfile(path, output))
    typer.echo(path)


def _folder(context: typer.Context) -> Path:
    """The folder of the local services: what ``invoice-stream --var`` says."""
    return Path(context.find_root().params.get("root", DEFAULT_FOLDER))


def _print_access(access: ApiAccess, files: ApiFiles) -> None:
    rows = {
        "base URL": access.base_url,
        "ingestion key": access.ingest_key,
        **{f"token of {customer}": token for customer, token in access.tokens.items()},
        "support token": access.support_token,
    }
    console = Console(soft_wrap=True, highlight=False)
    for name, value in rows.items():
        console.print(f"{name:<16} {value}", markup=False)
    console.print(f"also in {files.access}", markup=False)


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """What a person can put right becomes one line and exit code 2."""
    try:
        yield
    except SetupError as error:
        typer.echo(f"invoice-stream: {error}", err=True)
        raise typer.Exit(EXIT_CANNOT) from error
