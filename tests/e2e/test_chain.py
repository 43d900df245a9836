"""The whole chain as a person runs it: producer, Kinesis, the job, every store, the proof.

Each job takes its time to start, so a run is shared by all tests that look at what it left.
"""

import csv
import gzip
import itertools
import json
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.aws import dynamodb_client, s3_client
from connectors.dynamodb.tables import delete_tables
from connectors.dynamodb.target import target_of
from connectors.lake import LakePart, open_lake
from connectors.settings import Settings
from ops.flink_rest import FlinkRest
from ops.job_process import running_job
from ops.processes import wait_until
from ops.workspace import Workspace
from producer.damage import DAMAGES
from tests.e2e.commands import Commands, Done

JOB_SECONDS = 600

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(2 * JOB_SECONDS)]


@dataclass(frozen=True, slots=True)
class Chain:
    """A demo that has ended, with its services up again.

    Attributes:
        commands: The commands on its folder.
        done: How the demo ended.
        report: Its report.
        after: What ``status`` said when it had ended.
        began: When it began, UTC.
    """

    commands: Commands
    done: Done
    report: dict[str, Any]
    after: list[dict[str, Any]]
    began: datetime

    @property
    def settings(self) -> Settings:
        """Its services."""
        return Workspace(self.commands.root).settings({})

    @property
    def source(self) -> Path:
        """What was sent."""
        return self.commands.root / "demo/invoices.csv.gz"

    def reconcile(self) -> Done:
        """Ask once more."""
        return self.commands.stream("reconcile", str(self.source), "--json")


def run_demo(root: Path, *arguments: str, **environment: str) -> Chain:
    commands = Commands(root, environment)
    began = datetime.now(UTC).replace(tzinfo=None)
    done = commands.call("invoice-stream", "demo", *arguments, timeout_seconds=JOB_SECONDS)
    assert done.code == 0, done.error
    after = commands.json("status")
    assert commands.stream("up").code == 0
    return Chain(commands, done, commands.report(), after, began)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """A demo of generated data, on a machine whose clock is not UTC's."""
    root = tmp_path_factory.mktemp("plain") / "var"
    chain = run_demo(root, "--lines", "6000", "--seed", "11", TZ="America/New_York")
    yield chain
    chain.commands.stream("down")


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """A demo with every fault the producer can make, packed."""
    faults = ["--duplicate", "0.05", "--shuffle", "500", "--corrupt", "0.02", "--pack"]
    root = tmp_path_factory.mktemp("faulty") / "var"
    chain = run_demo(root, "--lines", "6000", "--seed", "12", "--shards", "3", *faults)
    yield chain
    chain.commands.stream("down")


def source_rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_demo_proves_that_nothing_was_lost(plain: Chain) -> None:
    rows = source_rows(plain.source)
    revenue = sum(Decimal(row["UnitPrice"]) * int(row["Quantity"]) for row in rows)
    report = plain.report
    assert report["mismatches"] == []
    assert report["source_lines"] == report["accepted_lines"] == len(rows) == 6000
    assert report["rejected_lines"] == report["duplicates_dropped"] == 0
    assert report["invoices"] == len({row["InvoiceNo"] for row in rows})
    assert report["customers"] == len({row["CustomerID"] for row in rows} - {""})
    assert Decimal(report["revenue"]) == revenue
    assert {"start services", "send", "run job", "stop services"} <= report["seconds"].keys()
    assert "6,000" in plain.done.out


def test_the_demo_leaves_nothing_running(plain: Chain) -> None:
    assert [part["state"] for part in plain.after] == ["stopped", "finished"]


def test_arrival_is_utc_whatever_the_clock_of_the_machine_shows(plain: Chain) -> None:
    arrived = open_lake(plain.settings).read(LakePart.LINES)["arrival_time"].to_pylist()
    assert plain.began - timedelta(minutes=1) < min(arrived)
    assert max(arrived) < datetime.now(UTC).replace(tzinfo=None) + timedelta(minutes=1)
    (folder,) = {
        info.path.split("/")[-3] for info in open_lake(plain.settings).files(LakePart.LINES)
    }
    assert folder == f"arrival_date={min(arrived):%Y-%m-%d}"


