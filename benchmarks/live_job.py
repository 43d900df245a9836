"""The job on the local services: stream, tables and mini-cluster, for as long as one measures.

Upstream: ``benchmarks.latency``. Downstream: ``ops.emulator``, ``ops.minicluster``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.settings import Settings
from ops import emulator
from ops.flink_rest import FlinkRest
from ops.minicluster import application_properties, launch
from ops.processes import free_port
from ops.resources import create_resources
from ops.services import DEFAULT_SHARDS, local_settings

START_SECONDS = 180


@dataclass(frozen=True, slots=True)
class LiveJob:
    """A running job.

    Attributes:
        settings: Where its stream and its tables are.
        rest: Flink's view of it.
    """

    settings: Settings
    rest: FlinkRest


@contextmanager
def live_job(folder: Path) -> Iterator[LiveJob]:
    """Start services and job, as ``invoice-stream up`` and ``run`` do; end both afterwards."""
    services = emulator.start(folder / "emulator")
    try:
        settings = local_settings(services)
        create_resources(settings, DEFAULT_SHARDS)
        job = launch(
            folder / "job",
            application_properties(settings),
            rest_port=free_port(),
            settings=settings,
        )
        try:
            job.wait_until_running(START_SECONDS)
            yield LiveJob(settings, FlinkRest(job.rest_url))
        finally:
            job.kill()
    finally:
        services.stop()
