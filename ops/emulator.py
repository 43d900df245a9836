"""The local stand-in of AWS's services: ministack, in an environment of its own.

Everything stays on the loopback interface and in one directory. Streams, tables
and objects are kept from ``stop`` to the next ``start``; they are written when
the emulator ends, so it must be asked to end and given the time.
"""

import http.client
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.errors import UserError
from ops.processes import LOOPBACK, ProcessId, free_port, port_is_free, spawn, wait_until

EXECUTABLE = Path(__file__).resolve().parents[1] / ".venv-emulator/bin/ministack"
REGION = "eu-west-1"
ACCESS_KEY_ID = SECRET_ACCESS_KEY = "local"
SERVICES = ("kinesis", "dynamodb", "s3", "lambda", "apigateway")

START_SECONDS = 30.0
STOP_SECONDS = 120.0
"""On stopping it writes a whole stream as JSON: a million records take a while."""


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator.

    Attributes:
        process: The process that serves.
        port: Its port on the loopback interface.
        directory: Where its state, log and pid are.
    """

    process: ProcessId
    port: int
    directory: Path

    @property
    def url(self) -> str:
        """The one address of all services."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        """Id of the process."""
        return self.process.pid

    @property
    def log_path(self) -> Path:
        """What it printed."""
        return _log_path(self.directory)

    def stop(self) -> None:
        """End it; streams, tables and objects are saved.

        Raises:
            UserError: It had to be killed, and what was not saved yet is lost.
        """
        saved = self.process.terminate(STOP_SECONDS)
        _record_path(self.directory).unlink(missing_ok=True)
        if not saved:
            raise UserError(
                f"the emulator (pid {self.pid}) did not end within {STOP_SECONDS:.0f} s and was"
                f" killed without saving its state; see {self.log_path}"
            )


def running(directory: Path) -> Emulator | None:
    """The emulator started there before, or None when none runs."""
    try:
        record = json.loads(_record_path(directory).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    emulator = Emulator(ProcessId(record["pid"], record["started"]), record["port"], directory)
    return emulator if emulator.process.alive else None


def start(
    directory: Path,
    port: int | None = None,
    *,
    executable: Path = EXECUTABLE,
    services: Sequence[str] = SERVICES,
) -> Emulator:
    """Start the emulator, or return the one that runs on this directory already.

    Args:
        directory: Where its state is kept; made when missing.
        port: Port on the loopback interface; by default the one used here before
            when it is free, else any free one.
        executable: The emulator's program.
        services: What it stands in for; none names all that it can.

    Raises:
        UserError: The port is taken, the program is missing or does not come up.
    """
    found = running(directory)
    if found is not None:
        _refuse_other_port(found, port)
        return found
    if not executable.exists():
        raise UserError(f"the emulator is not installed at {executable}: run `make install`")
    directory.mkdir(parents=True, exist_ok=True)
    emulator = _launch(directory, _choose_port(directory, port), executable, services)
    _wait_until_ready(emulator)
    return emulator


def _refuse_other_port(found: Emulator, port: int | None) -> None:
    if port is not None and port != found.port:
        raise UserError(
            f"the local services run on port {found.port} already: `invoice-stream down` first"
        )


def _choose_port(directory: Path, port: int | None) -> int:
    if port is not None:
        if not port_is_free(port):
            raise UserError(f"port {port} is taken: choose another with --port, or none")
        return port
    remembered = _remembered_port(directory)
    return remembered if remembered is not None and port_is_free(remembered) else free_port()


def _remembered_port(directory: Path) -> int | None:
    try:
        return int(_port_path(directory).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def _launch(directory: Path, port: int, executable: Path, services: Sequence[str]) -> Emulator:
    process = spawn(
        [str(executable)], _environment(directory, port, services), _log_path(directory)
    )
    emulator = Emulator(process, port, directory)
    record = {"pid": process.pid, "started": process.started, "port": port}
    _record_path(directory).write_text(json.dumps(record) + "\n", encoding="utf-8")
    _port_path(directory).write_text(f"{port}\n", encoding="utf-8")
    return emulator


def _environment(directory: Path, port: int, services: Sequence[str]) -> dict[str, str]:
    """The whole environment: nothing of the caller's, so no account's keys get there."""
    temporary = directory / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)  # functions unpacked there the last time
    temporary.mkdir()
    return {
        "BIND_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        "SERVICES": ",".join(services),
        "MINISTACK_REGION": REGION,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(directory / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(directory / "s3"),
        "TMPDIR": str(temporary),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "PYTHONUTF8": "1",
    }


def _wait_until_ready(emulator: Emulator) -> None:
    done = wait_until(lambda: _ready(emulator) or not emulator.process.alive, START_SECONDS)
    if done and emulator.process.alive:
        return
    emulator.process.terminate(grace_seconds=1.0)
    _record_path(emulator.directory).unlink(missing_ok=True)
    raise UserError(f"the emulator did not come up; see {emulator.log_path}")


def _ready(emulator: Emulator) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, emulator.port, timeout=2)
    try:
        connection.request("GET", "/_ministack/ready")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def _log_path(directory: Path) -> Path:
    return directory / "emulator.log"


def _record_path(directory: Path) -> Path:
    return directory / "emulator.json"


def _port_path(directory: Path) -> Path:
    return directory / "port"
