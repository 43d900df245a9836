"""A file through the HTTP API and back: API Gateway, Lambda, Kinesis, the job, DynamoDB, HTTP.

What the history answers is compared with the file itself, read here by the standard
library alone.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
import urllib3

from tests.api_cases import Json
from tests.e2e.commands import Commands

JOB_SECONDS = 600
LINES = 3000

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(2 * JOB_SECONDS)]

Rows = dict[str, list[dict[str, str]]]


@dataclass(frozen=True)
class ThroughTheApi:
    """A file that was sent through the API, and the services that hold it."""

    commands: Commands
    source: Path
    summary: Json
    access: Json
    pool: urllib3.PoolManager

    @property
    def invoices(self) -> Rows:
        """Rows of the file by invoice, in its order."""
        rows: Rows = defaultdict(list)
        with self.source.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                rows[row["InvoiceNo"]].append(row)
        return rows

    def get(self, path: str, token: str) -> Json:
        answer = self.pool.request(
            "GET", f"{self.access['base_url']}{path}", headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status == 200, answer.data
        read: Json = json.loads(answer.data)
        return read


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThroughTheApi]:
    folder = tmp_path_factory.mktemp("through-the-api")
    commands, source = Commands(folder / "var"), folder / "invoices.csv"
    make = ["generate", "--lines", str(LINES), "--seed", "21", "--out", str(source)]
    assert commands.call("invoice-producer", *make, timeout_seconds=120).code == 0
    assert commands.stream("up").code == 0
    access = commands.json("api", "up")
    send = ["--api", access["base_url"], "--key", access["ingest_key"], "--duplicate", "0.05"]
    sent = commands.call(
        "invoice-producer", "send", str(source), *send, "--json", timeout_seconds=300
    )
    assert sent.code == 0, sent.error
    run = commands.call("invoice-stream", "run", "--until-idle", "10", timeout_seconds=JOB_SECONDS)
    assert run.code == 0, run.error
    yield ThroughTheApi(commands, source, json.loads(sent.out), access, urllib3.PoolManager())
    commands.stream("down")


def total(rows: list[dict[str, str]]) -> Decimal:
    return sum((int(row["Quantity"]) * Decimal(row["UnitPrice"]) for row in rows), Decimal(0))


def test_what_went_in_by_http_is_in_every_store_exactly(chain: ThroughTheApi) -> None:
    done = chain.commands.stream("reconcile", str(chain.source))
    assert done.code == 0, done.error
    report = chain.commands.report()
    assert report["mismatches"] == []
    assert report["accepted_lines"] == report["source_lines"] == LINES
    assert report["duplicates_dropped"] == chain.summary["duplicates"] != 0


def test_every_customer_s_history_is_what_the_file_says(chain: ThroughTheApi) -> None:
    owned: dict[str, Rows] = defaultdict(dict)
    for invoice_no, rows in chain.invoices.items():
        if rows[0]["CustomerID"]:
            owned[rows[0]["CustomerID"]][invoice_no] = rows
    tokens = json.loads((chain.commands.root / "api.json").read_text())
    assert len(tokens["tokens"]) >= 2
    assert len(owned) > 20
    for customer, invoices in owned.items():
        path = f"/customers/{customer}/invoices?limit=100"
        listed = chain.get(path, str(tokens["support_token"]))["invoices"]
        assert isinstance(listed, list)
        assert {entry["invoice_no"]: Decimal(entry["total"]) for entry in listed} == {
            invoice_no: total(rows) for invoice_no, rows in invoices.items()
        }
        dates = [entry["invoice_date"] for entry in listed]
        assert dates == sorted(dates, reverse=True)


def test_every_invoice_s_lines_are_those_of_the_file(chain: ThroughTheApi) -> None:
    support = str(chain.access["support_token"])
    for invoice_no, rows in chain.invoices.items():
        lines = chain.get(f"/invoices/{invoice_no}", support)["lines"]
        assert isinstance(lines, list)
        assert [
            (line["line_no"], line["stock_code"], line["quantity"], Decimal(line["unit_price"]))
            for line in lines
        ] == [
            (number, row["StockCode"], int(row["Quantity"]), Decimal(row["UnitPrice"]))
            for number, row in enumerate(rows, 1)
        ]


def test_a_customer_s_own_token_shows_their_history(chain: ThroughTheApi) -> None:
    customer = next(
        rows[0]["CustomerID"] for rows in chain.invoices.values() if rows[0]["CustomerID"]
    )
    token = chain.commands.stream("api", "token", customer)
    assert token.code == 0
    summary = chain.get(f"/customers/{customer}/summary", token.out.strip())
    owned = [rows for rows in chain.invoices.values() if rows[0]["CustomerID"] == customer]
    assert summary["invoices"] == len(owned)
    assert Decimal(str(summary["total"])) == sum(map(total, owned))


def test_demo_tokens_are_of_customers_that_bought(chain: ThroughTheApi) -> None:
    access = chain.commands.json("api", "up")
    assert access["ingest_key"] == chain.access["ingest_key"]
    assert access["base_url"] == chain.access["base_url"]
    customers = {rows[0]["CustomerID"] for rows in chain.invoices.values()}
    assert len(access["tokens"]) >= 2
    assert set(access["tokens"]) <= customers