def test_an_invoice_is_shown_as_it_was_sent(plain: Chain) -> None:
    number = longest_invoice(plain)
    rows = [row for row in source_rows(plain.source) if row["InvoiceNo"] == number]
    shown = plain.commands.json("invoice", number)
    total = sum(Decimal(row["UnitPrice"]) * int(row["Quantity"]) for row in rows)
    assert Decimal(shown["total"]) == total
    assert [line["stock_code"] for line in shown["lines"]] == [row["StockCode"] for row in rows]
    assert [line["line_no"] for line in shown["lines"]] == list(range(1, len(rows) + 1))
    printed = plain.commands.stream("invoice", number).out
    assert rows[-1]["StockCode"] in printed


def longest_invoice(chain: Chain) -> str:
    lines = Counter(row["InvoiceNo"] for row in source_rows(chain.source))
    return max(sorted(lines), key=lines.__getitem__)


def test_a_customer_is_shown_with_every_invoice(plain: Chain) -> None:
    rows = source_rows(plain.source)
    customer = next(row["CustomerID"] for row in rows if row["CustomerID"])
    shown = plain.commands.json("customer", customer)
    bought = {row["InvoiceNo"] for row in rows if row["CustomerID"] == customer}
    assert {one["invoice_no"] for one in shown["invoices"]} == bought
    assert customer in plain.commands.stream("customer", customer).out


def checks_that_fail(done: Done) -> set[str]:
    assert done.code == 1, done.error
    (line,) = done.error.splitlines()
    assert "mismatches" in line
    return {one["check"] for one in json.loads(done.out)["mismatches"]}


@pytest.mark.faults
@pytest.mark.parametrize(
    ("part", "failing"),
    [
        (
            LakePart.LINES,
            {
                "rejected/ = source - lines/",
                "invoices/ = lines/",
                "Invoices' lines = lines/",
                "Invoices' totals = lines/",
                "Customers = lines/",
            },
        ),
        (LakePart.INVOICES, {"invoices/ = lines/"}),
    ],
)
def test_a_file_lost_from_the_lake_is_caught(
    plain: Chain, part: LakePart, failing: set[str]
) -> None:
    path = open_lake(plain.settings).files(part)[-1].path
    bucket, key = path.split("/", 1)
    client = s3_client(plain.settings)
    body = client.get_object(Bucket=bucket, Key=key)["Body"].read()
    client.delete_object(Bucket=bucket, Key=key)
    try:
        assert checks_that_fail(plain.reconcile()) == failing
    finally:
        client.put_object(Bucket=bucket, Key=key, Body=body)
    assert plain.reconcile().code == 0


@pytest.mark.faults
@pytest.mark.parametrize("table", ["Invoices", "Customers"])
def test_a_document_lost_or_changed_is_caught(plain: Chain, table: str) -> None:
    client = dynamodb_client(plain.settings)
    item = client.scan(TableName=table, Limit=1)["Items"][0]
    key_names = {"InvoiceNo", "CustomerID", "Part"}
    key = {name: value for name, value in item.items() if name in key_names}
    changed = {
        name: {"S": value["S"].replace('"lines":', '"lines_":')} if "S" in value else value
        for name, value in item.items()
    }
    try:
        client.delete_item(TableName=table, Key=key)
        lost = checks_that_fail(plain.reconcile())
        client.put_item(TableName=table, Item=changed)
        unreadable = checks_that_fail(plain.reconcile())
    finally:
        client.put_item(TableName=table, Item=item)
    assert {check.split("'")[0].split(" ")[0] for check in lost} == {table}
    assert "every document can be read" in unreadable
    assert plain.reconcile().code == 0


def test_faults_on_purpose_change_nothing_and_each_damaged_line_is_set_aside(
    faulty: Chain,
) -> None:
    report = faulty.report
    assert report["mismatches"] == []
    assert report["source_lines"] == 6000
    assert report["accepted_lines"] + report["rejected_lines"] == 6000
    assert report["duplicates_dropped"] > 200
    assert report["rejected_lines"] > 80


def test_a_damaged_line_is_set_aside_for_the_reason_it_was_damaged_for(faulty: Chain) -> None:
    reasons = {damage.name: damage.reason.value for damage in DAMAGES}
    ledger = (faulty.commands.root / "demo/ledger.jsonl").read_text("utf-8").splitlines()
    sent = {
        (entry["shard_id"], entry["sequence_number"]): reasons[entry["damage"]]
        for entry in map(json.loads, ledger)
    }
    rows = open_lake(faulty.settings).read(LakePart.REJECTED).to_pylist()
    assert {(row["shard_id"], row["sequence_number"]): row["reason"] for row in rows} == sent
    assert len(rows) == len(sent) == faulty.report["rejected_lines"]


