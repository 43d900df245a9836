"""Packing puts an invoice's consecutive lines together, and nothing else."""

from itertools import groupby, pairwise

from hypothesis import given
from hypothesis import strategies as st

from connectors.record_sink import record_bytes
from invoices.contract import MAX_RECORD_LINES
from invoices.record import decode_record
from producer.outgoing import Outgoing
from producer.parcels import MAX_PACK_BYTES, Parcel, one_line_parcels, packed_parcels
from tests.producer_cases import RUNS, lines_of_runs, outgoing


def contents(parcels: list[Parcel]) -> list[Outgoing]:
    return [line for parcel in parcels for line in parcel.lines]


@given(RUNS, st.integers(1, 50), st.integers(300, 5000))
def test_packing_keeps_every_line_in_order_within_the_limits(
    runs: list[tuple[str, int]], max_lines: int, max_bytes: int
) -> None:
    lines = lines_of_runs(runs)
    packed = list(packed_parcels(lines, max_lines, max_bytes))
    assert contents(packed) == lines
    for parcel in packed:
        assert {line.invoice_no for line in parcel.lines} == {parcel.partition_key}
        assert len(parcel.lines) <= max_lines
        assert len(parcel.lines) == 1 or len(parcel.data) <= max_bytes
        decoded = decode_record(parcel.data)
        assert [line.line_no for line in decoded] == [line.line_no for line in parcel.lines]  # type: ignore[union-attr]


@given(RUNS)
def test_a_record_ends_only_where_it_must(runs: list[tuple[str, int]]) -> None:
    lines = lines_of_runs(runs)
    packed = list(packed_parcels(lines, max_lines=10))
    expected = [-(-len(list(run)) // 10) for _, run in groupby(lines, lambda line: line.invoice_no)]
    assert len(packed) == sum(expected)


def test_a_long_invoice_is_cut_at_the_limits_of_the_stream() -> None:
    packed = list(packed_parcels(outgoing(number) for number in range(1, 706)))
    assert sum(len(parcel.lines) for parcel in packed) == 705
    assert all(len(parcel.data) <= MAX_PACK_BYTES for parcel in packed)
    assert len(packed[0].data) > MAX_PACK_BYTES - 400
    assert record_bytes(packed[0]) < 25 * 1024
    short = list(packed_parcels((outgoing(1) for _ in range(1200)), max_bytes=2**20))
    assert [len(parcel.lines) for parcel in short] == [MAX_RECORD_LINES, MAX_RECORD_LINES, 200]


@given(st.lists(st.booleans(), max_size=50))
def test_a_damaged_line_travels_alone(marks: list[bool]) -> None:
    lines = [outgoing(number, damage="bad" if bad else None) for number, bad in enumerate(marks, 1)]
    packed = list(packed_parcels(lines))
    assert contents(packed) == lines
    assert all(len(parcel.lines) == 1 for parcel in packed if parcel.lines[0].damage)
    assert not any(line.damage for parcel in packed for line in parcel.lines[1:])
    good = [all(line.damage is None for line in parcel.lines) for parcel in packed]
    assert not any(one and other for one, other in pairwise(good))


def test_without_packing_a_record_is_a_line() -> None:
    lines = [outgoing(number) for number in range(1, 4)]
    assert [(p.partition_key, p.data, p.lines) for p in one_line_parcels(lines)] == [
        (line.invoice_no, line.data, (line,)) for line in lines
    ]
