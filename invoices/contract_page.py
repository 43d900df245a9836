"""Writes the contract for people: ``docs/contract.md`` and the JSON Schemas beside it.

Upstream: ``invoices.contract``, ``invoices.json_schema``. Run as
``python -m invoices.contract_page``; with ``--check`` nothing is written and the
exit status is 1 when a page is not what the contract says now.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from invoices.contract import (
    EXTRAS_COLUMN,
    FIRST_KEYED_LINE_NO,
    LINE_FIELDS,
    MAX_RECORD_LINES,
    PRICE_PRECISION,
    PRICE_SCALE,
    Field,
    FieldType,
    RejectReason,
)
from invoices.json_schema import Json, line_schema, record_schema

DOCS = Path(__file__).resolve().parents[1] / "docs"

PAGE = """\
<!-- Made by `make docs` from invoices/contract.py: change that, not this. -->
# The data contract

A record on the stream is one line item as a JSON object, or a JSON array of 1 to {max_lines} line
items of one invoice (packed), in UTF-8. The partition key is `InvoiceNo`. Neither the order of
lines nor a second delivery of one changes anything.

## A line item

{fields}

`(InvoiceNo, LineNo)` identifies a line. The same identity with the same content is a duplicate and
is dropped; with another content it is a conflict: the first stands, the other is set aside.

A source numbers its lines from 1. Numbers from {keyed} on are those the
[HTTP API](api.md) computes for lines that come without one.

Fields that are not in the table are kept, as one JSON object, in the column `{extras}`.

```json
{example}
```

For machines: [`line.schema.json`](line.schema.json) and [`record.schema.json`](record.schema.json)
(JSON Schema 2020-12). They accept every line the job accepts; what JSON Schema cannot say (a field
that stands twice, `1.0` for an integer, a number's decimal places, the 30th of February) the job
still refuses.

## Why a line is set aside

A record, or a line of a packed record, that breaks the contract is written to `rejected/` with its
bytes as they came (base64) and one of these reasons. It never stops the job.

{reasons}
"""


def pages() -> dict[str, str]:
    """Text of each generated file, by its name in ``docs/``."""
    return {
        "contract.md": contract_page(),
        "line.schema.json": _json(line_schema()),
        "record.schema.json": _json(record_schema()),
    }


def contract_page() -> str:
    """The page, in Markdown."""
    return PAGE.format(
        max_lines=MAX_RECORD_LINES,
        fields=_table(
            ("Field", "Column", "Type", "Null", "Limits", "Meaning"), map(_field_row, LINE_FIELDS)
        ),
        extras=EXTRAS_COLUMN,
        keyed=FIRST_KEYED_LINE_NO,
        example=json.dumps({field.name: field.example for field in LINE_FIELDS}, indent=2),
        reasons=_table(
            ("Reason", "Meaning"),
            ((f"`{reason.value}`", reason.meaning) for reason in RejectReason),
        ),
    )


def stale(docs: Path) -> list[Path]:
    """The generated files in ``docs`` that are missing or not what the contract says now."""
    return [docs / name for name, text in pages().items() if _text(docs / name) != text]


def write(docs: Path) -> None:
    """Write every generated file into ``docs``."""
    for name, text in pages().items():
        (docs / name).write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Write the files, or with ``--check`` name those that are stale."""
    if arguments != ["--check"]:
        write(DOCS)
        return 0
    found = stale(DOCS)
    for path in found:
        sys.stderr.write(f"{path.relative_to(DOCS.parent)} is stale: run `make docs`\n")
    return 1 if found else 0


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _json(schema: dict[str, Json]) -> str:
    return json.dumps(schema, indent=2) + "\n"


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    rule = ("---",) * len(header)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, rule, *rows))


def _field_row(field: Field) -> tuple[str, ...]:
    return (
        f"`{field.name}`",
        f"`{field.column}`",
        _type(field),
        "yes" if field.nullable else "no",
        _limits(field),
        field.doc,
    )


def _type(field: Field) -> str:
    if field.type is FieldType.DECIMAL:
        return f"decimal({PRICE_PRECISION},{PRICE_SCALE})"
    return str(field.type.value)


def _limits(field: Field) -> str:
    if field.max_chars is not None:
        return f"1 to {field.max_chars} characters"
    if field.min_value is not None and field.max_value is not None:
        return f"{field.min_value} to {field.max_value}"
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
