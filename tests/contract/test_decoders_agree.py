"""The decoder in the JVM and the one in Python are one: same lines, same reasons, same text."""

import json
import struct
import subprocess
from base64 import b64decode
from collections.abc import Iterator

import pytest
from hypothesis import given, settings

from connectors.flink_tables import contract_json
from invoices.contract import BY_COLUMN
from invoices.line import InvoiceLine, date_text, money_text
from invoices.record import Reject, decode_record, encode_line
from ops.flink_settings import flink_home
from ops.minicluster import JAR
from tests.record_cases import any_records, cases, packed, record

TEST_CLASSES = JAR.parent / "test-classes"
DOCUMENT_COLUMNS = [
    column for column in BY_COLUMN if column not in {"schema_version", "invoice_no"}
]


class JavaDecoder:
    """The decoder of ``connectors/src/main/java`` in a JVM of its own."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._requests = process.stdin
        self._answers = process.stdout

    def decode(self, payload: bytes) -> list[dict[str, object]]:
        self._requests.write(struct.pack(">i", len(payload)) + payload)
        self._requests.flush()
        (size,) = struct.unpack(">i", self._answers.read(4))
        answer: list[dict[str, object]] = json.loads(self._answers.read(size))
        return answer


@pytest.fixture(scope="module")
def java(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JavaDecoder]:
    contract = tmp_path_factory.mktemp("contract") / "contract.json"
    contract.write_text(contract_json(), encoding="utf-8")
    class_path = f"{TEST_CLASSES}:{JAR}:{flink_home()}/lib/*"
    command = ["java", "-Xmx128m", "-XX:+UseSerialGC", "-cp", class_path]
    with subprocess.Popen(
        [*command, "io.invoicestream.flink.DecodeLoop", str(contract)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        yield JavaDecoder(process)


def in_python(payload: bytes) -> list[dict[str, object]]:
    """What Python makes of a record, in the form the JVM answers in."""
    return [_answer(entry) for entry in decode_record(payload)]


def _answer(entry: InvoiceLine | Reject) -> dict[str, object]:
    if isinstance(entry, Reject):
        return {
            "reason": entry.reason.value,
            "detail": entry.detail,
            "element": entry.element,
        }
    document = entry._asdict() | {
        "invoice_date": date_text(entry.invoice_date),
        "unit_price": money_text(entry.unit_price),
    }
    return {
        "line": encode_line(entry).decode(),
        "document": [document[column] for column in DOCUMENT_COLUMNS],
    }


def in_java(java: JavaDecoder, payload: bytes) -> list[dict[str, object]]:
    answers = java.decode(payload)
    for answer in answers:
        answer.pop("payload", None)
    return answers


def test_on_every_case(java: JavaDecoder) -> None:
    for payload, _ in cases():
        assert in_java(java, payload) == in_python(payload), payload[:200]


@settings(max_examples=1000)
@given(payload=any_records)
def test_on_anything(java: JavaDecoder, payload: bytes) -> None:
    assert in_java(java, payload) == in_python(payload)


def test_a_rejected_element_keeps_its_own_bytes(java: JavaDecoder) -> None:
    element = record(Quantity='"6"', Extra="[ 1 ]")
    payload = packed(record(), b" " + element + b" ", b"7")
    slices = [str(answer["payload"]) for answer in java.decode(payload) if "reason" in answer]
    assert list(map(b64decode, slices)) == [element, b"7"]
