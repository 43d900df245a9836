"""The ingestion function, called with the events API Gateway makes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ingestion import MAX_BODY_BYTES, Ingestion
from api.ingestion_handler import ingestion_handler
from api.line_numbers import LINES_PER_KEY, line_numbers
from api.packing import MAX_PACK_BYTES
from connectors.record_sink import (
    BatchLimits,
    Delivery,
    MemoryRecordSink,
    Record,
    RecordSink,
    UndeliveredError,
)
from invoices.contract import FIRST_KEYED_LINE_NO, MAX_LINE_NO
from invoices.line import InvoiceLine
from invoices.record import decode_record
from tests.api_cases import (
    SECRET_WORDS,
    Called,
    FunctionCaller,
    Json,
    proxy_event,
    shaped_event,
    wire_line,
)

JSON = {"Content-Type": "application/json"}


@dataclass
class BusySink:
    """A stream that takes nothing."""

    limits: BatchLimits = field(default_factory=lambda: MemoryRecordSink().limits)

    def put(self, records: Sequence[Record]) -> Delivery:
        raise UndeliveredError("gave up", Delivery((None,) * len(records)))

    def close(self) -> None:
        pass


class BrokenSink(BusySink):
    """One with a fault of its own."""

    def put(self, records: Sequence[Record]) -> Delivery:
        raise ZeroDivisionError(SECRET_WORDS[1])


@dataclass
class Service:
    """The function over a sink."""

    sink: RecordSink = field(default_factory=MemoryRecordSink)

    def __post_init__(self) -> None:
        self._caller = FunctionCaller(lambda seen: ingestion_handler(Ingestion(self.sink), seen))

    def post(self, body: object, headers: dict[str, str] | None = None) -> Called:
        text = body if isinstance(body, str) else json.dumps(body)
        return self._caller.call(
            proxy_event("POST", "/invoice-lines", body=text, headers=JSON | (headers or {}))
        )

    def call(self, event: Json) -> Called:
        return self._caller.call(event)

    @property
    def records(self) -> list[Record]:
        assert isinstance(self.sink, MemoryRecordSink)
        return [record for _, record in self.sink.records]

    @property
    def lines(self) -> list[InvoiceLine]:
        entries = [entry for record in self.records for entry in decode_record(record.data)]
        return [entry for entry in entries if isinstance(entry, InvoiceLine)]


def reasons(called: Called) -> list[tuple[object, ...]]:
    """Of each refused line: its place, why, and the field."""
    entries = called.json["rejected" if called.status == 202 else "errors"]
    assert isinstance(entries, list)
    return [(entry["index"], entry["reason"], entry["field"]) for entry in entries]


def test_one_line_is_put_on_the_stream_as_it_came() -> None:
    service = Service()
    called = service.post(wire_line(InvoiceNo="700001", LineNo=3))
    assert called.status == 202
    assert called.json == {
        "accepted": 1,
        "lines": [{"index": 0, "invoice_no": "700001", "line_no": 3}],
        "rejected": [],
    }
    assert [record.partition_key for record in service.records] == ["700001"]
    assert json.loads(service.records[0].data) == wire_line(
        InvoiceNo="700001", LineNo=3, UnitPrice=2.55
    )


def test_lines_of_an_invoice_travel_together_and_none_is_lost() -> None:
    service = Service()
    body = [wire_line(InvoiceNo=str(700_000 + n % 3), LineNo=n + 1) for n in range(500)]
    called = service.post(body)
    assert called.json["accepted"] == 500
    assert {(line.invoice_no, line.line_no) for line in service.lines} == {
        (line["InvoiceNo"], line["LineNo"]) for line in body
    }
    assert len(service.records) < 20
    assert max(len(record.data) for record in service.records) <= MAX_PACK_BYTES


def test_a_line_larger_than_a_pack_travels_alone() -> None:
    service = Service()
    long = "\N{SNOWMAN}" * 1000
    body = [wire_line(LineNo=n + 1, Description=long) for n in range(20)]
    assert service.post(body).json["accepted"] == 20
    assert len(service.lines) == 20


def test_one_bad_line_refuses_no_other() -> None:
    service = Service()
    called = service.post(
        [wire_line(LineNo=1), wire_line(LineNo=2, UnitPrice="1.23456"), wire_line(LineNo=3)]
    )
    assert called.status == 202
    assert called.json["accepted"] == 2
    assert reasons(called) == [(1, "too_many_decimal_places", "UnitPrice")]
    assert called.json["rejected"][0]["pointer"] == "/1/UnitPrice"  # type: ignore[index]
    assert [line.line_no for line in service.lines] == [1, 3]


@pytest.mark.parametrize(
    ("line", "reason", "named"),
    [
        (wire_line(Quantity=...), "missing_field", "Quantity"),
        (wire_line(LineNo=...), "missing_field", "LineNo"),
        (wire_line(Quantity="6"), "wrong_type", "Quantity"),
        (wire_line(Quantity=2**31), "out_of_range", "Quantity"),
        (wire_line(LineNo=0), "out_of_range", "LineNo"),
        (wire_line(InvoiceNo=536365), "wrong_type", "InvoiceNo"),
        (wire_line(StockCode=""), "empty_text", "StockCode"),
        (wire_line(Country="x" * 101), "too_long", "Country"),
        (wire_line(InvoiceDate="2011-02-30T00:00:00"), "invalid_date", "InvoiceDate"),
        (wire_line(Description="a\0b"), "invalid_text", "Description"),
        (wire_line(SchemaVersion=2), "unsupported_version", "SchemaVersion"),
        (wire_line(CustomerId="17850"), "unknown_field", "CustomerId"),
        (wire_line(Description="a\N{REPLACEMENT CHARACTER}b"), "not_utf8", "Description"),
        ([], "not_a_line", None),
        (None, "not_a_line", None),
    ],
)
def test_a_refused_line_names_its_field_and_why(
    line: object, reason: str, named: str | None
) -> None:
    service = Service()
    called = service.post(json.dumps([line], ensure_ascii=False))
    assert called.status == 422
    assert called.headers["Content-Type"] == "application/problem+json"
    assert called.json["type"] == "urn:invoice-stream:problem:no-good-line"
    assert reasons(called) == [(0, reason, named)]
    assert service.records == []


def test_of_a_single_line_the_pointer_has_no_index() -> None:
    called = Service().post(wire_line(Quantity=None))
    assert called.json["errors"][0]["pointer"] == "/Quantity"  # type: ignore[index]


def test_a_replacement_character_that_was_meant_is_taken_when_escaped() -> None:
    called = Service().post([wire_line(Description="a\N{REPLACEMENT CHARACTER}b")])
    assert called.status == 202


def test_two_lines_of_one_identity_must_be_the_same() -> None:
    service = Service()
    called = service.post([wire_line(), wire_line(), wire_line(Quantity=7)])
    assert called.json["accepted"] == 2
    assert reasons(called) == [(2, "conflict", "LineNo")]


@pytest.mark.parametrize(
    "body", ["", "{", "[1,", "5", '"x"', "null", "[]", "[" * 500 + "]" * 500, "[NaN]"]
)
def test_a_body_that_is_no_line_nor_lines_is_a_400(body: str) -> None:
    called = Service().post(body)
    assert (called.status, called.json["type"]) == (
        400,
        "urn:invoice-stream:problem:malformed-body",
    )


def test_501_lines_are_refused_whole() -> None:
    service = Service()
    called = service.post([wire_line(LineNo=n + 1) for n in range(501)])
    assert called.status == 400
    assert "1 to 500" in str(called.json["detail"])
    assert service.records == []


def test_a_body_over_the_limit_is_a_413() -> None:
    called = Service().post(" " * (MAX_BODY_BYTES + 1))
    assert called.status == 413


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", "?"],
)
def test_what_is_not_said_to_be_json_in_utf8_is_a_415(content_type: str) -> None:
    assert Service().post(wire_line(), {"Content-Type": content_type}).status == 415


def test_json_may_be_said_in_any_way_or_not_at_all() -> None:
    for headers in (
        {"content-type": "application/json"},
        {"Content-Type": "Application/JSON; charset=UTF-8"},
        {},
    ):
        event = proxy_event("POST", "/x", body=json.dumps(wire_line()), headers=headers)
        assert Service().call(event).status == 202


def test_another_method_is_a_405_that_names_the_one() -> None:
    called = Service().call(proxy_event("PUT", "/invoice-lines", body="{}", headers=JSON))
    assert (called.status, called.headers["Allow"]) == (405, "POST")


def test_when_the_stream_is_busy_the_caller_is_asked_to_send_the_same_again() -> None:
    called = Service(BusySink()).post(wire_line())
    assert called.status == 503
    assert int(called.headers["Retry-After"]) > 0
    assert "send the same request again" in str(called.json["detail"])


def test_a_fault_of_ours_is_a_500_that_tells_nothing() -> None:
    called = Service(BrokenSink()).post(wire_line())
    assert called.status == 500
    assert "Traceback" not in called.body
    assert "ZeroDivisionError" not in called.body
    assert "ZeroDivisionError" in called.log
    assert "test_api_ingestion.py" in called.log


def test_nothing_of_a_request_is_logged_whatever_becomes_of_it() -> None:
    line = wire_line(CustomerID=SECRET_WORDS[0], Description=SECRET_WORDS[1])
    headers = {"Authorization": "Bearer eyJhbGciOi", "Idempotency-Key": "BLUE ENAMEL TEAPOT"}
    for service in (Service(), Service(BusySink()), Service(BrokenSink())):
        logs = [service.post(body).log for body in (line, [line, {}], [line] * 501, "{")]
        logs.append(service.post(line, headers).log)
        logs.append(service.call(proxy_event("PUT", "/invoice-lines", headers=headers)).log)
        for log in logs:
            assert log
            assert not [word for word in SECRET_WORDS if word in log]


def test_metrics_count_lines_by_what_became_of_them() -> None:
    log = Service().post([wire_line(), {}]).log
    emitted = {}
    for text in log.splitlines():
        emitted.update(json.loads(text))
    assert (emitted["LinesAccepted"], emitted["LinesRejected"]) == ([1.0], [1.0])


def test_a_line_without_a_number_gets_one_from_the_key_and_its_place() -> None:
    service = Service()
    body = [wire_line(LineNo=...), wire_line(LineNo=7), wire_line(LineNo=...)]
    first = service.post(body, {"Idempotency-Key": "order-1"})
    again = service.post(body, {"Idempotency-Key": "order-1"})
    other = service.post(body, {"Idempotency-Key": "order-2"})
    assert first.json == again.json
    numbers = [line["line_no"] for line in first.json["lines"]]  # type: ignore[attr-defined]
    assert numbers[1] == 7
    assert numbers[2] == numbers[0] + 2
    assert numbers[0] >= FIRST_KEYED_LINE_NO
    assert other.json != first.json


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "é", "a b"])
def test_a_bad_idempotency_key_is_a_400_that_names_the_header(key: str) -> None:
    called = Service().post(wire_line(LineNo=...), {"Idempotency-Key": key})
    assert called.status == 400
    assert called.json["errors"][0]["parameter"] == "Idempotency-Key"  # type: ignore[index]


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=255))
def test_keyed_numbers_are_in_a_range_of_their_own(key: str) -> None:
    number = line_numbers(key)
    assert number(0) >= FIRST_KEYED_LINE_NO
    assert number(LINES_PER_KEY - 1) <= MAX_LINE_NO
    assert [number(index) - number(0) for index in range(500)] == list(range(500))


def test_both_kinds_of_event_are_the_same_request() -> None:
    body = json.dumps([wire_line(LineNo=...), {"é": 1}], ensure_ascii=False)
    headers = {"Content-Type": "application/json", "Idempotency-Key": "order-1"}
    by_template = Service().call(shaped_event(body, headers))
    by_proxy = Service().call(proxy_event("POST", "/invoice-lines", body=body, headers=headers))
    assert (by_template.status, by_template.json) == (by_proxy.status, by_proxy.json)
    assert by_template.headers == by_proxy.headers


def test_an_answer_to_a_shaped_event_is_unfolded_by_the_response_template() -> None:
    handler = FunctionCaller(lambda seen: ingestion_handler(Ingestion(BusySink()), seen))
    called = handler.call(shaped_event(json.dumps(wire_line())))
    assert (called.status, called.headers["Retry-After"]) == (503, "2")
