"""``status``: what runs, where, and what it holds.

Asks every service by itself; one that does not answer is reported, not an error.
"""

import json
from dataclasses import asdict, dataclass

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table

from connectors.aws import dynamodb_client, kinesis_client
from connectors.lake import LakeError, LakePart, open_lake
from connectors.settings import Settings
from ops.emulator import running as running_emulator
from ops.flink_rest import FlinkRest
from ops.job_process import last_job
from ops.minicluster import latest_checkpoint
from ops.reconciliation.deliveries import count_deliveries
from ops.workspace import Workspace

QUICK_SECONDS = 2.0
QUICK = Config(connect_timeout=QUICK_SECONDS, read_timeout=10, retries={"total_max_attempts": 1})


@dataclass(frozen=True, slots=True)
class Part:
    """One thing of the system.

    Attributes:
        name: What it is.
        state: How it is, in a word.
        place: Where it is: an address, a name, a path.
        pid: Its process, if it is one of ours.
        details: What it holds, by name.
    """

    name: str
    state: str
    place: str
    pid: int | None = None
    details: dict[str, int | str] | None = None


def status(workspace: Workspace, settings: Settings | None, *, count: bool) -> list[Part]:
    """Everything there is.

    Args:
        workspace: Folder of the local services and the job.
        settings: Where the services are; None when nobody said.
        count: Whether to read the stream to count the lines on it.
    """
    parts = [_services(workspace), _job(workspace)]
    if settings is None or (parts[0].state == "stopped" and settings.endpoint_url is not None):
        return parts
    return [*parts, _stream(settings, count=count), *_tables(settings), *_lake(settings)]


def _services(workspace: Workspace) -> Part:
    emulator = running_emulator(workspace.emulator)
    if emulator is None:
        return Part("local services", "stopped", str(workspace.emulator))
    return Part("local services", "running", emulator.url, emulator.pid)


def _job(workspace: Workspace) -> Part:
    job = last_job(workspace)
    checkpoint = latest_checkpoint(workspace.job)
    details: dict[str, int | str] = {}
    if checkpoint is not None:
        details["goes on from"] = checkpoint.name
    if job is None:
        return Part("job", "never ran", str(workspace.job), details=details)
    state = job.poll()
    if state is not None:
        return Part("job", state.lower(), str(job.directory), details=details)
    running = FlinkRest(job.rest_url, timeout_seconds=QUICK_SECONDS).is_running()
    return Part("job", "running" if running else "starting", job.rest_url, job.pid, details)


def _stream(settings: Settings, *, count: bool) -> Part:
    name = f"stream {settings.stream}"
    try:
        client = kinesis_client(settings, QUICK)
        answer = client.describe_stream_summary(StreamName=settings.stream)
    except (BotoCoreError, ClientError) as error:
        return Part(name, _problem(error), settings.endpoint_url or settings.region)
    found = answer["StreamDescriptionSummary"]
    details: dict[str, int | str] = {"shards": found["OpenShardCount"]}
    if count:
        details["lines"] = count_deliveries(client, settings.stream).lines
    return Part(name, found["StreamStatus"].lower(), found["StreamARN"], details=details)


def _tables(settings: Settings) -> list[Part]:
    client = dynamodb_client(settings, QUICK)
    parts = []
    for table in (settings.customers_table, settings.invoices_table):
        name = f"table {table}"
        try:
            found = client.describe_table(TableName=table)["Table"]
        except (BotoCoreError, ClientError) as error:
            parts.append(Part(name, _problem(error), settings.endpoint_url or settings.region))
            continue
        details: dict[str, int | str] = {
            "items": found.get("ItemCount", 0),
            "bytes": found.get("TableSizeBytes", 0),
        }
        state = found.get("TableStatus", "unknown").lower()
        parts.append(Part(name, state, found.get("TableArn", ""), details=details))
    return parts


def _lake(settings: Settings) -> list[Part]:
    parts = []
    for part in LakePart:
        name, place = f"lake {part.value}/", f"{settings.lake}/{part.value}"
        try:
            files = open_lake(settings).files(part)
        except (LakeError, OSError) as error:
            parts.append(Part(name, _problem(error), place))
            continue
        details: dict[str, int | str] = {
            "files": len(files),
            "bytes": sum(info.size for info in files),
        }
        parts.append(Part(name, "there" if files else "empty", place, details=details))
    return parts


def _problem(error: Exception) -> str:
    code = error.response.get("Error", {}).get("Code") if isinstance(error, ClientError) else None
    return "missing" if code == "ResourceNotFoundException" else "does not answer"


def status_json(parts: list[Part]) -> str:
    """The parts as a JSON array."""
    return json.dumps([asdict(part) for part in parts], indent=2)


def print_status(parts: list[Part], console: Console) -> None:
    """Print them as a table."""
    table = Table("what", "state", "pid", "holds", "where")
    for part in parts:
        holds = ", ".join(
            f"{value:,} {name}" if isinstance(value, int) else f"{name} {value}"
            for name, value in (part.details or {}).items()
        )
        table.add_row(part.name, part.state, str(part.pid or ""), holds, part.place)
    console.print(table)
