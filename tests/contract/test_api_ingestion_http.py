"""Ingestion over HTTP: API Gateway, the packaged function, the stream."""

import json
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.access_keys import UsagePlan, make_key
from connectors.aws import apigateway_client, kinesis_client
from connectors.settings import Settings
from invoices.contract import FIRST_KEYED_LINE_NO
from invoices.line import InvoiceLine
from invoices.record import decode_record
from tests.api_cases import Json, wire_line
from tests.conftest import MakeSettings
from tests.running_api import RunningApi, run_api


def lines_on(settings: Settings) -> Iterator[InvoiceLine]:
    """Every line on the stream."""
    client = kinesis_client(settings)
    for shard in client.list_shards(StreamName=settings.stream)["Shards"]:
        iterator = client.get_shard_iterator(
            StreamName=settings.stream,
            ShardId=shard["ShardId"],
            ShardIteratorType="TRIM_HORIZON",
        )["ShardIterator"]
        while records := (answer := client.get_records(ShardIterator=iterator))["Records"]:
            for record in records:
                for entry in decode_record(record["Data"]):
                    assert isinstance(entry, InvoiceLine)
                    assert entry.invoice_no == record["PartitionKey"]
                    yield entry
            iterator = answer["NextShardIterator"]


def of_invoice(api: RunningApi, invoice_no: str) -> Counter[int]:
    """How often each line of an invoice is on the stream."""
    lines = lines_on(api.settings)
    return Counter(line.line_no for line in lines if line.invoice_no == invoice_no)


def test_a_line_arrives_on_the_stream(running_api: RunningApi) -> None:
    line = wire_line(InvoiceNo="710001", LineNo=4, Description="é \N{SNOWMAN} \"'\\ \t")
    answer = running_api.post(line)
    assert (answer.status, answer.headers["Content-Type"]) == (202, "application/json")
    assert answer.json["lines"] == [{"index": 0, "invoice_no": "710001", "line_no": 4}]
    (arrived,) = (line for line in lines_on(running_api.settings) if line.invoice_no == "710001")
    assert arrived.description == line["Description"]


def test_500_lines_are_accepted_and_each_arrives_once(running_api: RunningApi) -> None:
    body = [wire_line(InvoiceNo=f"71100{n % 7}", LineNo=n + 1) for n in range(500)]
    answer = running_api.post(body)
    assert (answer.status, answer.json["accepted"]) == (202, 500)
    arrived: Counter[int] = Counter()
    for number in range(7):
        arrived += of_invoice(running_api, f"71100{number}")
    assert arrived == Counter(range(1, 501))


def test_a_bad_line_among_good_ones_is_refused_alone(running_api: RunningApi) -> None:
    body = [wire_line(InvoiceNo="712001", LineNo=1), 5, {}, wire_line(InvoiceNo="712001", LineNo=2)]
    answer = running_api.post(body)
    assert (answer.status, answer.json["accepted"]) == (202, 2)
    rejected = answer.json["rejected"]
    assert [entry["pointer"] for entry in rejected] == ["/1", "/2/SchemaVersion"]  # type: ignore[attr-defined]
    assert of_invoice(running_api, "712001") == Counter([1, 2])


def test_a_keyed_request_sent_again_is_the_same_lines(running_api: RunningApi) -> None:
    body = [wire_line(InvoiceNo="713001", LineNo=...)] * 2
    key = str(uuid.uuid4())
    answers = [running_api.post(body, Idempotency_Key=key) for _ in range(2)]
    assert answers[0].json == answers[1].json
    arrived = of_invoice(running_api, "713001")
    assert len(arrived) == 2, "two equal lines of one request stay two"
    assert set(arrived.values()) == {2}
    assert min(arrived) >= FIRST_KEYED_LINE_NO


def test_without_a_key_a_line_needs_its_number(running_api: RunningApi) -> None:
    answer = running_api.post(wire_line(LineNo=...))
    assert answer.status == 422
    assert "Idempotency-Key" in answer.body


