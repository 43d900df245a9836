"""The benchmarks' measure counts every process of the tree."""

import os
import sys
from pathlib import Path

import pytest

from benchmarks.process_cost import CommandFailedError, cost_of

BUSY_ORPHAN = """
import subprocess, sys, time
burn = "import time\\nwhile time.process_time() < 0.5: pass\\ntime.sleep(60)"
subprocess.Popen([sys.executable, "-c", burn], start_new_session=True)
time.sleep(1.5)
"""


def test_an_orphans_time_is_counted_and_it_is_ended(tmp_path: Path) -> None:
    cost = cost_of([sys.executable, "-c", BUSY_ORPHAN], dict(os.environ), tmp_path / "log")
    assert 0.5 <= cost.cpu_seconds < 1.5
    assert 1.5 <= cost.wall_seconds < 20
    assert cost.peak_memory_mb > 0


def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such table')"]
    with pytest.raises(CommandFailedError, match=r"(?s)failed; .*no such table"):
        cost_of(command, dict(os.environ), tmp_path / "log")
