"""Redshift's dialect put into PostgreSQL's.

Upstream: every ``.sql`` file of the warehouse. Downstream: ``connectors.postgresql``. The
translation is sqlglot's but for what it cannot know: keys that Redshift declares and does not
enforce become plain indexes, a lock is passed through, the clock runs on within a transaction
as Redshift's does, and named parameters become numbered ones.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import SqlglotError

from connectors.warehouse_port import StatementError

_LOCK = re.compile(r"LOCK\s+(?:TABLE\s+)?[a-z_]+", re.IGNORECASE)
_NOW = sqlglot.parse_one("CAST(CLOCK_TIMESTAMP() AT TIME ZONE 'UTC' AS TIMESTAMP)", read="postgres")
_FILLING = (exp.Create, exp.Insert, exp.Merge)
_PLACEMENT = (exp.DistKeyProperty, exp.SortKeyProperty, exp.DistStyleProperty)


@dataclass(frozen=True, slots=True)
class Translated:
    """A statement in PostgreSQL's dialect.

    Attributes:
        text: The statement, parameters as ``$1``, ``$2``, ...
        parameters: Names of the parameters in the order of their numbers.
        indexes: Statements to run after it: a plain index for each primary key.
        fills: Table whose rows it adds or changes, if it does.
    """

    text: str
    parameters: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()
    fills: str | None = None


@lru_cache(maxsize=512)
def to_postgresql(name: str, text: str) -> Translated:
    """One statement, translated.

    Args:
        name: Its name, for messages.
        text: One statement in Redshift's dialect.

    Raises:
        StatementError: It is not one statement of that dialect.
    """
    if _LOCK.fullmatch(text.strip()):
        return Translated(text)
    tree = _parse(name, text)
    indexes = _take_keys(tree) if isinstance(tree, exp.Create) else ()
    fills = _table(tree) if isinstance(tree, _FILLING) else None
    tree = tree.transform(_clock)
    parameters = _number_parameters(tree)
    return Translated(Postgres().generate(tree, copy=False), parameters, indexes, fills)


def _parse(name: str, text: str) -> exp.Expr:
    try:
        trees = [tree for tree in sqlglot.parse(text, read="redshift") if tree is not None]
    except SqlglotError as error:
        raise StatementError(name, f"not SQL: {str(error).strip().splitlines()[0]}") from error
    if len(trees) != 1:
        raise StatementError(name, f"one statement is wanted, not {len(trees)}")
    return trees[0]


def _take_keys(create: exp.Create) -> tuple[str, ...]:
    """Remove how rows are placed on nodes, and what no Redshift enforces.

    A primary key tells its planner how to join; here a plain index does, which is not unique.
    """
    keys = list(create.find_all(exp.PrimaryKey))
    for found in [*keys, *create.find_all(*_PLACEMENT)]:
        found.pop()
    columns = [", ".join(column.name for column in key.expressions) for key in keys]
    return tuple(f"CREATE INDEX ON {_table(create)} ({key})" for key in columns)


def _table(tree: exp.Expr) -> str:
    target = tree.this if isinstance(tree.this, exp.Table) else tree.find(exp.Table)
    return target.name if target is not None else ""


def _clock(node: exp.Expr) -> exp.Expr:
    """GETDATE() is the time of the statement; CURRENT_TIMESTAMP that of the transaction."""
    return _NOW.copy() if isinstance(node, exp.CurrentTimestamp) else node


def _number_parameters(tree: exp.Expr) -> tuple[str, ...]:
    names: list[str] = []
    for found in list(tree.find_all(exp.Placeholder)):
        if found.name not in names:
            names.append(found.name)
        found.replace(exp.Parameter(this=exp.Literal.number(names.index(found.name) + 1)))
    return tuple(names)
