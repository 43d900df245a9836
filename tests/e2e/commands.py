"""The project's commands as a person calls them, each in a folder of the test's own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from ops.cli import app

BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended: its exit code and what it printed."""

    code: int
    out: str
    error: str


@dataclass(frozen=True, slots=True)
class Commands:
    """``invoice-stream`` and ``invoice-producer`` on one folder.

    Attributes:
        root: The folder of ``--var``.
        environment: More environment variables.
    """

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    def stream(self, *arguments: str) -> Done:
        """Call ``invoice-stream``, within this process: it is there sooner."""
        result = CliRunner(env=self._added()).invoke(app, arguments, prog_name="invoice-stream")
        return Done(result.exit_code, result.stdout, result.stderr)

    def start(self, command: str, *arguments: str) -> "subprocess.Popen[str]":
        """Start a command in a process of its own and return at once."""
        return subprocess.Popen(
            [BIN / command, *arguments],
            env={**os.environ, **self._added()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def call(self, command: str, *arguments: str, timeout_seconds: float) -> Done:
        """Call a command in a process of its own."""
        with self.start(command, *arguments) as process:
            out, error = process.communicate(timeout=timeout_seconds)
        return Done(process.returncode, out, error)

    def json(self, *arguments: str) -> Any:  # noqa: ANN401 - JSON
        """What ``invoice-stream`` prints with ``--json``, which must succeed."""
        done = self.stream(*arguments, "--json")
        assert done.code == 0, done.error
        return json.loads(done.out)

    def report(self) -> dict[str, Any]:
        """The last reconciliation's report."""
        report: dict[str, Any] = json.loads((self.root / "report.json").read_text("utf-8"))
        return report

    def _added(self) -> dict[str, str]:
        return {
            "INVOICE_STREAM_VAR": str(self.root),
            "INVOICE_STREAM_SETTINGS": str(self.root / "settings.json"),
            **self.environment,
        }
