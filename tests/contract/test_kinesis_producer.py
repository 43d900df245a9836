"""``invoice-producer`` as a process of its own, against a stream that is one."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest

from connectors.kinesis_connection import StreamAddress, connect
from connectors.settings import SETTINGS_VARIABLE, Settings
from invoices.line import InvoiceLine
from invoices.record import Reject, decode_record
from tests.producer_cases import GOOD_ROW, write_rows

COMMAND = [
    sys.executable,
    "-c",
    "from producer.cli import app; app(prog_name='invoice-producer')",
]
ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as it stands on the stream."""

    shard_id: str
    sequence_number: str
    partition_key: str
    data: bytes


def stored(settings: Settings) -> list[Stored]:
    client = connect(StreamAddress.of(settings))
    found = []
    for shard in client.list_shards(StreamName=settings.stream)["Shards"]:
        name = shard["ShardId"]
        iterator = client.get_shard_iterator(
            StreamName=settings.stream, ShardId=name, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while records := (answer := client.get_records(ShardIterator=iterator))["Records"]:
            found += [
                Stored(name, record["SequenceNumber"], record["PartitionKey"], record["Data"])
                for record in records
            ]
            iterator = answer["NextShardIterator"]
    return found


def environment(settings: Settings, folder: Path) -> dict[str, str]:
    path = folder / "settings.json"
    path.write_text(settings.to_json())
    return {**os.environ, "PYTHONPATH": str(ROOT), SETTINGS_VARIABLE: str(path)}


def run(settings: Settings, folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        env=environment(settings, folder),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def start(settings: Settings, folder: Path, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        env=environment(settings, folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="session")
def head_of_real_file(real_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real file's first 20,000 lines."""
    path = tmp_path_factory.mktemp("real") / "head.csv.gz"
    with gzip.open(real_file, "rb") as whole, gzip.open(path, "wb", 1) as head:
        head.writelines(islice(whole, 20_001))
    return path


def test_the_real_file_arrives_line_by_line(
    settings: Settings, tmp_path: Path, head_of_real_file: Path
) -> None:
    done = run(settings, tmp_path, "send", head_of_real_file, "--pack", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    summary = json.loads(done.stdout)
    records = stored(settings)
    assert (summary["lines_sent"], summary["records_sent"]) == (20_000, len(records))
    assert len(records) < 3000
    assert summary["bytes_sent"] == sum(len(r.data) + len(r.partition_key) for r in records)
    lines = [line for record in records for line in decode_record(record.data)]
    good = [line for line in lines if isinstance(line, InvoiceLine)]
    assert len({line.identity for line in good}) == 20_000
    assert all(
        line.invoice_no == record.partition_key
        for record in records
        for line in decode_record(record.data)
        if isinstance(line, InvoiceLine)
    )


def test_faults_arrive_as_the_summary_and_the_ledger_say(
    settings: Settings, tmp_path: Path
) -> None:
    sample, ledger = tmp_path / "sample.csv.gz", tmp_path / "ledger.jsonl"
    assert run(settings, tmp_path, "generate", "--lines", 5000, "--out", sample).returncode == 0
    faults = ("--duplicate", 0.05, "--shuffle", 500, "--corrupt", 0.01, "--seed", 3)
    done = run(settings, tmp_path, "send", sample, "--json", "--ledger", ledger, *faults)
    assert (done.returncode, done.stderr) == (0, "")
    summary = json.loads(done.stdout)
    records = stored(settings)
    entries = [json.loads(line) for line in ledger.read_text().splitlines()]
    rejected = {
        (record.shard_id, record.sequence_number)
        for record in records
        if isinstance(decode_record(record.data)[0], Reject)
    }
    assert {(entry["shard_id"], entry["sequence_number"]) for entry in entries} == rejected
    assert len(entries) == len(rejected) == summary["corrupted"] > 20
    assert len(records) == summary["lines_sent"] == 5000 + summary["duplicates"]
    payloads = [record.data for record in records]
    assert len(payloads) - len(set(payloads)) >= summary["duplicates"] > 100


def test_ctrl_c_ends_it_with_the_summary(settings: Settings, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", *[GOOD_ROW] * 5000)
    process = start(settings, tmp_path, "send", path, "--rate", "100", "--json")
    deadline = time.monotonic() + SECONDS
    while not stored(settings) and time.monotonic() < deadline:
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=SECONDS)
    assert (process.returncode, stderr) == (130, "")
    summary = json.loads(stdout)
    assert summary["interrupted"] is True
    assert 0 < summary["lines_sent"] < 5000
    assert summary["lines_sent"] == len(stored(settings))


def test_a_rate_is_kept_on_the_wire(settings: Settings, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", *[GOOD_ROW] * 1500)
    done = run(settings, tmp_path, "send", path, "--rate", "1000", "--json")
    assert 1.4 < json.loads(done.stdout)["seconds"] < 20


def test_refused_rows_give_exit_code_3(settings: Settings, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", GOOD_ROW, "no row")
    done = run(settings, tmp_path, "send", path)
    assert (done.returncode, len(stored(settings))) == (3, 1)
    assert done.stderr == "row 3 refused: ragged_row: 1 cells, the header has 8\n"


def one_line_error(done: subprocess.CompletedProcess[str]) -> str:
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    return line


def test_no_stream_is_one_line_and_exit_code_2(unused_settings: Settings, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", GOOD_ROW)
    line = one_line_error(run(unused_settings, tmp_path, "send", path))
    assert line.startswith(f"invoice-producer: no stream {unused_settings.stream} at http://127.")


def test_nobody_at_the_endpoint_is_one_line_and_exit_code_2(
    settings: Settings, tmp_path: Path
) -> None:
    path = write_rows(tmp_path / "a.csv", GOOD_ROW)
    done = run(settings, tmp_path, "send", path, "--endpoint-url", "http://127.0.0.1:1")
    assert "cannot reach Kinesis at http://127.0.0.1:1" in one_line_error(done)


def test_a_reader_that_has_had_enough_of_the_sample_is_no_error(
    settings: Settings, tmp_path: Path
) -> None:
    process = start(settings, tmp_path, "generate", "--lines", 500_000)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("InvoiceNo,")
    process.stdout.close()
    _, stderr = process.communicate(timeout=SECONDS)
    assert (process.returncode, stderr) == (0, "")


def test_ctrl_c_ends_the_making_of_a_sample_and_leaves_no_file(
    settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "sample.csv"
    process = start(settings, tmp_path, "generate", "--lines", 10**9, "--out", path)
    deadline = time.monotonic() + SECONDS
    while not (tmp_path / "sample.csv.part").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=SECONDS)
    assert (process.returncode, stderr) == (130, "")
    assert [left.name for left in tmp_path.iterdir()] == ["settings.json"]
