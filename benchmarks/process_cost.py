"""What a command costs: CPU-seconds and memory of its whole process tree.

A JVM starts Python workers and may leave them behind. The command is therefore run
under a process of its own (this module), which makes itself the one that orphans are
handed to (``PR_SET_CHILD_SUBREAPER``, Linux) and waits for every one of them: the
kernel then adds up their CPU time exactly, also of those that ended long before.

Run as ``python -m benchmarks.process_cost COMMAND ...`` for any command's cost, as
JSON on stdout; what the command says goes to stderr.
"""

import ctypes
import json
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
    """Run the command to its end, and end what it leaves behind.

    Args:
        command: Program and arguments.
        environment: All of its environment.
        log: Where its output goes.

    Raises:
        CommandFailedError: Its exit status is not 0.
    """
    with log.open("wb") as output:
        measured = subprocess.run(
            [sys.executable, "-m", __name__, *command],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=output,
            check=False,
        )
    if measured.returncode != 0:
        tail = log.read_text(errors="replace").splitlines()[-15:]
        raise CommandFailedError("\n".join([f"{' '.join(command)} failed; {log} ends:", *tail]))
    return Cost(**json.loads(measured.stdout))


def main(command: Sequence[str]) -> int:
    """Run the command under this process, print its cost and return its exit status."""
    adopt_orphans()
    start = time.monotonic()
    with _PeakMemory() as memory:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr)
        status = process.wait()
        end_what_is_left()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    cost = Cost(
        cpu_seconds=round(usage.ru_utime + usage.ru_stime, 3),
        wall_seconds=round(time.monotonic() - start, 3),
        peak_memory_mb=memory.most_bytes >> 20,
    )
    print(json.dumps(asdict(cost)))
    return status


def adopt_orphans() -> None:
    """Have the kernel hand this process whatever its descendants leave behind."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_CHILD_SUBREAPER")


def end_what_is_left() -> None:
    """End orphans, and those they leave, and wait for them, so that their time is counted."""
    while orphans := psutil.Process().children():
        for orphan in orphans:
            orphan.terminate()
        for stubborn in psutil.wait_procs(orphans, timeout=_PATIENCE_SECONDS)[1]:
            stubborn.kill()
            stubborn.wait()


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
    sys.exit(main(sys.argv[1:]))
