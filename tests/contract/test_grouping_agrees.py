"""Grouping in the JVM and in Python are one, whatever the order, repeats, cuts and crashes."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invoices.invoice import group_lines
from invoices.line import InvoiceLine, date_text, money_text
from invoices.record import encode_line
from tests.java_process import JavaProcess, java_process

TICK, CHECKPOINT, CRASH = b"tick", b"checkpoint", b"crash"
Event = InvoiceLine | bytes

lines = st.builds(
    InvoiceLine,
    schema_version=st.just(1),
    invoice_no=st.sampled_from(["536365", "C536379", "A563185"]),
    line_no=st.integers(1, 30),
    stock_code=st.sampled_from(["85123A", "M", "S", "POST"]),
    description=st.sampled_from([None, "WHITE LANTERN", 'É "quoted"\n']),
    quantity=st.sampled_from([6, -1, 0, 2**31 - 1]),
    invoice_date=st.sampled_from([datetime(2010, 12, 1, 8, 26), datetime(2010, 12, 1, 8, 27)]),
    unit_price=st.sampled_from([Decimal("2.5500"), Decimal("9999999999.9999"), Decimal("0.0010")]),
    customer_id=st.sampled_from([None, "17850"]),
    country=st.just("United Kingdom"),
    extras=st.sampled_from([None, '{"Channel":"web"}']),
)

events = st.lists(lines | st.sampled_from([TICK, CHECKPOINT, CRASH]), max_size=60)


@pytest.fixture(scope="module")
def java(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JavaProcess]:
    with java_process("GroupLoop", tmp_path_factory.mktemp("grouping")) as process:
        yield process


def emitted(java: JavaProcess, events: Sequence[Event]) -> dict[str, list[Any]]:
    """What the operator emits and commits; a crash brings lines again from the checkpoint on."""
    since_checkpoint: list[InvoiceLine] = []
    for event in events:
        if isinstance(event, InvoiceLine):
            since_checkpoint.append(event)
            java.send(encode_line(event))
            continue
        java.send(event)
        if event == CHECKPOINT:
            since_checkpoint.clear()
        if event == CRASH:
            for line in since_checkpoint:
                java.send(encode_line(line))
    java.send(b"end")
    by_kind: defaultdict[str, list[Any]] = defaultdict(list)
    for kind, *values in cast(list[list[Any]], java.answer()):
        by_kind[kind].append(values)
    return by_kind


def only_lines(events: Sequence[Event]) -> list[InvoiceLine]:
    return [event for event in events if isinstance(event, InvoiceLine)]


def document_line(line: InvoiceLine) -> list[object]:
    """A line as the writer of documents gets it."""
    rest = line[3:-1]
    return [line.line_no, *map(_document_value, rest)]


def _document_value(value: object) -> object:
    if isinstance(value, datetime):
        return date_text(value)
    return money_text(value) if isinstance(value, Decimal) else value


@settings(max_examples=300)
@given(events=events)
def test_the_last_revision_is_the_invoice(java: JavaProcess, events: list[Event]) -> None:
    invoices = group_lines(only_lines(events))
    last = {number: values for number, _, *values in emitted(java, events)["revision"]}
    assert last == {
        number: [invoice.revision, invoice.units, f"{invoice.total:.4f}"]
        for number, invoice in invoices.items()
    }


@settings(max_examples=200)
@given(events=events)
def test_every_line_is_accepted_once_or_repeats_or_conflicts(
    java: JavaProcess, events: list[Event]
) -> None:
    first: dict[tuple[str, int], InvoiceLine] = {}
    conflicts: Counter[tuple[str, int]] = Counter()
    for line in only_lines(events):
        conflicts[line.identity] += first.setdefault(line.identity, line) != line
    found = emitted(java, events)
    assert sorted(map(tuple, found["line"])) == sorted(first)
    assert Counter(map(tuple, found["conflict"])) == +conflicts


@settings(max_examples=200)
@given(events=events)
def test_each_document_succeeds_the_one_before(java: JavaProcess, events: list[Event]) -> None:
    held: dict[str, list[list[object]]] = {}
    for number, previous_revision, revision, document_lines in emitted(java, events)["document"]:
        before = held.get(number, [])
        assert previous_revision == len(before)
        assert revision == len(document_lines) > previous_revision
        assert document_lines[:previous_revision] == before
        held[number] = document_lines
    assert {number: sorted(lines) for number, lines in held.items()} == {
        number: list(map(document_line, invoice.lines))
        for number, invoice in group_lines(only_lines(events)).items()
    }
