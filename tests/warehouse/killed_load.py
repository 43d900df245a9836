"""Loads staged files in children that kill themselves right before a statement.

Arguments: conninfo and the manifests of the three copies. Each line on stdin names a statement;
the answer on stdout is how the child ended, by its signal. A child is a copy of a process in which
nothing ran yet, so each costs no start of its own.
"""

import os
import signal
import sys

from pyarrow import fs

from connectors.postgresql import PostgreSQLWarehouse
from connectors.postgresql_dialect import to_postgresql
from connectors.warehouse_port import CopyParquet, Sql, Statement
from warehouse.load import load_statements

TABLES = ("stage_batch", "stage_file", "stage_line")


def main(conninfo: str, manifests: list[str]) -> None:
    """Answer every line."""
    copies = [CopyParquet(table, uri) for table, uri in zip(TABLES, manifests, strict=True)]
    statements = load_statements(copies)
    for statement in statements:
        if isinstance(statement, Sql):
            to_postgresql(statement.name, statement.text)  # remembered, for every child
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            die_before(line.strip(), conninfo, statements)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def die_before(victim: str, conninfo: str, statements: list[Statement]) -> None:
    """Load up to a statement."""

    def die(name: str) -> None:
        if name == victim:
            os.kill(os.getpid(), signal.SIGKILL)

    PostgreSQLWarehouse(conninfo, fs.LocalFileSystem(), before=die).run(statements)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
