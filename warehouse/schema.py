"""The warehouse's line columns from the data contract.

Upstream: ``invoices.contract``. Downstream: the migrations. ``python -m warehouse.schema``
prints what the migrations lack for the contract to fit: the columns to write into the next one.
A test keeps the two together.
"""

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from invoices.contract import LINE_FIELDS, PRICE_PRECISION, PRICE_SCALE, Field, FieldType
from warehouse.statements import SqlFile, sql_files

TABLE = "fact_invoice_line"
UTF8_BYTES = 4
"""Redshift counts VARCHAR in bytes, the contract in code points of at most four."""

_CREATE = re.compile(rf"CREATE TABLE {TABLE} \((.*)\n\)", re.DOTALL)
_ADD = re.compile(rf"ALTER TABLE {TABLE}\s+ADD COLUMN (\S+ .+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the contract in Redshift's types.

    Attributes:
        name: Its name.
        definition: What follows the name in DDL.
    """

    name: str
    definition: str

    def __str__(self) -> str:
        """As it stands in DDL."""
        return f"{self.name} {self.definition}"


def contract_columns() -> list[Column]:
    """One for each field of the contract, in its order."""
    return [Column(field.column, _definition(field)) for field in LINE_FIELDS]


def migrated_columns(migrations: Iterable[SqlFile]) -> list[str]:
    """Definitions of the line columns after these migrations, in order."""
    found: list[str] = []
    for migration in migrations:
        for statement in migration.statements:
            if created := _CREATE.match(statement.text):
                found += [one.strip() for one in re.split(r",\n", created[1])]
            if added := _ADD.match(statement.text):
                found.append(added[1].strip())
    return found


def missing(migrations: Iterable[SqlFile]) -> list[str]:
    """Statements the next migration needs; none when the contract is met."""
    known = set(migrated_columns(migrations))
    return [
        f"ALTER TABLE {TABLE} ADD COLUMN {column};"
        for column in contract_columns()
        if str(column) not in known
    ]


def _definition(field: Field) -> str:
    return _type(field) if field.nullable else f"{_type(field)} NOT NULL"


def _type(field: Field) -> str:
    match field.type:
        case FieldType.STRING:
            return f"VARCHAR({UTF8_BYTES * (field.max_chars or 0)})"
        case FieldType.INT:
            return "INTEGER"
        case FieldType.BIGINT:
            return "BIGINT"
        case FieldType.DECIMAL:
            return f"DECIMAL({PRICE_PRECISION}, {PRICE_SCALE})"
        case FieldType.TIMESTAMP:
            return "TIMESTAMP"


if __name__ == "__main__":
    sys.stdout.write("".join(f"{statement}\n" for statement in missing(sql_files("migrations"))))
