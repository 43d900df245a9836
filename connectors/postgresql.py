"""The warehouse on PostgreSQL: the embedded one of a laptop, or any other.

Upstream: ``connectors.warehouse_address``. It takes the same statements as Redshift and
translates them; where Redshift copies Parquet from S3 itself, this adapter reads the files of
the same manifest and streams them into the table.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlsplit

import psycopg
import pyarrow as pa
from psycopg import sql
from pyarrow import fs

from connectors.manifest import read_manifest
from connectors.postgresql_dialect import Translated, to_postgresql
from connectors.staged_csv import COPY_OPTIONS, csv_pieces
from connectors.warehouse_port import (
    CopyParquet,
    Rows,
    Statement,
    StatementError,
    WarehouseUnavailableError,
    require_fit,
)
from connectors.warehouse_retrying import RetryPolicy

_T = TypeVar("_T")
_Cursor = psycopg.RawCursor[tuple[object, ...]]

CONNECT_SECONDS = 5
SESSION = (
    "-c timezone=UTC -c jit=off -c work_mem=48MB -c temp_buffers=32MB"
    " -c lock_timeout=10min -c statement_timeout=60min"
)
PASSING_STATES = frozenset({"40001", "40P01", "53300", "57P01", "57P02", "57P03"})
"""Serialisation failure, deadlock, too many clients, shutting down, crashed, starting up."""

NEWS = """SELECT GREATEST(reltuples, 0) FROM pg_class WHERE oid = CAST($1 AS regclass)"""
NEWS_SHARE = 0.1


class PostgreSQLWarehouse:
    """``Warehouse`` on PostgreSQL.

    Delivery: a transaction is applied whole or not at all; one whose end is not known is
    run again.

    Args:
        conninfo: How to connect, as libpq takes it.
        filesystem: Where staged files are.
        policy: How often to try.
        before: Called with the name of each statement before it is sent, and with ``COMMIT``.
    """

    def __init__(
        self,
        conninfo: str,
        filesystem: fs.FileSystem,
        policy: RetryPolicy | None = None,
        *,
        before: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._conninfo = conninfo
        self._filesystem = filesystem
        self._policy = policy or RetryPolicy()
        self._before = before

    def run(self, statements: Sequence[Statement]) -> None:
        """See ``Warehouse.run``."""
        require_fit(statements)
        self._try(lambda cursor: self._run(cursor, statements))

    def execute(self, text: str, parameters: Mapping[str, str] | None = None) -> Rows:
        """See ``Warehouse.execute``."""
        translated = to_postgresql("statement", text)
        return self._try(lambda cursor: _rows(cursor, translated, parameters))

    def _try(self, work: Callable[[_Cursor], _T]) -> _T:
        try:
            return self._policy.call(lambda: self._transaction(work), _passes)
        except psycopg.Error as error:
            if _passes(error):
                raise WarehouseUnavailableError(
                    f"the warehouse does not answer: {_first_line(error)}"
                ) from error
            raise StatementError("the warehouse", _first_line(error)) from error

    def _transaction(self, work: Callable[[_Cursor], _T]) -> _T:
        """One connection a transaction: temporary tables go with it."""
        with (
            psycopg.connect(
                self._conninfo, connect_timeout=CONNECT_SECONDS, options=SESSION
            ) as connection,
            psycopg.RawCursor(connection) as cursor,
        ):
            result = work(cursor)
            self._before("COMMIT")
            return result

    def _run(self, cursor: _Cursor, statements: Sequence[Statement]) -> None:
        for statement in statements:
            self._before(statement.name)
            try:
                self._run_one(cursor, statement)
            except psycopg.Error as error:
                if _passes(error):
                    raise
                raise StatementError(statement.name, _first_line(error)) from error

    def _run_one(self, cursor: _Cursor, statement: Statement) -> None:
        if isinstance(statement, CopyParquet):
            self._copy(cursor, statement)
            _gather(cursor, statement.table)
            return
        translated = to_postgresql(statement.name, statement.text)
        cursor.execute(translated.text.encode())
        changed = cursor.rowcount
        for index in translated.indexes:
            cursor.execute(index.encode())
        if translated.fills is not None and changed > 0:
            _gather_if_news(cursor, translated.fills, changed)

    def _copy(self, cursor: _Cursor, statement: CopyParquet) -> None:
        target = sql.SQL("COPY {} FROM STDIN (" + COPY_OPTIONS + ")").format(
            sql.Identifier(statement.table)
        )
        try:
            with cursor.copy(target) as copy:
                for path in self._manifest_paths(statement.manifest):
                    for piece in csv_pieces(self._filesystem, path):
                        copy.write(piece)
        except (OSError, ValueError, pa.ArrowException) as error:
            raise StatementError(statement.name, _first_line(error)) from error

    def _manifest_paths(self, manifest: str) -> list[str]:
        with self._filesystem.open_input_file(_path(manifest)) as source:
            text = source.read().decode("utf-8")
        return [_path(file.url) for file in read_manifest(text)]


def _rows(cursor: _Cursor, translated: Translated, parameters: Mapping[str, str] | None) -> Rows:
    given = parameters or {}
    try:
        cursor.execute(translated.text.encode(), [given[name] for name in translated.parameters])
    except KeyError as error:
        raise StatementError("the warehouse", f"no value for :{error.args[0]}") from error
    if cursor.description is None:
        return Rows((), ())
    columns = tuple(column.name for column in cursor.description)
    return Rows(columns, tuple(cursor.fetchall()))  # type: ignore[arg-type]


def _gather_if_news(cursor: _Cursor, table: str, changed: int) -> None:
    """PostgreSQL gathers statistics between transactions, and never of temporary tables.

    Within one the planner must know what was just loaded, or it joins a million rows by loops.
    """
    cursor.execute(NEWS, [table])
    found = cursor.fetchone()
    known = found[0] if found else 0
    if not isinstance(known, float) or changed > known * NEWS_SHARE:
        _gather(cursor, table)


def _gather(cursor: _Cursor, table: str) -> None:
    cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


def _passes(error: BaseException) -> bool:
    """Whether trying again may help; without a state the connection itself failed."""
    if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    return error.sqlstate is None or error.sqlstate[:2] == "08" or error.sqlstate in PASSING_STATES


def _path(uri: str) -> str:
    parts = urlsplit(uri)
    return parts.netloc + parts.path


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n", 1)[0]
