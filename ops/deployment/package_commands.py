"""``invoice-stream package``, ``package verify`` and ``rehearse``.

Upstream: ``ops.cli``, which mounts both apps. Downstream: ``ops.deployment.package``,
``package_checks``, ``rehearsal``.
"""

import hashlib
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ops import options
from ops.deployment.package import build_package
from ops.deployment.package_checks import verify
from ops.deployment.rehearsal import RehearsalOptions, rehearse
from ops.deployment.runtime import DEFAULT_RUNTIME, RUNTIMES, Runtime
from ops.errors import FailedError, UserError
from ops.reconciliation.report import print_report
from ops.workspace import Workspace

Zip = Annotated[Path, typer.Argument(metavar="ZIP", help="The package.")]
RuntimeName = Annotated[
    str,
    typer.Option("--runtime", metavar="NAME", help=f"Managed Flink's: {', '.join(RUNTIMES)}."),
]
StatedRuntime = Annotated[
    str | None,
    typer.Option(
        "--runtime", metavar="NAME", help="Whom it is for; by default what it says itself."
    ),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="PATH", help="Where to; by default dist/, named by version."),
]
Source = Annotated[
    Path | None,
    typer.Option("--csv", metavar="PATH", help="File to send; by default one that is generated."),
]
Lines = Annotated[int, typer.Option(min=1, metavar="N", help="Lines to generate.")]
Seed = Annotated[int, typer.Option(metavar="S", help="What they are drawn from.")]
TaskManagers = Annotated[
    int, typer.Option(min=1, max=16, metavar="N", help="Task managers of the cluster.")
]

package_app = typer.Typer(
    help="Make the package for Managed Flink, or look at one.", invoke_without_command=True
)
rehearse_app = typer.Typer()


@package_app.callback(epilog="Example: invoice-stream package --runtime FLINK-1_20")
def package_command(
    context: typer.Context, runtime: RuntimeName = DEFAULT_RUNTIME, out: Out = None
) -> None:
    """Make the package for Managed Flink: the same bytes from the same sources.

    One zip with the entry script, the uber jar, the project's modules and their dependencies as
    wheels for the runtime's Python. Nothing is installed when the application starts.
    """
    if context.invoked_subcommand is not None:
        return
    path = build_package(_runtime(runtime), out)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    typer.echo(f"{path} ({path.stat().st_size:,} bytes, sha256 {digest})")


@package_app.command("verify", epilog="Example: invoice-stream package verify dist/x.zip")
def verify_command(package: Zip, runtime: StatedRuntime = None) -> None:
    """Say what Managed Flink would refuse of a package. Exit code 1 when there is anything."""
    findings = verify(package, _runtime(runtime) if runtime else None)
    for finding in findings:
        typer.echo(finding)
    if findings:
        raise FailedError(f"{package} must not be deployed")
    typer.echo(f"{package} is right")


@rehearse_app.command("rehearse", epilog="Example: invoice-stream rehearse dist/x.zip --csv a.csv")
def rehearse_command(
    context: typer.Context,
    package: Zip,
    *,
    csv: Source = None,
    lines: Lines = 20_000,
    seed: Seed = 1,
    task_managers: TaskManagers = 2,
    properties: options.Properties = [],  # noqa: B006 - typer takes a list
) -> None:
    """Run a package as Managed Flink would, on local services, and reconcile.

    Unpacked into a folder nobody may write to, with the runtime's packages and no other, on a
    Flink cluster of its own that refuses settings Managed Flink refuses.
    """
    root = (context.find_object(Workspace) or Workspace()).root / "rehearsal"
    how = RehearsalOptions(
        package=package,
        source=csv,
        lines=lines,
        seed=seed,
        task_managers=task_managers,
        properties=options.as_mapping(properties),
    )
    report = rehearse(root, how, os.environ, Console())
    print_report(report, Console())
    if report.mismatches:
        raise FailedError(f"{len(report.mismatches)} mismatches, listed in {root / 'report.json'}")


def _runtime(name: str) -> Runtime:
    if name not in RUNTIMES:
        raise UserError(f"no runtime {name}: it is one of {', '.join(RUNTIMES)}")
    return RUNTIMES[name]
