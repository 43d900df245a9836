"""The mini-cluster's configuration: what Managed Flink's service decides, decided here.

Upstream: ``ops.minicluster``. Downstream: Flink, which reads it as
``config.yaml``. None of it may be set by the job itself.
"""

import importlib.util
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from connectors.settings import Settings
from ops.errors import UserError
from ops.processes import LOOPBACK

CONFIG_FILE = "config.yaml"
LOG_FILE = "flink.log"

RESTARTS = 3
"""A failing job is started again this often within ``RESTART_WINDOW``, then it fails."""

RESTART_WINDOW = "10 min"
RESTART_DELAY = "1 s"

REST_AGE = "500 ms"
"""How old what the REST API tells may be; Flink's own 3 and 10 s make every watcher wait."""

_LOGGING = """\
rootLogger.level = INFO
rootLogger.appenderRef.file.ref = File
appender.file.name = File
appender.file.type = File
appender.file.append = true
appender.file.fileName = ${sys:log.file.path}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %c - %m%n
logger.netty.name = org.jboss.netty.channel.DefaultChannelPipeline
logger.netty.level = OFF
"""


def flink_settings(
    directory: Path, *, rest_port: int, parallelism: int, checkpoint_interval_ms: int
) -> dict[str, str]:
    """Settings of a mini-cluster that keeps everything below ``directory``, on loopback only."""
    return {
        "execution.target": "local",
        "execution.attached": "true",
        "parallelism.default": str(parallelism),
        **_network(rest_port),
        **_checkpoints(directory, checkpoint_interval_ms),
        "restart-strategy.type": "failure-rate",
        "restart-strategy.failure-rate.max-failures-per-interval": str(RESTARTS),
        "restart-strategy.failure-rate.failure-rate-interval": RESTART_WINDOW,
        "restart-strategy.failure-rate.delay": RESTART_DELAY,
        "python.executable": sys.executable,
        "python.client.executable": sys.executable,
        "metrics.fetcher.update-interval": REST_AGE,
        "web.refresh-interval": REST_AGE,
        "io.tmp.dirs": str(directory / "tmp"),
        "taskmanager.memory.network.min": "64 mb",
        "taskmanager.memory.network.max": "64 mb",
    }


def _network(rest_port: int) -> Mapping[str, str]:
    return {
        "rest.address": LOOPBACK,
        "rest.bind-address": LOOPBACK,
        "rest.port": str(rest_port),
        "rest.bind-port": str(rest_port),
        "jobmanager.rpc.address": LOOPBACK,
        "jobmanager.bind-host": LOOPBACK,
        "taskmanager.host": LOOPBACK,
        "taskmanager.bind-host": LOOPBACK,
        "blob.server.port": "0",
    }


def _checkpoints(directory: Path, interval_ms: int) -> Mapping[str, str]:
    return {
        "state.backend.type": "hashmap",
        "execution.checkpointing.interval": f"{interval_ms} ms",
        "execution.checkpointing.mode": "EXACTLY_ONCE",
        "execution.checkpointing.timeout": "5 min",
        "execution.checkpointing.dir": (directory / "checkpoints").as_uri(),
        "execution.checkpointing.savepoint-dir": (directory / "savepoints").as_uri(),
        "execution.checkpointing.num-retained": "3",
        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
    }


def s3_settings(settings: Settings) -> dict[str, str]:
    """Settings of Flink's S3 file system; none for AWS's own, where the defaults do."""
    if settings.endpoint_url is None:
        return {}
    return {
        "s3.endpoint": settings.endpoint_url,
        "s3.endpoint.region": settings.region,
        "s3.path.style.access": "true",
        "s3.access-key": settings.access_key_id or "",
        "s3.secret-key": settings.secret_access_key or "",
    }


def write_configuration(directory: Path, settings: Mapping[str, str]) -> Path:
    """Write ``config.yaml`` and the logging configuration; returns their folder."""
    folder = directory / "conf"
    folder.mkdir(parents=True, exist_ok=True)
    everything = {"env.java.opts.all": _packaged_java_options(), **settings}
    lines = [f"{key}: {json.dumps(value)}\n" for key, value in everything.items()]
    (folder / CONFIG_FILE).write_text("".join(lines), encoding="utf-8")
    (folder / "log4j-cli.properties").write_text(_LOGGING, encoding="utf-8")
    return folder


def flink_home() -> Path:
    """Where PyFlink keeps Flink's distribution.

    Raises:
        UserError: PyFlink is not installed.
    """
    spec = importlib.util.find_spec("pyflink")
    if spec is None or not spec.submodule_search_locations:
        raise UserError("PyFlink is not installed: run `make install`")
    return Path(spec.submodule_search_locations[0])


def _packaged_java_options() -> str:
    """What the distribution opens of the JDK for itself; without it Arrow and Kryo fail."""
    text = (flink_home() / "conf" / CONFIG_FILE).read_text(encoding="utf-8")
    options = [line.strip() for line in text.splitlines() if "--add-opens" in line]
    return options[0].removeprefix("all:").strip()
