"""A stream that cannot be sent to is found out at once, and said in one line."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TypeAlias

import pytest

from connectors import kinesis_connection
from connectors.kinesis import KinesisRecordSink, RetryPolicy
from connectors.kinesis_connection import StreamAddress, connect
from connectors.record_sink import Delivery, SinkError, UndeliveredError

Answer: TypeAlias = tuple[int, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Sent:
    """A record to send."""

    partition_key: str
    data: bytes = b"line"


@dataclass
class Service:
    """An HTTP server that answers as Kinesis would; the last answer of an action for ever."""

    answers: dict[str, list[Answer]]
    asked: list[str] = field(default_factory=list)

    def answer(self, action: str) -> Answer:
        self.asked.append(action)
        answers = self.answers[action]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    @contextmanager
    def running(self) -> Iterator[StreamAddress]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                action = self.headers["X-Amz-Target"].partition(".")[2]
                status, body = service.answer(action)
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_address[1]}"
            yield StreamAddress("invoice-lines", "eu-west-1", url)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def status(name: str) -> Answer:
    return 200, {"StreamDescriptionSummary": {"StreamStatus": name}}


def refusal(code: str, http_status: int = 400) -> Answer:
    return http_status, {"__type": code, "message": "as it says"}


def service(*answers: Answer) -> Service:
    return Service({"DescribeStreamSummary": list(answers)})


@pytest.mark.parametrize("name", ["ACTIVE", "UPDATING"])
def test_a_stream_that_takes_records_is_reached(name: str) -> None:
    one = service(status(name))
    with one.running() as address:
        connect(address)
    assert one.asked == ["DescribeStreamSummary"]


def test_a_stream_that_is_being_created_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinesis_connection, "_POLL_SECONDS", 0.01)
    one = service(status("CREATING"), status("CREATING"), status("ACTIVE"))
    with one.running() as address:
        connect(address)
    assert len(one.asked) == 3


def test_a_stream_that_is_being_deleted_is_an_error() -> None:
    with (
        service(status("DELETING")).running() as address,
        pytest.raises(SinkError, match="stream invoice-lines takes no records: it is DELETING"),
    ):
        connect(address)


def test_a_fault_that_passes_is_waited_out() -> None:
    one = service(
        refusal("InternalFailure", 500), refusal("LimitExceededException"), status("ACTIVE")
    )
    with one.running() as address:
        connect(address)
    assert len(one.asked) == 3


def test_whoever_may_send_but_not_ask_is_let_through() -> None:
    with service(refusal("AccessDeniedException")).running() as address:
        connect(address)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (refusal("ResourceNotFoundException"), "no stream invoice-lines at http://127.0.0.1:"),
        (
            refusal("UnrecognizedClientException"),
            "does not accept the credentials (UnrecognizedClientException): as it says",
        ),
        (refusal("InvalidSignatureException"), "does not accept the credentials"),
        (refusal("ValidationException"), "answers ValidationException: as it says"),
        ((404, {"detail": "no Kinesis here"}), "answers 404"),
    ],
)
def test_what_will_not_pass_is_said_in_one_line(answer: Answer, message: str) -> None:
    with service(answer).running() as address, pytest.raises(SinkError) as error:
        connect(address)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_nobody_there_is_found_out_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinesis_connection, "REACH_SECONDS", 0.1)
    with service(status("ACTIVE")).running() as address:
        pass
    with pytest.raises(SinkError, match=f"cannot reach Kinesis at {address.endpoint_url}: is it"):
        connect(address)


def test_an_address_that_is_none_is_an_error() -> None:
    with pytest.raises(SinkError, match="nowhere is not an endpoint's address"):
        connect(StreamAddress("invoice-lines", "eu-west-1", "nowhere"))


def test_without_a_region_it_says_where_to_name_one() -> None:
    with pytest.raises(SinkError, match="no region: name one with --region or in AWS_REGION"):
        connect(StreamAddress("invoice-lines"))


def test_without_credentials_it_says_which_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)  # it remembers credentials it saw before
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with service(status("ACTIVE")).running() as address, pytest.raises(SinkError) as error:
        connect(address)
    assert "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in str(error.value)
    with service(status("ACTIVE")).running() as address:
        connect(replace(address, access_key_id="local", secret_access_key="local"))


def test_the_sink_alone_decides_about_tries() -> None:
    """A fault is one request on the wire: botocore does not try again by itself."""
    one = Service(
        {
            "DescribeStreamSummary": [status("ACTIVE")],
            "PutRecords": [refusal("InternalFailure", 500)],
        }
    )
    no_second = RetryPolicy(give_up_seconds=0)
    with one.running() as address:
        sink = KinesisRecordSink(connect(address), address, no_second)
        with pytest.raises(UndeliveredError) as error:
            sink.put([Sent("k")])
    assert error.value.delivery == Delivery((None,))
    assert one.asked.count("PutRecords") == 1
