"""Ctrl-C as a wish, not an accident: whoever works looks whether it was made, and ends in order."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

EXIT_INTERRUPTED = 130


@contextmanager
def sigterm_as_ctrl_c() -> Iterator[None]:
    """While this lasts SIGTERM raises what Ctrl-C does, so that what was started is stopped."""
    former = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)


class Interrupt:
    """Whether somebody wants the command to end: Ctrl-C, or SIGTERM."""

    def __init__(self) -> None:
        self._made = Event()
        self.times = 0

    @property
    def made(self) -> bool:
        """Whether the wish was made."""
        return self._made.is_set()

    @property
    def insisted(self) -> bool:
        """Whether it was made a second time: no more waiting."""
        return self.times > 1

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until the wish is made; says whether it was."""
        return self._made.wait(seconds)

    @contextmanager
    def listening(self) -> Iterator["Interrupt"]:
        """Take the signals over while this lasts."""
        former = {one: signal.signal(one, self._take) for one in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield self
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        self.times += 1
        self._made.set()
