"""Results for people and for programs.

Upstream: the warehouse's rows. Downstream: ``warehouse.cli``. Money is text in JSON, so that no
reader turns it into binary floating point.
"""

import csv
import io
import json
from enum import Enum

from rich.console import Console
from rich.table import Table

from connectors.warehouse_port import Cell, Rows


class Form(Enum):
    """How rows are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def form_of(*, as_json: bool, as_csv: bool) -> Form:
    """The form two flags ask for; JSON when both do."""
    if as_json:
        return Form.JSON
    return Form.CSV if as_csv else Form.TABLE


def print_rows(rows: Rows, form: Form, console: Console) -> None:
    """Print rows; JSON and CSV go out unchanged, whatever the terminal."""
    match form:
        case Form.JSON:
            console.file.write(rows_json(rows))
        case Form.CSV:
            console.file.write(rows_csv(rows))
        case Form.TABLE:
            console.print(_table(rows))


def rows_json(rows: Rows) -> str:
    """A JSON array of objects, a line each."""
    objects = ",\n ".join(json.dumps(row, default=str) for row in rows.dicts())
    return f"[{objects}]\n"


def rows_csv(rows: Rows) -> str:
    """CSV with a header; null is an empty field."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows.columns)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows.rows)
    return text.getvalue()


def _table(rows: Rows) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for position, name in enumerate(rows.columns):
        numeric = all(_is_number(row[position]) for row in rows.rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows.rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    return table


def _is_number(cell: Cell) -> bool:
    return cell is None or (hasattr(cell, "__round__") and not isinstance(cell, bool))
