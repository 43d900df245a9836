"""The SQL files of this package, statement by statement.

Upstream: ``warehouse/sql``. Downstream: whoever runs them through the warehouse's port. A file
is one text in Redshift's dialect; a statement ends with a semicolon at the end of a line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from connectors.warehouse_port import Sql

_COMMENT = re.compile(r"^--[^\n]*\n?", re.MULTILINE)
_ROOT = files("warehouse") / "sql"


@dataclass(frozen=True, slots=True)
class SqlFile:
    """One file.

    Attributes:
        name: Its name without the suffix.
        text: All of it.
        statements: What it says, comments on lines of their own left out.
    """

    name: str
    text: str
    statements: tuple[Sql, ...]

    @property
    def comment(self) -> str:
        """The comment it opens with, line by line."""
        lines = []
        for line in self.text.splitlines():
            if not line.startswith("--"):
                break
            lines.append(line.removeprefix("--").strip())
        return "\n".join(lines)


def sql_files(folder: str) -> list[SqlFile]:
    """The files of a folder in order of their names."""
    found = [entry for entry in (_ROOT / folder).iterdir() if entry.name.endswith(".sql")]
    return [_read(entry) for entry in sorted(found, key=lambda entry: entry.name)]


def sql_file(path: str) -> SqlFile:
    """One file by its path below ``sql``."""
    return _read(_ROOT / path)


def _read(entry: Traversable) -> SqlFile:
    text = entry.read_text(encoding="utf-8")
    statements = tuple(
        Sql(f"{entry.name}, statement {number}", statement)
        for number, statement in enumerate(_split(text), start=1)
    )
    return SqlFile(entry.name.removesuffix(".sql"), text, statements)


def _split(text: str) -> Iterator[str]:
    for part in re.split(r";[ \t]*$", text, flags=re.MULTILINE):
        statement = _COMMENT.sub("", part).strip()
        if statement:
            yield statement
