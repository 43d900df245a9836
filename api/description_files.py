"""Writes the API's description: ``docs/openapi.json`` and the Postman collection beside it.

Run as ``python -m api.description_files``; with ``--check`` nothing is written and the
exit status is 1 when a file is not what the code says now.

Upstream: ``api.openapi``, ``api.postman``.
"""

import json
import sys
from pathlib import Path

from api.openapi import document
from api.openapi_schemas import JsonObject
from api.postman import collection

DOCS = Path(__file__).resolve().parents[1] / "docs"


def files() -> dict[str, str]:
    """Text of each generated file, by its name in ``docs/``."""
    return {
        "openapi.json": _text(document()),
        "api.postman_collection.json": _text(collection()),
    }


def stale(docs: Path) -> list[Path]:
    """The files in ``docs`` that are missing or not what the code says now."""
    return [docs / name for name, text in files().items() if _read(docs / name) != text]


def main(arguments: list[str], docs: Path = DOCS) -> int:
    """Write the files, or with ``--check`` name those that are stale."""
    if arguments != ["--check"]:
        for name, text in files().items():
            (docs / name).write_text(text, encoding="utf-8")
        return 0
    found = stale(docs)
    for path in found:
        sys.stderr.write(f"{path.relative_to(docs.parent)} is stale: run `make docs`\n")
    return 1 if found else 0


def _text(values: JsonObject) -> str:
    return json.dumps(values, indent=2) + "\n"


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
