"""Child processes that outlive the command that started them, known by pid and start time."""

import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

LOOPBACK = "127.0.0.1"
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class ProcessId:
    """A process for good: pids are used again, a pid with its start time is not.

    Attributes:
        pid: Process id.
        started: Seconds since the epoch at which it started, as the system tells.
    """

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> "ProcessId":
        """Of a process that runs now.

        Raises:
            psutil.NoSuchProcess: It does not.
        """
        return cls(pid, psutil.Process(pid).create_time())

    def find(self) -> psutil.Process | None:
        """The process, or None when it has ended (a zombie has ended)."""
        try:
            process = psutil.Process(self.pid)
            same = process.create_time() == self.started
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.find() is not None

    def terminate(self, grace_seconds: float) -> bool:
        """Ask it to end, wait, and kill it when it has not ended in time.

        Returns:
            Whether it ended by itself.
        """
        process = self.find()
        if process is None:
            return True
        process.terminate()
        if _has_ended(process, grace_seconds):
            return True
        kill_tree(process)
        _has_ended(process, grace_seconds)
        return False


def spawn(arguments: list[str], environment: Mapping[str, str], log_path: Path) -> ProcessId:
    """Start a process of its own session that outlives this one.

    Args:
        arguments: Path of the program, then its arguments.
        environment: Its whole environment.
        log_path: File that takes what it prints, appended.
    """
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    pid = os.posix_spawn(
        arguments[0],
        arguments,
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log_path), append, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    return ProcessId.of(pid)


def _has_ended(process: psutil.Process, timeout_seconds: float) -> bool:
    """Wait for the end; a child of this process is also reaped."""
    try:
        process.wait(timeout_seconds)
    except psutil.TimeoutExpired:
        return False
    return True


def kill_tree(process: psutil.Process) -> None:
    """Kill a process and all it started."""
    try:
        family = [*process.children(recursive=True), process]
    except psutil.NoSuchProcess:
        return
    for member in family:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue


def wait_until(condition: Callable[[], bool], timeout_seconds: float) -> bool:
    """Poll until the condition holds.

    Returns:
        Whether it held in time.
    """
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def port_is_free(port: int) -> bool:
    """Whether a server can listen there on the loopback interface."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port nobody listens on at the moment, on the loopback interface."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port
