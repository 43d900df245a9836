"""Ctrl-C as a wish that work looks at between two steps, so that it ends with nothing half done.

Upstream: the terminal. Downstream: ``producer.sending``, ``producer.generator``.
"""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_STEP_SECONDS = 0.05
_SIGNALS: tuple[int, ...] = (signal.SIGINT, signal.SIGTERM)


class StopRequest:
    """Whether somebody wants the work to end.

    Attributes:
        signal_number: The signal that asked for it; None while nobody has.
    """

    def __init__(self) -> None:
        self.signal_number: int | None = None

    @property
    def made(self) -> bool:
        """Whether the work should end now."""
        return self.signal_number is not None

    @property
    def exit_code(self) -> int:
        """What a program says that a signal ended: 130 after Ctrl-C."""
        return 128 + (self.signal_number or 0)

    def sleep_until(self, due: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Wait until the clock says ``due``, or somebody wants the work to end."""
        while not self.made and (left := due - clock()) > 0:
            time.sleep(min(left, _STEP_SECONDS))

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take Ctrl-C and SIGTERM as the wish; a second one ends the program at once."""
        before = {number: signal.getsignal(number) for number in _SIGNALS}

        def ask(number: int, _frame: FrameType | None) -> None:
            self.signal_number = number
            signal.signal(number, before[number])

        for number in _SIGNALS:
            if before[number] is not signal.SIG_IGN:
                signal.signal(number, ask)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
