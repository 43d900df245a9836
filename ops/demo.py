"""``demo``: the whole chain once, from a file to the proof that nothing of it was lost.

Services, producer, job, reconciliation, each as its own command would do it, in a
workspace made fresh so that it can be run again and again.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from connectors.settings import Settings
from ops.emulator import running
from ops.errors import InterruptedByUserError, UserError
from ops.interrupt import Interrupt, sigterm_as_ctrl_c
from ops.job_process import running_job
from ops.minicluster import check_installed
from ops.progress import progress_line, progress_text
from ops.reconcile import reconcile, stores_of
from ops.reconciliation.ledger import read_ledger
from ops.reconciliation.report import Report
from ops.run import RunOptions, run
from ops.sending import Producer
from ops.services import down, up
from ops.stages import Stages
from ops.workspace import Workspace

IDLE_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """What to send, and how.

    Attributes:
        source: File to send; None for one that is generated.
        lines: Lines to generate.
        seed: What the generated data and the faults are drawn from.
        shards: Shards of the stream.
        send: More options of ``invoice-producer send``.
    """

    source: Path | None
    lines: int
    seed: int
    shards: int
    send: Sequence[str]


def demo(
    workspace: Workspace, options: DemoOptions, environment: Mapping[str, str], console: Console
) -> Report:
    """Run the demo.

    Args:
        workspace: Made fresh first; what was there and is not a demo's is put aside.
        options: What to send.
        environment: Environment of the producer's process.
        console: For what goes on, a line a stage.

    Raises:
        UserError: It cannot begin.
        FailedError: The job failed.
        InterruptedByUserError: Ctrl-C; everything started was stopped.
    """
    _check(options)
    _make_room(workspace, console)
    stages, interrupt = Stages(), Interrupt()
    producer = Producer(environment, interrupt)
    ledger = workspace.demo / "ledger.jsonl"
    with sigterm_as_ctrl_c(), _services(workspace, options.shards, stages) as settings:
        with interrupt.listening():
            source = _source(workspace, options, producer, stages)
            with stages.stage("send"):
                how = [*options.send, "--seed", str(options.seed), "--ledger", str(ledger)]
                sent = producer.send(source, how, workspace.settings_path)
            _say(console, f"sent {sent.lines_sent:,} lines in {sent.records_sent:,} records")
            _run(workspace, settings, interrupt, stages, console)
        report = reconcile(source, stores_of(settings), read_ledger(ledger), stages)
    report.write(workspace.report)
    return report


def _check(options: DemoOptions) -> None:
    """Whatever can be known to fail must fail before anything is put aside."""
    if options.source is not None and not options.source.is_file():
        raise UserError(f"no file at {options.source}")
    check_installed()


def _make_room(workspace: Workspace, console: Console) -> None:
    job = running_job(workspace)
    if job is not None:
        raise UserError(f"a job runs (pid {job.pid}): `invoice-stream down` stops it")
    if running(workspace.emulator) is not None:
        down(workspace)
    if workspace.demo.exists():
        workspace.wipe()
    elif workspace.state():
        kept = workspace.put_aside(f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}")
        _say(console, f"what the local services held is kept in {kept}")
    workspace.demo.mkdir(parents=True)


@contextmanager
def _services(workspace: Workspace, shards: int, stages: Stages) -> Iterator[Settings]:
    """The local services, for as long as this lasts."""
    try:
        with stages.stage("start services"):
            _, settings = up(workspace, None, shards)
        yield settings
    finally:
        with stages.stage("stop services"):
            down(workspace)


def _source(workspace: Workspace, options: DemoOptions, producer: Producer, stages: Stages) -> Path:
    if options.source is not None:
        return options.source
    path = workspace.demo / "invoices.csv.gz"
    with stages.stage("generate"):
        producer.generate(path, options.lines, options.seed)
    return path


def _run(
    workspace: Workspace,
    settings: Settings,
    interrupt: Interrupt,
    stages: Stages,
    console: Console,
) -> None:
    how = RunOptions(until_idle_seconds=IDLE_SECONDS, fresh=True)
    with stages.stage("run job"), progress_line(console) as show:
        outcome = run(workspace, settings, how, interrupt, show)
    if outcome.interrupted:
        raise InterruptedByUserError
    if outcome.figures is not None:
        _say(console, f"the job took {progress_text(outcome.figures)}")


def _say(console: Console, text: str) -> None:
    console.print(text, soft_wrap=True, highlight=False, markup=False)
