"""The producer's command, run as a process of its own: ``ops`` knows of it what a person knows.

Upstream: the demo. Downstream: ``invoice-producer``.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.settings import SETTINGS_VARIABLE
from ops.errors import InterruptedByUserError, SaidError, UserError
from ops.interrupt import EXIT_INTERRUPTED, Interrupt

PRODUCER = Path(sys.executable).with_name("invoice-producer")
DONE, SOME_ROWS_REFUSED = 0, 3
LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Sent:
    """What ``invoice-producer send`` said of itself.

    Attributes:
        rows_read: Rows of the source.
        refused: Rows it could not send.
        lines_sent: Lines on the stream, copies and damaged ones among them.
        records_sent: Records they travelled in.
        duplicates: Lines sent a second time on purpose.
        corrupted: Lines damaged on purpose.
    """

    rows_read: int
    refused: int
    lines_sent: int
    records_sent: int
    duplicates: int
    corrupted: int


@dataclass(frozen=True, slots=True)
class Producer:
    """The producer's command.

    Attributes:
        environment: Its environment.
        interrupt: Ends what it does.
    """

    environment: Mapping[str, str]
    interrupt: Interrupt

    def send(self, source: Path, options: Sequence[str], settings_path: Path) -> Sent:
        """Send a file; progress and refused rows are shown on this terminal.

        Args:
            source: The file.
            options: More options of ``invoice-producer send``.
            settings_path: Settings of the services to send to.

        Raises:
            UserError: There is no such command.
            SaidError: It could not do it, and has said why.
            InterruptedByUserError: Ctrl-C ended it.
        """
        given = {SETTINGS_VARIABLE: str(settings_path.resolve())}
        values = json.loads(self._call(["send", str(source), "--json", *options], given))
        return Sent(**{name: values[name] for name in Sent.__slots__})

    def generate(self, path: Path, lines: int, seed: int) -> None:
        """Write a file of sample data; raises as ``send`` does."""
        options = ["--lines", str(lines), "--seed", str(seed), "--out", str(path)]
        self._call(["generate", *options], {})

    def _call(self, arguments: Sequence[str], given: Mapping[str, str]) -> str:
        if not PRODUCER.exists():
            raise UserError(f"no producer at {PRODUCER}: run `make install`")
        with subprocess.Popen(
            [PRODUCER, *arguments],
            env={**self.environment, **given},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,
            text=True,
        ) as process:
            answer = self._wait(process)
        if process.returncode == EXIT_INTERRUPTED:
            raise InterruptedByUserError
        if process.returncode not in {DONE, SOME_ROWS_REFUSED}:
            raise SaidError
        return answer

    def _wait(self, process: "subprocess.Popen[str]") -> str:
        """Wait for its end; Ctrl-C is handed on once, for it is in a session of its own."""
        told = False
        while True:
            try:
                return process.communicate(timeout=LOOK_SECONDS)[0]
            except subprocess.TimeoutExpired:
                if self.interrupt.made and not told:
                    process.send_signal(signal.SIGINT)
                    told = True
