"""The warehouse as the rest of the project sees it: one port, two adapters.

Upstream: ``warehouse`` (loading, marts, forecast) and ``ops.reconciliation`` (reading).
Downstream: ``connectors.redshift`` and ``connectors.postgresql``. All SQL is written once, in
Redshift's dialect; an adapter whose database speaks another translates it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol, TypeAlias

Cell: TypeAlias = str | int | float | bool | Decimal | date | datetime | None
"""One value of a result; numerics are ``Decimal``, never binary floating point."""

MAX_STATEMENTS = 40
"""Most statements of one transaction: Redshift's Data API takes no more in a batch."""

_BOUND = re.compile(r"(?<!:):([a-z_]+)\b")
_PLAIN = re.compile(r"[A-Za-z0-9 _.,:;/=+@()-]*")


class WarehouseError(Exception):
    """The warehouse refused; the message is one line. Trying again does not help."""


class WarehouseUnavailableError(WarehouseError):
    """The warehouse could not be reached, or kept failing in passing; trying later may help."""


class StatementError(WarehouseError):
    """A statement failed and its whole transaction was rolled back.

    Attributes:
        statement: Name of the statement.
    """

    def __init__(self, statement: str, message: str) -> None:
        super().__init__(f"{statement}: {message}")
        self.statement = statement


@dataclass(frozen=True, slots=True)
class Sql:
    """One statement in Redshift's dialect.

    Attributes:
        name: Where it stands, for messages: ``load/30_merge_lines.sql, statement 2``.
        text: The statement, without a semicolon.
    """

    name: str
    text: str

    def bind(self, **values: str | int) -> "Sql":
        """The statement with each ``:name`` replaced by a literal.

        A transaction has no parameters on the server's side (the batch call of the boto3 that
        Glue ships takes none), so this is for the project's own names and numbers alone.

        Raises:
            ValueError: A value is missing, not used, or has a character that could need escaping.
        """
        wanted = set(_BOUND.findall(self.text))
        if wanted != set(values):
            raise ValueError(f"{self.name} binds {sorted(wanted)}, not {sorted(values)}")
        return Sql(self.name, _BOUND.sub(lambda match: literal(values[match[1]]), self.text))


@dataclass(frozen=True, slots=True)
class CopyParquet:
    """Fill a table from the Parquet files a manifest names; columns match by position.

    Attributes:
        table: Table to add to.
        manifest: URI of the manifest.
    """

    table: str
    manifest: str

    @property
    def name(self) -> str:
        """For messages."""
        return f"COPY {self.table}"


Statement: TypeAlias = Sql | CopyParquet


@dataclass(frozen=True, slots=True)
class Rows:
    """Result of a query.

    Attributes:
        columns: Their names.
        rows: Values in the order of ``columns``.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def dicts(self) -> list[dict[str, Cell]]:
        """Each row by column name."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def column(self, name: str) -> list[Cell]:
        """All values of a column."""
        position = self.columns.index(name)
        return [row[position] for row in self.rows]


class Warehouse(Protocol):
    """A database that holds the star schema.

    Neither adapter relies on a unique key: Redshift declares them and enforces none.
    """

    def run(self, statements: Sequence[Statement]) -> None:
        """Run statements in one transaction: all of them or none.

        Delivery: what fails in passing is tried again as a whole, also when it is not known
        whether the commit went through; so the statements must be repeatable.

        Raises:
            StatementError: A statement failed; nothing was changed.
            WarehouseUnavailableError: It stayed out of reach; what was sent may have been applied.
        """

    def execute(self, text: str, parameters: Mapping[str, str] | None = None) -> Rows:
        """Run one statement, ``:name`` bound on the server; rows if it has any.

        Raises:
            WarehouseError: As ``run``.
        """


def literal(value: str | int) -> str:
    """A value as an SQL literal that reads the same in both dialects.

    Raises:
        ValueError: It has a character a dialect may treat as special.
    """
    if isinstance(value, int):
        return str(value)
    if not _PLAIN.fullmatch(value):
        raise ValueError(f"{value!r} cannot stand in SQL as a literal")
    return f"'{value}'"


def require_fit(statements: Sequence[Statement]) -> None:
    """Refuse a transaction that does not fit one batch; every adapter does, so tests find it.

    Raises:
        StatementError: It has too many statements.
    """
    if len(statements) > MAX_STATEMENTS:
        raise StatementError(
            statements[0].name, f"{len(statements)} statements, at most {MAX_STATEMENTS} fit"
        )
