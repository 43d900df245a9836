"""Two tables compared by key: what is missing, what is there besides, what differs.

Columnar, so that hundreds of thousands of lines take a second. Only keys are
joined; contents are compared column by column where the keys meet.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that is not as it must be.

    Attributes:
        check: The check that found it, such as ``source = lines/ + rejected/``.
        kind: ``missing``, ``unexpected``, ``repeated``, ``different``, or
            ``unreadable``.
        key: What it is about, such as ``536365/3``.
        detail: One line for people.
    """

    check: str
    kind: str
    key: str
    detail: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of two tables.

    Attributes:
        name: For people: ``lines/``.
        table: Its rows, each key once; in one chunk.
    """

    name: str
    table: pa.Table


@dataclass(frozen=True, slots=True)
class Difference:
    """What a comparison found.

    Attributes:
        missing: Keys that only the expected side has.
        unexpected: Keys that only the actual side has.
        repeated: Keys the actual side has more than once.
        different: Keys both have, with other contents, and what differs.
    """

    missing: pa.Table
    unexpected: pa.Table
    repeated: pa.Table
    different: list[tuple[str, str]]


def compare(expected: Side, actual: Side, key: Sequence[str], columns: Sequence[str]) -> Difference:
    """Compare rows by key.

    Args:
        expected: What is held to be right.
        actual: What is tested.
        key: Columns that identify a row on both sides.
        columns: Columns whose contents must be equal; null equals null.
    """
    joined = _join(expected.table, actual.table, key)
    both = joined.filter(pc.and_(pc.is_valid(joined["left"]), pc.is_valid(joined["right"])))
    return Difference(
        missing=_rows(expected.table, joined, "left", "right", key),
        unexpected=_rows(actual.table, joined, "right", "left", key),
        repeated=_repeated(actual.table, key),
        different=_different(expected, actual, both, key, columns),
    )


def _join(left: pa.Table, right: pa.Table, key: Sequence[str]) -> pa.Table:
    """Row numbers of both sides for every key; null where a side has none.

    In one chunk: pyarrow 11 crashes when it joins or groups columns cut differently.
    """
    return (
        _numbered(left, "left", key)
        .join(_numbered(right, "right", key), keys=list(key), join_type="full outer")
        .combine_chunks()
    )


def _numbered(table: pa.Table, name: str, key: Sequence[str]) -> pa.Table:
    numbers = pa.array(range(table.num_rows), pa.int64())
    return table.select(list(key)).append_column(name, numbers).combine_chunks()


def _rows(table: pa.Table, joined: pa.Table, have: str, lack: str, key: Sequence[str]) -> pa.Table:
    only = joined.filter(pc.and_(pc.is_valid(joined[have]), pc.is_null(joined[lack])))
    found = table.select(list(key)).take(only[have])
    return found.sort_by([(name, "ascending") for name in key])


def _repeated(table: pa.Table, key: Sequence[str]) -> pa.Table:
    counted = _numbered(table, "at", key).group_by(list(key)).aggregate([("at", "count")])
    return counted.filter(pc.greater(counted["at_count"], 1)).select(list(key))


def _different(
    expected: Side, actual: Side, both: pa.Table, key: Sequence[str], columns: Sequence[str]
) -> list[tuple[str, str]]:
    details: dict[str, list[str]] = {}
    keys = expected.table.select(list(key)).take(both["left"])
    for name in columns:
        one = expected.table[name].take(both["left"])
        other = actual.table[name].take(both["right"])
        differs = pc.invert(_equal(one, other))
        rows = zip(
            key_texts(keys.filter(differs), key),
            one.filter(differs).to_pylist(),
            other.filter(differs).to_pylist(),
            strict=True,
        )
        for text, left, right in rows:
            detail = f"{name} is {left!s} in {expected.name}, {right!s} in {actual.name}"
            details.setdefault(text, []).append(detail)
    return [(text, "; ".join(details[text])) for text in sorted(details)]


def _equal(one: pa.ChunkedArray, other: pa.ChunkedArray) -> pa.ChunkedArray:
    neither = pc.and_(pc.is_null(one), pc.is_null(other))
    return pc.or_(pc.fill_null(pc.equal(one, other), False), neither)


def key_texts(table: pa.Table, key: Sequence[str]) -> list[str]:
    """Keys as people write them: ``536365/3``."""
    columns = [table[name].to_pylist() for name in key]
    return ["/".join(map(str, values)) for values in zip(*columns, strict=True)]


def mismatches(
    check: str, difference: Difference, expected: Side, actual: Side, key: Sequence[str]
) -> list[Mismatch]:
    """The whole difference as mismatches: every kind of it is an error."""
    kinds = {
        "missing": (difference.missing, f"in {expected.name}, not in {actual.name}"),
        "unexpected": (difference.unexpected, f"in {actual.name}, not in {expected.name}"),
        "repeated": (difference.repeated, f"more than once in {actual.name}"),
    }
    found = [
        Mismatch(check, kind, text, detail)
        for kind, (keys, detail) in kinds.items()
        for text in key_texts(keys, key)
    ]
    different = [
        Mismatch(check, "different", text, detail) for text, detail in difference.different
    ]
    return found + different
