"""Whether a statement only reads.

Upstream: what a person types after ``invoice-stream warehouse query``. Downstream: the
warehouse. A slip of the pen must not change it; who means harm is for the database's own rights.
"""

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from connectors.warehouse_port import StatementError

_WRITING = (
    exp.Insert,
    exp.Update,
    exp.Delete,
    exp.Merge,
    exp.Create,
    exp.Drop,
    exp.Alter,
    exp.Command,
    exp.Copy,
    exp.Into,
    exp.Lock,
)


def require_read_only(text: str) -> None:
    """Let one SELECT pass.

    Raises:
        StatementError: It is not one, or writes.
    """
    try:
        trees = [tree for tree in sqlglot.parse(text, read="redshift") if tree is not None]
    except SqlglotError as error:
        raise StatementError("query", f"not SQL: {str(error).strip().splitlines()[0]}") from error
    if len(trees) != 1:
        raise StatementError("query", f"one statement is wanted, not {len(trees)}")
    if not isinstance(trees[0], exp.Query) or trees[0].find(*_WRITING) is not None:
        raise StatementError("query", "only SELECT is allowed here")
