"""The decoder in the JVM and the one in Python are one: same lines, same reasons, same text."""

from base64 import b64decode
from collections.abc import Iterator
from typing import cast

import pytest
from hypothesis import given, settings

from invoices.contract import BY_COLUMN
from invoices.line import InvoiceLine, date_text, money_text
from invoices.record import Reject, decode_record, encode_line
from tests.java_process import JavaProcess, java_process
from tests.record_cases import any_records, cases, packed, record

DOCUMENT_COLUMNS = [
    column for column in BY_COLUMN if column not in {"schema_version", "invoice_no"}
]


@pytest.fixture(scope="module")
def java(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JavaProcess]:
    with java_process("DecodeLoop", tmp_path_factory.mktemp("decoder")) as process:
        yield process


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


def in_java(java: JavaProcess, payload: bytes) -> list[dict[str, object]]:
    return [_without_payload(entry) for entry in entries(java, payload)]


def entries(java: JavaProcess, payload: bytes) -> list[dict[str, object]]:
    java.send(payload)
    return cast(list[dict[str, object]], java.answer())


def _without_payload(entry: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in entry.items() if name != "payload"}


def test_on_every_case(java: JavaProcess) -> None:
    for payload, _ in cases():
        assert in_java(java, payload) == in_python(payload), payload[:200]


@settings(max_examples=1000)
@given(payload=any_records)
def test_on_anything(java: JavaProcess, payload: bytes) -> None:
    assert in_java(java, payload) == in_python(payload)


def test_a_rejected_element_keeps_its_own_bytes(java: JavaProcess) -> None:
    element = record(Quantity='"6"', Extra="[ 1 ]")
    payload = packed(record(), b" " + element + b" ", b"7")
    slices = [str(answer["payload"]) for answer in entries(java, payload) if "reason" in answer]
    assert list(map(b64decode, slices)) == [element, b"7"]
