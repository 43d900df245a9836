"""Only what Kinesis did not accept is sent again, for a bounded time, then given up aloud."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from threading import Timer
from typing import TYPE_CHECKING, TypeAlias, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from connectors.kinesis import KinesisRecordSink, RetryPolicy
from connectors.kinesis_connection import StreamAddress
from connectors.record_sink import SinkError, UndeliveredError

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient

Call: TypeAlias = Sequence[Mapping[str, object]]
Answer: TypeAlias = Callable[[Call], Mapping[str, object]]

FAST = RetryPolicy(first_seconds=0.001, longest_seconds=0.002, give_up_seconds=0.1)
ADDRESS = StreamAddress("invoice-lines", endpoint_url="http://127.0.0.1:9")


@dataclass(frozen=True, slots=True)
class Sent:
    """A record to send."""

    partition_key: str
    data: bytes = b"line"


@dataclass
class Client:
    """Kinesis as far as the sink sees it: answers as it is told, the last answer for ever."""

    answers: list[Answer]
    calls: list[Call] = field(default_factory=list)

    def put_records(self, StreamName: str, Records: Call) -> Mapping[str, object]:  # noqa: N803
        assert StreamName == ADDRESS.stream
        self.calls.append(Records)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer(Records)

    @property
    def keys(self) -> list[list[object]]:
        """Keys of the records of each call."""
        return [[record["PartitionKey"] for record in call] for call in self.calls]


def accepts(*, but: Mapping[str, str] | None = None) -> Answer:
    """Accepts all records but those of these keys, which get the error code named."""
    codes = but or {}

    def answer(call: Call) -> Mapping[str, object]:
        entries = [entry_of(str(record["PartitionKey"]), codes) for record in call]
        return {"FailedRecordCount": len(codes), "Records": entries}

    return answer


def entry_of(key: str, codes: Mapping[str, str]) -> Mapping[str, str]:
    if key in codes:
        return {"ErrorCode": codes[key], "ErrorMessage": "slow down"}
    return {"ShardId": "shardId-000000000000", "SequenceNumber": f"1{key}"}


def raises(error: Exception) -> Answer:
    def answer(_: Call) -> Mapping[str, object]:
        raise error

    return answer


def service_error(code: str, status: int = 400) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": "as it says\nand more"},
            "ResponseMetadata": {
                "HTTPStatusCode": status,
                "RequestId": "",
                "HTTPHeaders": {},
                "RetryAttempts": 0,
                "HostId": "",
            },
        },
        "PutRecords",
    )


def sink(client: Client, retry: RetryPolicy = FAST) -> KinesisRecordSink:
    return KinesisRecordSink(cast("KinesisClient", client), ADDRESS, retry)


ABC = [Sent("a"), Sent("b"), Sent("c")]


def places(client_sink: KinesisRecordSink) -> list[str | None]:
    placements = client_sink.put(ABC).placements
    return [None if place is None else place.sequence_number for place in placements]


def test_only_failed_records_are_sent_again_and_each_keeps_its_place() -> None:
    client = Client(
        [
            accepts(but={"a": "ProvisionedThroughputExceededException", "c": "InternalFailure"}),
            accepts(but={"c": "ProvisionedThroughputExceededException"}),
            accepts(),
        ]
    )
    delivery = sink(client).put(ABC)
    assert client.keys == [["a", "b", "c"], ["a", "c"], ["c"]]
    assert [place and place.sequence_number for place in delivery.placements] == ["1a", "1b", "1c"]
    assert (delivery.retried, delivery.throttled) == (3, 2)


PASSING = [
    service_error("ProvisionedThroughputExceededException"),
    service_error("LimitExceededException"),
    service_error("Whatever", status=503),
    EndpointConnectionError(endpoint_url="http://127.0.0.1:9"),
    ReadTimeoutError(endpoint_url="http://127.0.0.1:9"),
]


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
def test_a_call_that_fails_for_a_while_is_made_again_whole(error: Exception) -> None:
    client = Client([raises(error), raises(error), accepts()])
    assert places(sink(client)) == ["1a", "1b", "1c"]
    assert client.keys == [["a", "b", "c"]] * 3


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ResourceNotFoundException", "no stream invoice-lines at http://127.0.0.1:9"),
        ("ExpiredTokenException", "does not accept the credentials (ExpiredTokenException)"),
        ("ValidationException", "answers ValidationException: as it says"),
    ],
)
def test_an_error_that_will_not_pass_ends_it_at_once(code: str, message: str) -> None:
    client = Client([accepts(but={"b": "InternalFailure"}), raises(service_error(code))])
    with pytest.raises(UndeliveredError) as error:
        sink(client).put(ABC)
    assert message in str(error.value)
    assert str(error.value).endswith("; 1 of 3 records are unsent")
    assert "\n" not in str(error.value)
    assert [place is None for place in error.value.delivery.placements] == [False, True, False]


def test_it_gives_up_after_a_time_in_which_nothing_was_accepted() -> None:
    client = Client([accepts(but={"a": "InternalFailure", "b": "InternalFailure"})])
    start = time.monotonic()
    with pytest.raises(UndeliveredError) as error:
        sink(client).put(ABC)
    assert 0.1 <= time.monotonic() - start < 20
    assert str(error.value) == (
        "gave up after 0.1 s in which Kinesis at http://127.0.0.1:9 took nothing"
        " (InternalFailure: slow down); 2 of 3 records are unsent"
    )
    assert error.value.delivery.retried >= 2


def test_it_goes_on_as_long_as_something_is_accepted() -> None:
    """A throttled stream that takes a record now and then is slow, not dead."""
    many = [Sent(f"{number:03d}") for number in range(40)]

    def takes_one(call: Call) -> Mapping[str, object]:
        time.sleep(0.04)
        rest = {str(record["PartitionKey"]): "InternalFailure" for record in call[1:]}
        return accepts(but=rest)(call)

    delivery = sink(Client([takes_one]), replace(FAST, give_up_seconds=1.0)).put(many)
    assert delivery.unsent == 0


def test_later_calls_of_one_put_have_their_own_time() -> None:
    def slow(call: Call) -> Mapping[str, object]:
        time.sleep(0.7)
        return accepts()(call)

    client = Client([slow, accepts(but={"b": "InternalFailure"}), accepts()])
    patient = replace(FAST, give_up_seconds=0.5)
    delivery = sink(client, patient).put([Sent("a")] * 500 + [Sent("b")])
    assert delivery.unsent == 0


def test_waits_grow_and_differ() -> None:
    at: list[float] = []

    def note(call: Call) -> Mapping[str, object]:
        at.append(time.monotonic())
        return accepts(but={"a": "InternalFailure"})(call)

    retry = RetryPolicy(first_seconds=0.02, longest_seconds=0.2, give_up_seconds=1.0)
    with pytest.raises(UndeliveredError):
        sink(Client([note]), retry).put([Sent("a")])
    waits = [later - earlier for earlier, later in pairwise(at)]
    assert max(waits) > 0.05
    assert len({round(wait, 4) for wait in waits}) > 3


def test_closing_ends_a_wait() -> None:
    slow = RetryPolicy(first_seconds=30, longest_seconds=30, give_up_seconds=60)
    waiting = sink(Client([accepts(but={"b": "InternalFailure"})]), slow)
    Timer(0.2, waiting.close).start()
    start = time.monotonic()
    with pytest.raises(UndeliveredError, match="1 of 3 records are unsent"):
        waiting.put(ABC)
    assert time.monotonic() - start < 10


def test_a_record_over_the_limit_never_reaches_the_client() -> None:
    client = Client([accepts()])
    with pytest.raises(SinkError, match="a stream takes at most"):
        sink(client).put([*ABC, Sent("d", b"x" * 2**20)])
    assert client.calls == []
