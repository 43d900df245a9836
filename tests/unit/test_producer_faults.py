"""Faults on purpose change what they say and nothing else."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.contract import RejectReason
from invoices.record import Reject, decode_record, encode_line
from producer.damage import DAMAGES, Damage
from producer.faults import Faults, corrupted, duplicated, shuffled
from producer.outgoing import Outgoing
from tests.producer_cases import GOOD_LINE, LINES, outgoing

SEEDS = st.integers(0, 2**32)
COUNTS = st.integers(0, 300)


def lines(count: int) -> list[Outgoing]:
    return [outgoing(number) for number in range(1, count + 1)]


def rows(given_lines: list[Outgoing]) -> list[int]:
    return [line.row for line in given_lines]


@given(COUNTS, st.integers(2, 100), SEEDS)
def test_shuffling_moves_every_line_by_less_than_the_window(
    count: int, window: int, seed: int
) -> None:
    mixed = list(shuffled(lines(count), window, Random(seed)))
    assert sorted(rows(mixed)) == list(range(1, count + 1))
    assert all(abs(place - row) < window for place, row in enumerate(rows(mixed), 1))


def test_shuffling_does_change_the_order() -> None:
    mixed = rows(list(shuffled(lines(1000), 500, Random(1))))
    moved = [abs(place - row) for place, row in enumerate(mixed, 1)]
    assert sum(moved) / len(moved) > 50


@given(COUNTS, st.floats(0, 1), st.integers(1, 50), SEEDS)
def test_duplicating_only_adds_copies_that_follow_soon(
    count: int, share: float, max_delay: int, seed: int
) -> None:
    sent = list(duplicated(lines(count), share, Random(seed), max_delay))
    assert [line for line in sent if not line.copied] == lines(count)
    originals = 0
    positions: dict[int, int] = {}
    for line in sent:
        if line.copied:
            assert line._replace(copied=False) == outgoing(line.row)
            assert 0 <= originals - 1 - positions[line.row] < max_delay
        else:
            positions[line.row] = originals
            originals += 1


def test_the_share_of_duplicates_is_the_one_asked_for() -> None:
    sent = list(duplicated(lines(10_000), 0.05, Random(1)))
    assert 400 < len(sent) - 10_000 < 600
    assert max(Counter(rows(sent)).values()) == 2


def test_a_damaged_line_is_sent_instead_of_the_good_one_and_once() -> None:
    sent = list(Faults(duplicate=1.0, corrupt=0.5, seed=3).apply(lines(1000)))
    times = Counter(rows(sent))
    damaged = {line.row for line in sent if line.damage is not None}
    assert 400 < len(damaged) < 600
    assert all(times[row] == (1 if row in damaged else 2) for row in range(1, 1001))
    assert all(line.data != outgoing(line.row).data for line in sent if line.damage is not None)


def test_the_same_seed_makes_the_same_faults_and_another_others() -> None:
    faults = Faults(0.1, 50, 0.1, seed=7)
    assert list(faults.apply(lines(500))) == list(faults.apply(lines(500)))
    assert list(faults.apply(lines(500))) != list(Faults(0.1, 50, 0.1, seed=8).apply(lines(500)))


def test_one_fault_does_not_change_another() -> None:
    alone = Faults(corrupt=0.1, seed=7).apply(lines(500))
    together = Faults(duplicate=0.3, shuffle=50, corrupt=0.1, seed=7).apply(lines(500))
    damaged = {(line.row, line.data) for line in together if line.damage}
    assert damaged == {(line.row, line.data) for line in alone if line.damage}


def test_without_faults_lines_pass_as_they_are() -> None:
    assert list(Faults().apply(lines(10))) == lines(10)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
@given(line=LINES, seed=SEEDS)
def test_a_damaged_line_is_certain_to_be_set_aside_for_its_reason(
    damage: Damage, line: object, seed: int
) -> None:
    data = encode_line(line)  # type: ignore[arg-type]
    (decoded,) = decode_record(damage.apply(data, Random(seed)))
    assert isinstance(decoded, Reject)
    assert decoded.reason is damage.reason


def test_there_is_a_damage_for_every_reason_a_line_alone_can_give() -> None:
    assert {damage.reason for damage in DAMAGES} == set(RejectReason) - {RejectReason.CONFLICT}
    assert len({damage.name for damage in DAMAGES}) == len(DAMAGES)


def test_all_damages_are_drawn() -> None:
    many = [outgoing(number) for number in range(1, 2000)]
    assert {line.damage for line in corrupted(many, 1.0, Random(1))} == {d.name for d in DAMAGES}
    assert encode_line(GOOD_LINE) == outgoing(1).data
