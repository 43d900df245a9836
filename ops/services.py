"""``up`` and ``down``: the local services, with all that the job and the producer need in them.

Upstream: ``invoice-stream up``, the demo. Downstream: ``ops.emulator``, ``ops.resources``.
"""

from connectors.settings import Settings
from ops.emulator import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, Emulator, running, start
from ops.job_process import running_job, stop
from ops.resources import create_resources
from ops.workspace import Workspace

STREAM, BUCKET = "invoice-lines", "invoice-lake"
CUSTOMERS, INVOICES = "Customers", "Invoices"
ACCOUNT = "000000000000"
DEFAULT_SHARDS = 2


def up(workspace: Workspace, port: int | None, shards: int) -> tuple[Emulator, Settings]:
    """Start the local services and create what is missing in them; run again, it changes nothing.

    Args:
        workspace: Where their state is kept.
        port: Port on the loopback interface, or None for any.
        shards: Shards of the stream, when it is made now.

    Raises:
        UserError: The port is taken, or the emulator does not come up.
    """
    emulator = start(workspace.emulator, port)
    settings = local_settings(emulator)
    create_resources(settings, shards)
    workspace.write_settings(settings)
    return emulator, settings


def down(workspace: Workspace) -> bool:
    """Stop the job with a savepoint, then the local services; what they hold is kept.

    Returns:
        Whether the services were running.

    Raises:
        FlinkRestError: The job cannot be stopped with a savepoint.
        UserError: The emulator had to be killed.
    """
    job = running_job(workspace)
    if job is not None:
        stop(job)
    emulator = running(workspace.emulator)
    if emulator is None:
        return False
    emulator.stop()
    return True


def local_settings(emulator: Emulator) -> Settings:
    """Settings of everything on this emulator."""
    return Settings(
        region=REGION,
        stream=STREAM,
        stream_arn=f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{STREAM}",
        lake=f"s3://{BUCKET}",
        customers_table=CUSTOMERS,
        invoices_table=INVOICES,
        endpoint_url=emulator.url,
        access_key_id=ACCESS_KEY_ID,
        secret_access_key=SECRET_ACCESS_KEY,
    )
