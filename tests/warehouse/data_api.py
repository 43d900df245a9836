"""Redshift's Data API, its SQL run by PostgreSQL: what the adapter sends is really executed.

It knows the calls the adapter makes and answers in their shapes; COPY is read from its own text.
What PostgreSQL cannot tell (Redshift's limits, its errors in passing) is for stubs.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from connectors.postgresql import PostgreSQLWarehouse
from connectors.warehouse_port import Cell, CopyParquet, Rows, Sql, Statement, StatementError

_COPY = re.compile(
    r"COPY (?P<table>[a-z_]+) FROM '(?P<manifest>[^']+)' IAM_ROLE '(?P<role>[^']+)'"
    r" FORMAT AS PARQUET MANIFEST"
)
ROLE = "arn:aws:iam::000000000000:role/copy"
PAGE = 2
"""Rows a page: few, so that every result has several."""


class DataApi:
    """As much of boto3's ``redshift-data`` client as the adapter calls."""

    def __init__(self, database: PostgreSQLWarehouse) -> None:
        self._database = database
        self._numbers = count(1)
        self._statements: dict[str, dict[str, Any]] = {}
        self._results: dict[str, Rows] = {}

    def batch_execute_statement(self, **request: Any) -> dict[str, str]:  # noqa: ANN401
        texts: list[str] = request["Sqls"]
        names = [str(number) for number in range(len(texts))]
        try:
            self._database.run([_read(name, text) for name, text in zip(names, texts, strict=True)])
        except StatementError as error:
            failed = names.index(error.statement)
            return self._ended("FAILED", str(error), _states(failed, len(texts)))
        return self._ended("FINISHED")

    def execute_statement(self, **request: Any) -> dict[str, str]:  # noqa: ANN401
        bound = {one["name"]: one["value"] for one in request.get("Parameters", ())}
        try:
            rows = self._database.execute(request["Sql"], bound)
        except StatementError as error:
            return self._ended("FAILED", str(error))
        answer = self._ended("FINISHED")
        if rows.columns:
            self._results[answer["Id"]] = rows
            self._statements[answer["Id"]]["HasResultSet"] = True
        return answer

    def describe_statement(self, **request: str) -> dict[str, Any]:
        return self._statements[request["Id"]]

    def get_statement_result(self, **request: str) -> dict[str, Any]:
        rows, start = self._results[request["Id"]], int(request.get("NextToken", "0"))
        page = rows.rows[start : start + PAGE]
        answer: dict[str, Any] = {
            "ColumnMetadata": [
                {"name": name, "label": name, "typeName": _type(rows.column(name))}
                for name in rows.columns
            ],
            "Records": [[_field(cell) for cell in row] for row in page],
        }
        if start + PAGE < len(rows.rows):
            answer["NextToken"] = str(start + PAGE)
        return answer

    def _ended(
        self, status: str, error: str = "", parts: Sequence[dict[str, str]] = ()
    ) -> dict[str, str]:
        name = f"statement-{next(self._numbers)}"
        self._statements[name] = {"Id": name, "Status": status, "SubStatements": list(parts)}
        if error:
            self._statements[name]["Error"] = error
        return {"Id": name}


def _read(name: str, text: str) -> Statement:
    copy = _COPY.fullmatch(text)
    if copy is None:
        return Sql(name, text)
    assert copy["role"] == ROLE
    return _NamedCopy(copy["table"], copy["manifest"], name)


class _NamedCopy(CopyParquet):
    """A COPY known by its place in the batch."""

    def __init__(self, table: str, manifest: str, name: str) -> None:
        super().__init__(table, manifest)
        object.__setattr__(self, "_place", name)

    @property
    def name(self) -> str:
        return str(self._place)  # type: ignore[attr-defined]


def _states(failed: int, number: int) -> list[dict[str, str]]:
    return [
        {"Status": "FINISHED" if place < failed else "FAILED" if place == failed else "ABORTED"}
        for place in range(number)
    ]


def _type(cells: Sequence[Cell]) -> str:
    known = {type(cell) for cell in cells if cell is not None}
    names = {Decimal: "numeric", date: "date", datetime: "timestamp", int: "int8", bool: "bool"}
    return names.get(known.pop(), "varchar") if len(known) == 1 else "varchar"


def _field(cell: Cell) -> dict[str, object]:
    if cell is None:
        return {"isNull": True}
    if isinstance(cell, bool):
        return {"booleanValue": cell}
    if isinstance(cell, int):
        return {"longValue": cell}
    if isinstance(cell, float):
        return {"doubleValue": cell}
    return {"stringValue": str(cell)}
