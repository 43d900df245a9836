"""What a person or a script sees of ``invoice-producer``."""

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.kinesis_connection import StreamAddress
from connectors.record_sink import Delivery, MemoryRecordSink, Record, SinkError
from connectors.settings import Settings
from invoices.line import InvoiceLine
from invoices.record import Reject, decode_record
from producer import cli
from producer.cli import app
from tests.producer_cases import GOOD_LINE, GOOD_ROW, give_up, write_rows

OTHER_ROW = GOOD_ROW.replace("700001", "C700002")
BAD_ROW = GOOD_ROW.replace(",6,", ",six,")


class Stream:
    """Stands in for the stream; remembers which address was asked for."""

    def __init__(self, sink: MemoryRecordSink) -> None:
        self.sink = sink
        self.address: StreamAddress | None = None

    def open(self, address: StreamAddress) -> MemoryRecordSink:
        self.address = address
        return self.sink

    @property
    def decoded(self) -> list[InvoiceLine | Reject]:
        return [line for _, record in self.sink.records for line in decode_record(record.data)]


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stream:
    monkeypatch.chdir(tmp_path)
    for name in ("SETTINGS", "STREAM", "ENDPOINT_URL", "REGION"):
        monkeypatch.delenv(f"INVOICE_STREAM_{name}", raising=False)
    stream = Stream(MemoryRecordSink(shards=2))
    monkeypatch.setattr(cli, "open_sink", stream.open)
    return stream


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "invoices.csv", GOOD_ROW, GOOD_ROW, OTHER_ROW)


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout, result.stderr


def summary_of(*arguments: object, exit_code: int = 0) -> dict[str, object]:
    code, stdout, stderr = run("send", *arguments, "--stream", "s", "--json")
    assert (code, stderr) == (exit_code, stderr if exit_code else "")
    values = json.loads(stdout)
    assert isinstance(values, dict)
    return values


def test_every_line_is_sent_and_summed_up(stream: Stream, source: Path) -> None:
    summary = summary_of(source)
    assert set(stream.decoded) == {
        GOOD_LINE,
        GOOD_LINE._replace(line_no=2),
        GOOD_LINE._replace(invoice_no="C700002"),
    }
    assert float(str(summary.pop("seconds"))) >= 0
    assert float(str(summary.pop("lines_per_second"))) > 0
    size = sum(len(record.data) + len(record.partition_key) for _, record in stream.sink.records)
    assert summary == {
        "rows_read": 3,
        "refused": 0,
        "refused_by_reason": {},
        "lines_sent": 3,
        "records_sent": 3,
        "packed_records": 0,
        "bytes_sent": size,
        "duplicates": 0,
        "corrupted": 0,
        "unsent": 0,
        "retries": 0,
        "throttled": 0,
        "interrupted": False,
    }


def test_packed_lines_share_a_record(stream: Stream, source: Path) -> None:
    summary = summary_of(source, "--pack")
    assert (summary["lines_sent"], summary["records_sent"]) == (3, 2)
    assert summary["packed_records"] == 1
    assert {record.partition_key for _, record in stream.sink.records} == {"700001", "C700002"}
    assert len(stream.decoded) == 3


def test_without_json_the_summary_is_a_value_a_line(stream: Stream, source: Path) -> None:
    code, stdout, stderr = run("send", source, "--stream", "s")
    assert (code, stderr) == (0, "")
    assert "lines sent: 3\n" in stdout
    assert re.fullmatch(r"(?: *[a-z_/ ]+: [\d,.]+\n)+", stdout)