def test_without_the_ledger_damaged_lines_are_still_accounted_for(faulty: Chain) -> None:
    done = faulty.reconcile()
    assert done.code == 0
    report = json.loads(done.out)
    assert any("by count alone" in note for note in report["notes"])


@pytest.mark.faults
def test_a_lost_file_of_rejected_records_is_caught(faulty: Chain) -> None:
    client = s3_client(faulty.settings)
    bucket, key = open_lake(faulty.settings).files(LakePart.REJECTED)[0].path.split("/", 1)
    body = client.get_object(Bucket=bucket, Key=key)["Body"].read()
    client.delete_object(Bucket=bucket, Key=key)
    ledger = str(faulty.commands.root / "demo/ledger.jsonl")
    try:
        done = faulty.commands.stream("reconcile", str(faulty.source), "--ledger", ledger, "--json")
    finally:
        client.put_object(Bucket=bucket, Key=key, Body=body)
    assert checks_that_fail(done) == {"rejected/ = source - lines/"}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """Services of their own, for tests that run the job by hand."""
    commands = Commands(tmp_path_factory.mktemp("services") / "var")
    assert commands.stream("up").code == 0
    yield commands
    commands.stream("down")


def test_the_real_files_first_lines_through_a_job_stopped_by_ctrl_c_and_resumed(
    services: Commands, real_file: Path, tmp_path: Path
) -> None:
    source = tmp_path / "first.csv"
    with gzip.open(real_file, "rb") as lines:
        source.write_bytes(b"".join(itertools.islice(lines, 30_001)))
    sent = services.call("invoice-producer", "send", str(source), timeout_seconds=JOB_SECONDS)
    assert sent.code == 0, sent.error

    with services.start("invoice-stream", "run", "--checkpoint-interval", "1") as first:
        wait_until_it_accepts_lines(services)
        first.send_signal(signal.SIGINT)
        out, error = first.communicate(timeout=JOB_SECONDS)
    assert first.returncode == 0, error
    savepoint = out.split("goes on from ")[1].strip()

    second = services.call(
        "invoice-stream", "run", "--until-idle", "3", timeout_seconds=JOB_SECONDS
    )
    assert second.code == 0, second.error
    log = (services.root / "job/flink.log").read_text("utf-8")
    assert f"from savepoint {savepoint}" in log

    done = services.stream("reconcile", str(source), "--json")
    assert done.code == 0, done.error
    report = json.loads(done.out)
    assert report["accepted_lines"] == 30_000
    assert report["invoices"] == 1_406
    assert report["customers"] == 755
    assert report["revenue"] == "502773.88"


def wait_until_it_accepts_lines(commands: Commands) -> None:
    def accepts() -> bool:
        job = running_job(Workspace(commands.root))
        if job is None:
            return False
        rest = FlinkRest(job.rest_url)
        return rest.is_running() and rest.metric("lines_accepted") > 0

    assert wait_until(accepts, JOB_SECONDS)


@pytest.mark.faults
def test_a_sink_that_fails_is_tried_again_and_then_fails_the_command_with_the_cause(
    tmp_path: Path,
) -> None:
    commands = Commands(tmp_path / "var")
    assert commands.stream("up").code == 0
    settings = Workspace(commands.root).settings({})
    source = tmp_path / "invoices.csv"
    for arguments in (("generate", "--lines", "200", "--out"), ("send",)):
        made = commands.call("invoice-producer", *arguments, str(source), timeout_seconds=60)
        assert made.code == 0, made.error
    delete_tables(target_of(settings))
    try:
        done = commands.call(
            "invoice-stream", "run", "--until-idle", "3", timeout_seconds=JOB_SECONDS
        )
    finally:
        commands.stream("down")
    assert done.code == 1
    (line,) = done.error.splitlines()
    assert settings.invoices_table in line
    assert "the job is FAILED" in line
    log = (commands.root / "job/flink.log").read_text("utf-8")
    assert "to RESTARTING" in log
