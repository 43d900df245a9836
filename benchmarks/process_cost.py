"""What a command costs: CPU-seconds and memory of its whole process tree.

A JVM starts Python workers and may leave them behind: this process therefore makes
itself the one that orphans are handed to (``PR_SET_CHILD_SUBREAPER``, Linux) and
waits for every one of them. The kernel then adds up their CPU time exactly, also of
those that ended long before.

Run as ``python -m benchmarks.process_cost COMMAND ...`` for any command's cost.
"""

import ctypes
import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import psutil

_PR_SET_CHILD_SUBREAPER = 36
_SAMPLE_SECONDS = 0.5
_PATIENCE_SECONDS = 10


class CommandFailedError(Exception):
    """A measured command ended with an error; the message holds the end of what it said."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a command took.

    Attributes:
        cpu_seconds: User and system time of every process it started, exact.
        wall_seconds: From start to the end of the last of them.
        peak_memory_mb: Most proportional set size of the tree, sampled twice a second.
    """

    cpu_seconds: float
    wall_seconds: float
    peak_memory_mb: int


def cost_of(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Cost:
    """Run the command to its end, and what it leaves behind too.

    Args:
        command: Program and arguments.
        environment: All of its environment.
        log: Where its output goes.

    Raises:
        CommandFailedError: Its exit status is not 0.
    """
    adopt_orphans()
    cpu, wall = _cpu_of_ended_children(), time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        with _PeakMemory() as memory:
            status = process.wait()
            end_what_is_left()
    if status != 0:
        tail = log.read_text(errors="replace").splitlines()[-15:]
        raise CommandFailedError(
            "\n".join([f"{command[0]} ended with {status}; {log} ends:", *tail])
        )
    return Cost(
        cpu_seconds=_cpu_of_ended_children() - cpu,
        wall_seconds=time.monotonic() - wall,
        peak_memory_mb=memory.most_bytes >> 20,
    )


def adopt_orphans() -> None:
    """Have the kernel hand this process whatever its descendants leave behind."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_CHILD_SUBREAPER")


def end_what_is_left() -> None:
    """End orphans, which others may follow, and wait for them, so that their time is counted."""
    while orphans := psutil.Process().children():
        for orphan in orphans:
            orphan.terminate()
        for stubborn in psutil.wait_procs(orphans, timeout=_PATIENCE_SECONDS)[1]:
            stubborn.kill()
            stubborn.wait()


def _cpu_of_ended_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class _PeakMemory:
    """Samples the memory of this process's descendants until left."""

    def __init__(self) -> None:
        self.most_bytes = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._stop.wait(_SAMPLE_SECONDS):
            descendants = psutil.Process().children(recursive=True)
            self.most_bytes = max(self.most_bytes, sum(map(_memory_of, descendants)))


def _memory_of(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0


if __name__ == "__main__":
    measured = cost_of(sys.argv[1:], dict(os.environ), Path(os.devnull))
    print(json.dumps(asdict(measured)))
