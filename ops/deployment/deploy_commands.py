"""``deploy``, ``teardown`` and ``cost``: an environment as a whole.

Upstream: ``ops.cli``, which mounts the app. Downstream: ``deploy``, ``teardown``, ``costs``.
"""

import json
import subprocess
import sys
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ops import options
from ops.deployment.account import Account
from ops.deployment.costs import IDLE, Load, environment_parameters, estimate, read_prices
from ops.deployment.deploy import Code, Deployment, deploy
from ops.deployment.environments import load_environment
from ops.deployment.load_package import build_load_package
from ops.deployment.package import default_target
from ops.deployment.package_checks import stated_runtime, verify
from ops.deployment.package_contents import open_package
from ops.deployment.runtime import DEFAULT_RUNTIME, RUNTIMES, Runtime
from ops.deployment.showing import approval, ask, costs_table, fates_table, total
from ops.deployment.stacks import Stacks
from ops.deployment.teardown import fates, teardown
from ops.errors import FailedError, InterruptedByUserError, SaidError
from ops.workspace import Workspace

EnvironmentName = Annotated[
    str, typer.Argument(metavar="ENV", help="An environment: a file in infra/parameters.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Package = Annotated[
    Path | None,
    typer.Option("--package", metavar="ZIP", help="The job's package; by default that in dist/."),
]
Api = Annotated[bool, typer.Option(help="Whether the API is deployed too.")]
LoadJob = Annotated[bool, typer.Option("--load/--no-load", help="Whether the Glue job is too.")]
InfrastructureOnly = Annotated[
    bool, typer.Option("--infrastructure-only", help="Leave the code that runs as it is.")
]
WithData = Annotated[
    bool, typer.Option("--with-data", help="Also what holds data: buckets, tables, users, key.")
]
LinesPerSecond = Annotated[
    float, typer.Option(min=0, metavar="N", help="Line items a second, on average.")
]
CallsPerSecond = Annotated[
    float, typer.Option(min=0, metavar="N", help="Calls of the history a second, on average.")
]

app = typer.Typer()


def deployment_of(name: str, console: Console, *, yes: bool) -> Deployment:
    """The environment of this name, to be changed by whoever sits at the console."""
    environment = load_environment(name)
    return Deployment(
        environment=environment,
        account=Account(environment.region),
        approve=approval(console, yes=yes),
        tell=lambda text: console.print(text, soft_wrap=True, highlight=False, markup=False),
    )


def verified(package: Path) -> Runtime:
    """The runtime a package is for, once it was found right.

    Raises:
        FailedError: It is not right.
        UserError: It cannot be read.
    """
    findings = verify(package)
    if findings:
        raise FailedError(f"{package} must not be deployed: {'; '.join(findings)}")
    contents = open_package(package)
    with contents.archive:
        return stated_runtime(contents, package)


@app.command("deploy", epilog="Example: invoice-stream deploy dev --yes")
def deploy_command(
    context: typer.Context,
    environment: EnvironmentName,
    *,
    package: Package = None,
    api: Api = True,
    load: LoadJob = True,
    infrastructure_only: InfrastructureOnly = False,
    yes: Yes = False,
) -> None:
    """Deploy an environment to AWS: buckets, then code into them, then everything else.

    Each stack's changes are shown before they are made. Run again, it changes what has changed.
    Writes the settings that point other commands there: var/ENV.settings.json. The job is not
    started: `invoice-stream submit` does that.
    """
    console = Console()
    deployment = deployment_of(environment, console, yes=yes)
    with tempfile.TemporaryDirectory(prefix="invoice-stream-deploy-") as folder:
        code = Code() if infrastructure_only else _code(package, Path(folder), api=api, load=load)
        settings = deploy(deployment, code)
    root = (context.find_object(Workspace) or Workspace()).root
    root.mkdir(parents=True, exist_ok=True)
    path = root / f"{environment}.settings.json"
    path.write_text(settings.to_json(), encoding="utf-8")
    deployment.tell(f"{environment} is deployed; settings: {path}")
    deployment.tell(f"next: invoice-stream submit {environment}")


@app.command("teardown", epilog="Example: invoice-stream teardown dev --with-data")
def teardown_command(
    environment: EnvironmentName, *, with_data: WithData = False, yes: Yes = False
) -> None:
    """Delete an environment from AWS; what holds data is kept unless --with-data.

    What will go and what is kept is listed first, with what it costs while nothing happens.
    """
    console, chosen = Console(), load_environment(environment)
    account = Account(chosen.region)
    planned = fates(chosen, Stacks(account.cloudformation()), with_data=with_data)
    if not planned:
        console.print(f"{environment} is not deployed in {chosen.region}")
        return
    console.print(fates_table(planned))
    if not (yes or ask(console, f"tear {environment} down")):
        raise InterruptedByUserError
    teardown(chosen, account, planned, lambda text: console.print(text, highlight=False))


@app.command("cost", epilog="Example: invoice-stream cost prod --lines-per-second 200 --json")
def cost_command(
    environment: EnvironmentName,
    *,
    lines_per_second: LinesPerSecond = 10.0,
    history_calls_per_second: CallsPerSecond = 1.0,
    as_json: options.AsJson = False,
) -> None:
    """Estimate what an environment costs a month, at a load and while idle.

    From list prices written down in infra/prices.json, the environment's parameters and what was
    measured. Nothing is asked of AWS.
    """
    load = Load(
        lines_per_second=Decimal(str(lines_per_second)),
        history_calls_per_second=Decimal(str(history_calls_per_second)),
    )
    parameters, prices = environment_parameters(load_environment(environment)), read_prices()
    loaded, idle = estimate(parameters, load, prices), estimate(parameters, IDLE, prices)
    if as_json:
        values = {"usd_a_month": str(round(total(loaded), 2)), "idle": str(round(total(idle), 2))}
        items = [[cost.concern, cost.item, str(round(cost.usd, 2))] for cost in loaded]
        typer.echo(json.dumps(values | {"items": items}))
    else:
        Console().print(costs_table(loaded, idle))


def _code(package: Path | None, folder: Path, *, api: bool, load: bool) -> Code:
    package = package or default_target(RUNTIMES[DEFAULT_RUNTIME])
    return Code(
        package=package,
        runtime=verified(package).name,
        functions=_api_package(folder) if api else None,
        load=build_load_package(folder / "load") if load else None,
    )


def _api_package(folder: Path) -> Path:
    """The API's own command makes it: ops knows of the API what a person knows.

    Raises:
        SaidError: It cannot, and has said why.
    """
    path = folder / "functions.zip"
    command = [str(Path(sys.executable).with_name("invoice-stream")), "api", "package"]
    command += ["--architecture", "x86_64", "--output", str(path)]
    if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode != 0:
        raise SaidError
    return path
