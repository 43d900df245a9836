"""The API as a sink of records: cut into requests, sent again, given up."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar, TypeAlias

import pytest
from typer.testing import CliRunner

from connectors.kinesis import RetryPolicy
from connectors.lines_api import API_LIMITS, ApiRecordSink, split_requests
from connectors.lines_api_answers import ApiAddress
from connectors.record_sink import SinkError, UndeliveredError
from invoices.line import InvoiceLine
from invoices.record import encode_line, encode_pack
from producer.cli import app
from producer.parcels import Parcel
from tests.contract.test_api_ingestion_http import lines_on
from tests.document_cases import make_lines
from tests.running_api import RunningApi

Scripted: TypeAlias = tuple[int, dict[str, str], object]
"""Status, headers and body of an answer."""

QUICK = RetryPolicy(first_seconds=0.01, longest_seconds=0.02, give_up_seconds=0.5)


def one_line(line: InvoiceLine) -> Parcel:
    return Parcel(line.invoice_no, encode_line(line), ())


def pack(lines: list[InvoiceLine]) -> Parcel:
    return Parcel(lines[0].invoice_no, encode_pack(lines), ())


class ScriptedApi(BaseHTTPRequestHandler):
    """Answers what it is told to, then accepts everything; remembers what it got."""

    script: ClassVar[list[Scripted]] = []
    bodies: ClassVar[list[list[dict[str, object]]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        taken: Scripted = 202, {}, {"accepted": len(body), "lines": [], "rejected": []}
        status, headers, answer = self.script.pop(0) if self.script else taken
        if status == 202:
            self.bodies.append(body)
        content = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Say nothing."""


@pytest.fixture
def scripted() -> Iterator[ApiAddress]:
    ScriptedApi.script, ScriptedApi.bodies = [], []
    server = HTTPServer(("127.0.0.1", 0), ScriptedApi)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield ApiAddress(f"http://127.0.0.1:{server.server_port}", "key")
    server.shutdown()
    thread.join()
    server.server_close()


def numbers_got() -> list[object]:
    return [line["LineNo"] for body in ScriptedApi.bodies for line in body]


def test_single_lines_and_packs_share_requests_of_500_lines(scripted: ApiAddress) -> None:
    lines = make_lines(1200)
    records = [*map(one_line, lines[:300]), pack(lines[300:700]), *map(one_line, lines[700:])]
    delivery = ApiRecordSink(scripted).put(records)
    assert delivery.unsent == delivery.retried == delivery.throttled == 0
    assert [len(body) for body in ScriptedApi.bodies] == [300, 500, 400]
    assert numbers_got() == list(range(1, 1201))


def test_requests_stay_below_the_limit_in_bytes() -> None:
    long = "\N{SNOWMAN}" * 1000
    records = [
        Parcel("7", b"[%s]" % b",".join([encode_line(line)] * 50), ())
        for line in [make_lines(1, description=long)[0]] * 30
    ]
    wide = [Parcel("7", b'{"x": "%s"}' % (b"x" * 900_000), ()) for _ in range(9)]
    for given, requests in ((records, 3), (wide, 3)):
        cut = list(split_requests(given))
        assert len(cut) == requests
        assert [place for places in cut for place in places] == list(range(len(given)))
        for places in cut:
            assert sum(len(given[place].data) for place in places) <= API_LIMITS.total_bytes


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_passes_is_sent_again_until_it_is_taken(scripted: ApiAddress, status: int) -> None:
    ScriptedApi.script = [(status, {}, {}), (status, {"Retry-After": "0"}, {"detail": "busy"})]
    delivery = ApiRecordSink(scripted, QUICK).put([one_line(line) for line in make_lines(3)])
    assert delivery.unsent == 0
    assert delivery.retried == 6
    assert delivery.throttled == (6 if status == 429 else 0)
    assert numbers_got() == [1, 2, 3]


def test_it_waits_as_long_as_the_api_asks(scripted: ApiAddress) -> None:
    ScriptedApi.script = [(503, {"Retry-After": "1"}, {})]
    sink = ApiRecordSink(scripted, RetryPolicy(0.01, 0.02, 5.0))
    timer = threading.Timer(0.3, lambda: ScriptedApi.script.append((400, {}, {"detail": "early"})))
    timer.start()
    timer.join()
    with pytest.raises(UndeliveredError, match="early"):
        sink.put([one_line(make_lines(1)[0])])


def test_it_gives_up_when_nothing_is_taken_for_long(scripted: ApiAddress) -> None:
    ScriptedApi.script = [(503, {}, {"detail": "the stream is busy"})] * 1000
    with pytest.raises(UndeliveredError, match="the stream is busy") as caught:
        ApiRecordSink(scripted, QUICK).put([one_line(line) for line in make_lines(3)])
    assert caught.value.delivery.unsent == 3


