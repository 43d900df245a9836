"""Lines of a text file, with those of the current row at hand so that they can be put back.

Upstream: a text file. Downstream: ``producer.csv_source``, whose ``csv.reader``
takes one line or more for a row.
"""

from collections import deque
from collections.abc import Iterator


class RowLines:
    """An iterator over lines that knows where the current row began.

    Attributes:
        row: Number of the line the current row begins on, from 1.
        held: Lines the current row has taken so far.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._put_back: deque[str] = deque()
        self.row = 1
        self.held: list[str] = []

    def __iter__(self) -> Iterator[str]:
        """Itself."""
        return self

    def __next__(self) -> str:
        """The next line, which the current row takes."""
        line = self._put_back.popleft() if self._put_back else next(self._lines)
        self.held.append(line)
        return line

    @property
    def taken(self) -> int:
        """How many lines the current row has taken."""
        return len(self.held)

    def begin_row(self) -> None:
        """The next line belongs to a new row."""
        self.row += len(self.held)
        self.held = []

    def has_more(self) -> bool:
        """Whether there is another line."""
        if not self._put_back and (line := next(self._lines, None)) is not None:
            self._put_back.append(line)
        return bool(self._put_back)

    def retreat(self) -> str:
        """Put back all of the current row's lines but the first, which is returned."""
        first, *rest = self.held
        self._put_back.extendleft(reversed(rest))
        self.held = [first]
        return first
