"""The gate: what was read is compared, by numbers, with what it must be.

Upstream: counts taken by ``warehouse.lines`` while reading. Downstream: ``warehouse.load``,
which stops when a check fails. The warehouse checks once more, within the transaction, that what
was copied is what was staged (``sql/load/20_lines.sql``, ``60_end.sql``).
"""

from dataclasses import dataclass
from decimal import Decimal

from warehouse.errors import QualityError


@dataclass(frozen=True, slots=True)
class Sums:
    """What a set of lines comes to.

    Attributes:
        rows: Lines.
        quantity: Sum of the quantities.
        amount: Sum of quantity x unit price.
    """

    rows: int
    quantity: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Measures:
    """What was counted while a batch was read and staged.

    Attributes:
        listed_rows: Lines the files' footers tell of.
        read: Lines read.
        accounted: Lines staged, each with the copies left out in its favour.
        staged: Lines staged.
        written_rows: Lines the footers of the staged files tell of.
        nulls: How many lines lack a value, by column that must have one.
        numbered_below_one: How many lines have no number from 1 on.
    """

    listed_rows: int
    read: Sums
    accounted: Sums
    staged: Sums
    written_rows: int
    nulls: dict[str, int]
    numbered_below_one: int


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison.

    Attributes:
        name: What is compared.
        wanted: What it must be.
        found: What it is.
    """

    name: str
    wanted: object
    found: object

    @property
    def failed(self) -> bool:
        """Whether the two differ."""
        return self.wanted != self.found

    def __str__(self) -> str:
        """For people."""
        return f"{self.name}: {self.found}, not {self.wanted}"


def checks(measures: Measures) -> list[Check]:
    """Everything that is compared."""
    read, accounted = measures.read, measures.accounted
    return [
        Check("lines read", measures.listed_rows, read.rows),
        Check("lines staged or left out as copies", read.rows, accounted.rows),
        Check("quantity staged or left out", read.quantity, accounted.quantity),
        Check("amount staged or left out", read.amount, accounted.amount),
        Check("lines in the staged files", measures.staged.rows, measures.written_rows),
        *(Check(f"lines without {name}", 0, count) for name, count in measures.nulls.items()),
        Check("lines numbered below 1", 0, measures.numbered_below_one),
    ]


def require(measures: Measures) -> None:
    """Let a batch pass.

    Raises:
        QualityError: A check fails; all that do are told with their numbers.
    """
    failed = [check for check in checks(measures) if check.failed]
    if failed:
        raise QualityError("; ".join(map(str, failed)))