def test_a_quota_that_is_used_up_is_not_waited_for(scripted: ApiAddress) -> None:
    ScriptedApi.script = [(429, {"Retry-After": "3600"}, {"detail": "quota"})]
    with pytest.raises(UndeliveredError, match="quota"):
        ApiRecordSink(scripted).put([one_line(make_lines(1)[0])])


def test_a_line_that_is_refused_ends_it_and_names_why(scripted: ApiAddress) -> None:
    refused = [{"index": 0, "detail": "UnitPrice is missing"}]
    ScriptedApi.script = [(202, {}, {"accepted": 2, "rejected": refused})]
    with pytest.raises(UndeliveredError, match="UnitPrice is missing") as caught:
        ApiRecordSink(scripted).put([one_line(line) for line in make_lines(3)])
    assert caught.value.delivery.unsent == 3


def test_a_sink_that_is_closed_stops_waiting(scripted: ApiAddress) -> None:
    ScriptedApi.script = [(503, {}, {})] * 1000
    sink = ApiRecordSink(scripted, RetryPolicy(10, 10, 60))
    threading.Timer(0.2, sink.close).start()
    with pytest.raises(UndeliveredError, match="stopped"):
        sink.put([one_line(make_lines(1)[0])])


def test_damaged_records_are_not_for_the_api(scripted: ApiAddress) -> None:
    with pytest.raises(UndeliveredError, match="damaged"):
        ApiRecordSink(scripted).put([Parcel("7", b"{", ())])


@pytest.mark.parametrize("url", ["", "ftp://x", "http://", "no address"])
def test_what_is_no_address_is_one_line(url: str) -> None:
    with pytest.raises(SinkError, match="not the address of an API"):
        ApiAddress(url, "key")


def test_lines_sent_through_the_running_api_are_on_the_stream(running_api: RunningApi) -> None:
    lines = [line._replace(invoice_no="740001") for line in make_lines(700)]
    sink = ApiRecordSink(ApiAddress(running_api.access.base_url, running_api.access.ingest_key))
    sink.check()
    assert sink.put([pack(lines[:350]), *map(one_line, lines[350:])]).unsent == 0
    arrived = [line for line in lines_on(running_api.settings) if line.invoice_no == "740001"]
    assert sorted(arrived, key=lambda line: line.line_no) == lines


def test_a_wrong_key_or_no_api_is_told_at_once(running_api: RunningApi) -> None:
    base = running_api.access.base_url
    with pytest.raises(SinkError, match="does not know the key"):
        ApiRecordSink(ApiAddress(base, "wrong")).check()
    with pytest.raises(SinkError, match="no Invoice Stream API"):
        ApiRecordSink(ApiAddress(f"{base}/nothing/here", "wrong")).check()
    with pytest.raises(SinkError, match="cannot be used"):
        ApiRecordSink(ApiAddress("http://127.0.0.1:9", "wrong")).check()


def test_the_producer_sends_a_file_through_the_api(running_api: RunningApi, tmp_path: Path) -> None:
    sample = tmp_path / "sample.csv"
    runner = CliRunner()
    made = runner.invoke(app, ["generate", "--lines", "2000", "--seed", "5", "--out", str(sample)])
    assert made.exit_code == 0
    before = Counter(lines_on(running_api.settings))
    api = ["--api", running_api.access.base_url, "--key", running_api.access.ingest_key]
    sent = runner.invoke(app, ["send", str(sample), *api, "--duplicate", "0.05", "--json"])
    assert sent.exit_code == 0, sent.output
    summary = json.loads(sent.stdout)
    assert summary["rows_read"] == 2000
    arrived = Counter(lines_on(running_api.settings)) - before
    assert arrived.total() == summary["lines_sent"] == 2000 + summary["duplicates"]
    assert len(arrived) == 2000


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--api", "http://127.0.0.1:9"], "--key"),
        (["--api", "http://127.0.0.1:9", "--key", "x"], "cannot be used"),
        (["--api", "http://127.0.0.1:9", "--key", "x", "--corrupt", "0.1"], "--corrupt"),
        (["--api", "nothing", "--key", "x"], "not the address"),
    ],
)
def test_options_that_cannot_work_are_one_line_and_exit_code_2(
    tmp_path: Path, options: list[str], told: str
) -> None:
    sample = tmp_path / "sample.csv"
    runner = CliRunner()
    runner.invoke(app, ["generate", "--lines", "10", "--out", str(sample)])
    result = runner.invoke(app, ["send", str(sample), *options])
    assert result.exit_code == 2
    assert told in result.output
    assert len(result.output.strip().splitlines()) == 1