@pytest.mark.parametrize("key", [None, "", "wrong"])
def test_without_a_good_api_key_nothing_is_taken(running_api: RunningApi, key: str | None) -> None:
    headers = {"Content-Type": "application/json"} | ({} if key is None else {"x-api-key": key})
    body = json.dumps(wire_line(InvoiceNo="714001")).encode()
    answer = running_api.call("POST", "/invoice-lines", headers, body)
    assert answer.status == 403
    assert answer.is_problem
    assert not of_invoice(running_api, "714001")


@pytest.mark.parametrize(
    ("plan", "slug"),
    [
        (UsagePlan(0.001, 2, 1000, "DAY"), "too-many"),
        (UsagePlan(1000, 1000, 2, "DAY"), "quota-used-up"),
    ],
)
def test_a_key_that_asks_too_much_is_told_when_to_come_back(
    running_api: RunningApi, plan: UsagePlan, slug: str
) -> None:
    client = apigateway_client(running_api.settings)
    api_id = running_api.access.base_url.split("/")[4]
    key = f"key-of-a-small-plan-{slug}"
    make_key(client, api_id, slug, key, plan)
    answers = [running_api.post([], x_api_key=key) for _ in range(3)]
    assert [answer.status for answer in answers] == [400, 400, 429]
    assert answers[-1].json["type"] == f"urn:invoice-stream:problem:{slug}"
    assert int(answers[-1].headers["Retry-After"]) > 0


BAD_REQUESTS: dict[str, tuple[bytes, dict[str, str], int]] = {
    "no JSON": (b"{", {}, 400),
    "nothing": (b"", {}, 400),
    "not UTF-8": (b'{"a": "\xff"}', {}, 400),
    "a number": (b"5", {}, 400),
    "no lines": (b"[]", {}, 400),
    "501 lines": (json.dumps([wire_line()] * 501).encode(), {}, 400),
    "deep": (b'{"a":' * 90_000 + b"1" + b"}" * 90_000, {}, 400),
    "a form": (b"a=1", {"Content-Type": "application/x-www-form-urlencoded"}, 400),
    "a line as text": (json.dumps(wire_line()).encode(), {"Content-Type": "text/plain"}, 415),
    "another charset": (
        json.dumps(wire_line()).encode(),
        {"Content-Type": "application/json; charset=utf-16"},
        415,
    ),
    "too large": (b"[" + b" " * (4 * 2**20) + b"{}]", {}, 413),
    "only bad lines": (b'[{}, 1, "x", null]', {}, 422),
    "a bad key": (
        json.dumps(wire_line(LineNo=...)).encode(),
        {"Idempotency-Key": "x" * 300},
        400,
    ),
}


@pytest.mark.parametrize("name", BAD_REQUESTS)
def test_a_bad_request_is_a_4xx_with_a_problem_document(running_api: RunningApi, name: str) -> None:
    body, headers, status = BAD_REQUESTS[name]
    answer = running_api.post(body, **headers)
    assert answer.status == status
    assert answer.is_problem
    assert "Traceback" not in answer.body


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_a_405(running_api: RunningApi, method: str) -> None:
    answer = running_api.call(method, "/invoice-lines")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert answer.is_problem


def test_a_path_there_is_not_is_a_404(running_api: RunningApi) -> None:
    for path in ("/", "/invoice-lines/1", "/customers", "/customers/1", "/x"):
        answer = running_api.call("GET", path)
        assert answer.status == 404
        assert answer.is_problem


def test_when_the_stream_takes_nothing_the_caller_may_send_again(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    settings = make_settings(create=False)
    api = run_api_without_stream(settings, tmp_path)
    answer = api.post([wire_line(), {}])
    assert answer.status == 503
    assert answer.is_problem
    assert int(answer.headers["Retry-After"]) > 0


def run_api_without_stream(settings: Settings, folder: Path) -> RunningApi:
    return run_api(settings, folder, "api-without-a-stream")


def test_the_answer_names_no_more_than_the_api_s_own_fields(running_api: RunningApi) -> None:
    answer: Json = running_api.post(wire_line(InvoiceNo="715001")).json
    assert set(answer) == {"accepted", "lines", "rejected"}
