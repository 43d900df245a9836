"""The local services through the command: up, down, and up again with all they held."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from connectors.aws import dynamodb_client, kinesis_client, s3_client
from connectors.settings import Settings
from ops.emulator import running
from ops.processes import LOOPBACK, free_port
from ops.reconciliation.deliveries import count_deliveries
from ops.reconciliation.documents import scan
from tests.e2e.commands import Commands, Done

pytestmark = pytest.mark.e2e


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[Commands]:
    made = Commands(tmp_path / "var")
    yield made
    made.stream("down", "--wipe")


def settings_of(commands: Commands) -> Settings:
    return Settings(**json.loads((commands.root / "settings.json").read_text("utf-8")))


def put_record(settings: Settings, times: int) -> None:
    for _ in range(times):
        kinesis_client(settings).put_record(
            StreamName=settings.stream, Data=b'{"a": 1}', PartitionKey="1"
        )


def one_line(done: Done) -> str:
    """What a command that cannot do it says: one line, no traceback, exit code 2."""
    assert done.code == 2, done.error
    assert done.out == ""
    (line,) = done.error.splitlines()
    assert line.startswith("invoice-stream: ")
    return line


def test_what_the_services_hold_outlives_down_and_up(commands: Commands) -> None:
    assert commands.stream("up", "--shards", "3").code == 0
    settings = settings_of(commands)
    put_record(settings, times=7)
    item = {
        "CustomerID": {"S": "17850"},
        "Part": {"S": "2011-08"},
        "M": {"S": "caf\N{DEGREE SIGN}"},
    }
    dynamodb_client(settings).put_item(TableName=settings.customers_table, Item=item)
    s3_client(settings).put_object(Bucket="invoice-lake", Key="lines/a=1/b", Body=b"\x00\xff")

    assert commands.stream("down").code == 0
    assert running(commands.root / "emulator") is None
    assert commands.stream("up").code == 0

    again = settings_of(commands)
    assert again == settings
    summary = kinesis_client(again).describe_stream_summary(StreamName=again.stream)
    assert summary["StreamDescriptionSummary"]["OpenShardCount"] == 3
    assert count_deliveries(kinesis_client(again), again.stream).lines == 7
    (kept,) = scan(dynamodb_client(again), again.customers_table)
    assert kept == {"CustomerID": "17850", "Part": "2011-08", "M": "caf\N{DEGREE SIGN}"}
    body = s3_client(again).get_object(Bucket="invoice-lake", Key="lines/a=1/b")["Body"]
    assert body.read() == b"\x00\xff"


def test_up_again_changes_nothing_and_everything_listens_on_loopback(commands: Commands) -> None:
    first, second = commands.stream("up"), commands.stream("up")
    assert first.out == second.out
    services = commands.json("status")[0]
    assert services["state"] == "running"
    listening = [
        connection.laddr.ip
        for connection in psutil.Process(services["pid"]).net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening == [LOOPBACK]


def test_status_tells_what_is_there(commands: Commands) -> None:
    commands.stream("up")
    put_record(settings_of(commands), times=3)
    parts = {part["name"]: part for part in commands.json("status", "--count")}
    assert parts["stream invoice-lines"]["details"] == {"shards": 2, "lines": 3}
    assert parts["table Customers"]["state"] == "active"
    assert parts["lake lines/"]["state"] == "empty"
    assert parts["job"]["state"] == "never ran"
    commands.stream("down")
    assert [part["state"] for part in commands.json("status")] == ["stopped", "never ran"]


def test_wipe_throws_everything_away(commands: Commands) -> None:
    commands.stream("up")
    settings = settings_of(commands)
    put_record(settings, times=1)
    assert commands.stream("down", "--wipe").code == 0
    assert list(commands.root.iterdir()) == []
    commands.stream("up")
    again = settings_of(commands)
    assert count_deliveries(kinesis_client(again), again.stream).lines == 0


def test_a_taken_port_is_said(commands: Commands) -> None:
    with socket.socket() as server:
        server.bind((LOOPBACK, 0))
        server.listen()
        port = server.getsockname()[1]
        line = one_line(commands.stream("up", "--port", str(port)))
    assert f"port {port} is taken" in line


def test_the_port_asked_for_is_used_and_another_is_refused_while_it_runs(
    commands: Commands,
) -> None:
    port = free_port()
    assert commands.stream("up", "--port", str(port)).code == 0
    assert settings_of(commands).endpoint_url == f"http://{LOOPBACK}:{port}"
    assert str(port) in one_line(commands.stream("up", "--port", str(port + 1)))


@pytest.mark.parametrize(
    "arguments", [("run",), ("reconcile", "a.csv"), ("customer", "1"), ("invoice", "1")]
)
def test_without_services_every_command_says_how_to_start_them(
    commands: Commands, arguments: tuple[str, ...]
) -> None:
    assert "invoice-stream up" in one_line(commands.stream(*arguments))


@pytest.mark.parametrize("arguments", [("run",), ("customer", "1"), ("invoice", "1")])
def test_services_that_do_not_answer_are_named(
    commands: Commands, arguments: tuple[str, ...]
) -> None:
    commands.stream("up")
    endpoint = settings_of(commands).endpoint_url or ""
    commands.stream("down")
    assert endpoint in one_line(commands.stream(*arguments))


def test_what_is_not_there_is_said(commands: Commands, tmp_path: Path) -> None:
    commands.stream("up")
    assert "no customer 17850" in one_line(commands.stream("customer", "17850"))
    assert "no invoice 536365" in one_line(commands.stream("invoice", "536365"))
    missing, empty = tmp_path / "none.csv", tmp_path / "empty.csv"
    empty.touch()
    other = tmp_path / "other.csv"
    other.write_text("InvoiceNo,Colour\n1,red\n", encoding="utf-8")
    assert f"no file at {missing}" in one_line(commands.stream("reconcile", str(missing)))
    assert f"no file at {missing}" in one_line(commands.stream("demo", str(missing)))
    assert f"{empty} is empty" in one_line(commands.stream("reconcile", str(empty)))
    line = one_line(commands.stream("reconcile", str(other)))
    assert "missing or twice StockCode" in line
    assert "found InvoiceNo, Colour" in line


def test_a_stream_that_is_gone_is_said(commands: Commands) -> None:
    commands.stream("up")
    settings = settings_of(commands)
    kinesis_client(settings).delete_stream(StreamName=settings.stream)
    line = one_line(commands.stream("run"))
    assert settings.stream in line
    assert "invoice-stream up" in line


def test_no_java_is_said(commands: Commands, tmp_path: Path) -> None:
    commands.stream("up")
    without = Commands(commands.root, {"PATH": str(tmp_path), "JAVA_HOME": ""})
    assert "no Java found" in one_line(without.stream("run"))


def test_every_command_has_help_with_an_example(commands: Commands) -> None:
    for name in ("up", "down", "status", "run", "demo", "reconcile", "customer", "invoice"):
        done = commands.stream(name, "--help")
        assert done.code == 0
        assert f"Example: invoice-stream {name}" in done.out