def test_refused_rows_are_shown_counted_and_written(stream: Stream, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", GOOD_ROW, BAD_ROW, "700001,10001", GOOD_ROW)
    code, stdout, stderr = run("send", path, "--stream", "s", "--refused", tmp_path / "no.csv")
    assert code == 3
    assert stderr.splitlines() == [
        "row 3 refused: wrong_type: Quantity is not an integer",
        "row 4 refused: ragged_row: 2 cells, the header has 8",
    ]
    assert "rows refused: 2\n  wrong_type: 1\n  ragged_row: 1\n" in stdout
    with (tmp_path / "no.csv").open(encoding="utf-8", newline="") as file:
        written = list(csv.reader(file))
    assert written[1] == ["3", "wrong_type", "Quantity is not an integer", *BAD_ROW.split(",")]
    assert written[2][:5] == ["4", "ragged_row", "2 cells, the header has 8", "700001", "10001"]
    numbers = [line.line_no for line in stream.decoded if isinstance(line, InvoiceLine)]
    assert numbers == [1, 4]


def test_refused_rows_can_be_written_as_json_lines(stream: Stream, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", GOOD_ROW, GOOD_ROW.replace("BLUE", "caf\xe9"))
    summary_of(path, "--refused", tmp_path / "no.jsonl", exit_code=3)
    (entry,) = map(json.loads, (tmp_path / "no.jsonl").read_text().splitlines())
    assert (entry["row"], entry["reason"]) == (3, "not_utf8")
    assert entry["cells"][0] == "700001"


def test_only_the_first_refused_rows_are_shown(stream: Stream, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", GOOD_ROW, *[BAD_ROW] * 50)
    code, stdout, stderr = run("send", path, "--stream", "s")
    assert code == 3
    assert len(stderr.splitlines()) == 11
    assert stderr.splitlines()[-1] == "more rows refused: not shown here, --refused PATH writes all"
    assert "wrong_type: 50\n" in stdout


def test_when_every_row_is_refused_nothing_could_be_done(stream: Stream, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", BAD_ROW, BAD_ROW)
    code, _, stderr = run("send", path, "--stream", "s")
    assert code == 2
    assert stderr.splitlines()[-1].endswith(f"nothing sent: all 2 rows of {path} are refused")


def test_every_damaged_line_is_in_the_ledger_where_it_stands(
    stream: Stream, tmp_path: Path
) -> None:
    path = write_rows(tmp_path / "a.csv", *[GOOD_ROW] * 400)
    ledger = tmp_path / "ledger.jsonl"
    summary = summary_of(
        path, "--pack", "--corrupt", 0.2, "--duplicate", 0.2, "--shuffle", 20, "--ledger", ledger
    )
    entries = [json.loads(line) for line in ledger.read_text().splitlines()]
    assert summary["corrupted"] == len(entries) > 40
    assert summary["lines_sent"] == 400 + int(str(summary["duplicates"]))
    rejected = {
        (place.shard_id, place.sequence_number)
        for place, record in stream.sink.records
        if isinstance(decode_record(record.data)[0], Reject)
    }
    assert {(entry["shard_id"], entry["sequence_number"]) for entry in entries} == rejected
    assert all(set(entry) == ENTRY for entry in entries)
    good = {line.line_no for line in stream.decoded if isinstance(line, InvoiceLine)}
    assert good | {entry["line_no"] for entry in entries} == set(range(1, 401))
    assert not good & {entry["line_no"] for entry in entries}


ENTRY = {"invoice_no", "line_no", "shard_id", "sequence_number", "damage"}


def test_a_seed_makes_the_same_faults_again(stream: Stream, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", *[GOOD_ROW] * 200)
    sent = []
    for seed in (1, 1, 2):
        stream.sink = MemoryRecordSink()
        summary_of(path, "--corrupt", 0.1, "--duplicate", 0.1, "--shuffle", 9, "--seed", seed)
        sent.append([record.data for _, record in stream.sink.records])
    assert sent[0] == sent[1] != sent[2]


class Failing(MemoryRecordSink):
    """Takes one call and gives up on the next."""

    def put(self, records: Sequence[Record]) -> Delivery:
        if self.records:
            raise give_up(records)
        return super().put(records)


def test_a_stream_that_gives_up_is_an_error_after_the_summary(
    stream: Stream, tmp_path: Path
) -> None:
    stream.sink = Failing()
    path = write_rows(tmp_path / "a.csv", *[GOOD_ROW] * 900)
    code, stdout, stderr = run("send", path, "--stream", "s", "--json")
    assert (code, stderr) == (2, "invoice-producer: gave up\n")
    summary = json.loads(stdout)
    assert (summary["lines_sent"], summary["unsent"]) == (500, 400)


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n"])
def test_a_source_that_is_none_is_one_line_and_exit_code_2(
    stream: Stream, tmp_path: Path, content: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content)
    for name in (path, tmp_path / "missing.csv", tmp_path):
        code, stdout, stderr = run("send", name, "--stream", "s")
        assert (code, stdout) == (2, "")
        assert re.fullmatch(rf"invoice-producer: .*{re.escape(str(name))}.*\n", stderr)


@pytest.mark.parametrize("option", ["--refused", "--ledger"])
def test_a_file_that_cannot_be_written_is_an_error_before_anything_is_sent(
    stream: Stream, source: Path, option: str
) -> None:
    code, _, stderr = run("send", source, "--stream", "s", option, "/nowhere/file")
    assert code == 2
    assert (
        stderr == "invoice-producer: /nowhere/file cannot be written: No such file or directory\n"
    )
    assert stream.sink.records == []


def test_no_stream_is_one_line(
    stream: Stream, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(address: StreamAddress) -> MemoryRecordSink:
        raise SinkError(f"no stream {address.stream} here")

    monkeypatch.setattr(cli, "open_sink", refuse)
    assert run("send", source, "--stream", "s") == (2, "", "invoice-producer: no stream s here\n")


SETTINGS = Settings(
    region="eu-west-1",
    stream="invoice-lines",
    stream_arn="arn:aws:kinesis:eu-west-1:000000000000:stream/invoice-lines",
    lake="s3://invoice-lake",
    customers_table="Customers",
    invoices_table="Invoices",
    endpoint_url="http://127.0.0.1:1",
    access_key_id="local",
    secret_access_key="local",
)
LOCAL = StreamAddress("invoice-lines", "eu-west-1", "http://127.0.0.1:1", "local", "local")


@pytest.mark.parametrize(
    ("options", "environment", "address"),
    [
        ([], {}, LOCAL),
        (["--stream", "mine"], {}, replace(LOCAL, stream="mine")),
        ([], {"INVOICE_STREAM_STREAM": "theirs"}, replace(LOCAL, stream="theirs")),
        (["--stream", "mine"], {"INVOICE_STREAM_STREAM": "x"}, replace(LOCAL, stream="mine")),
        (["--region", "us-east-1"], {}, replace(LOCAL, region="us-east-1")),
        (["--endpoint-url", LOCAL.place], {}, LOCAL),
        (
            ["--endpoint-url", "http://127.0.0.1:2"],
            {},
            StreamAddress("invoice-lines", "eu-west-1", "http://127.0.0.1:2"),
        ),
    ],
)
def test_options_come_before_the_environment_and_that_before_the_settings(
    stream: Stream,
    source: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    options: list[str],
    environment: dict[str, str],
    address: StreamAddress,
) -> None:
    Path("var").mkdir()
    Path("var/settings.json").write_text(SETTINGS.to_json())
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert run("send", source, *options)[0] == 0
    assert stream.address == address


def test_a_named_stream_needs_no_settings(stream: Stream, source: Path) -> None:
    assert run("send", source, "--stream", "s")[0] == 0
    assert stream.address == StreamAddress("s")


def test_without_settings_and_stream_it_says_what_to_do(stream: Stream, source: Path) -> None:
    code, _, stderr = run("send", source)
    assert code == 2
    assert stderr == (
        "invoice-producer: no settings at var/settings.json: run `invoice-stream up` first,"
        " or name a file in INVOICE_STREAM_SETTINGS, or a stream with --stream\n"
    )


def test_settings_that_are_named_must_be_there(
    stream: Stream, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INVOICE_STREAM_SETTINGS", "mine.json")
    code, _, stderr = run("send", source, "--stream", "s")
    assert code == 2
    assert "no settings at mine.json" in stderr


@pytest.mark.parametrize(
    "option", [("--duplicate", 1.1), ("--corrupt", -0.1), ("--rate", 0), ("--shuffle", -1)]
)
def test_a_value_out_of_range_is_refused(
    stream: Stream, source: Path, option: tuple[str, float]
) -> None:
    code, _, stderr = run("send", source, "--stream", "s", *option)
    assert code == 2
    assert option[0] in stderr


@pytest.mark.parametrize("command", ["send", "generate"])
def test_every_command_shows_an_example(command: str) -> None:
    code, stdout, _ = run(command, "--help")
    assert code == 0
    assert f"Example: invoice-producer {command} " in " ".join(stdout.split())


def test_without_a_command_the_help_is_shown() -> None:
    assert "generate" in run()[1]
