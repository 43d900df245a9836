"""Records and what every decoder makes of them, and arbitrary ones for Hypothesis.

A case is a record's bytes and its outcomes: ``LINE`` for a good line, else the reason.
"""

import json
import math
from collections.abc import Iterator, Mapping

from hypothesis import strategies as st

from invoices.contract import LINE_FIELDS, MAX_LINE_NO, MAX_RECORD_LINES, RejectReason
from invoices.record import MAX_NESTING, MAX_NUMBER_CHARS

LINE = None
"""The outcome of a good line."""

Outcome = RejectReason | None

GOOD_FIELDS: Mapping[str, str] = {
    "SchemaVersion": "1",
    "InvoiceNo": '"536365"',
    "LineNo": "1",
    "StockCode": '"85123A"',
    "Description": '"WHITE LANTERN"',
    "Quantity": "6",
    "InvoiceDate": '"2010-12-01T08:26:00"',
    "UnitPrice": "2.55",
    "CustomerID": '"17850"',
    "Country": '"United Kingdom"',
}
"""A good line's fields, each as the JSON text of its value."""


def record(changes: Mapping[str, str | None] | None = None, **more: str | None) -> bytes:
    """A line's JSON with some values replaced by other JSON text, None for left out."""
    values = {**GOOD_FIELDS, **(changes or {}), **more}
    fields = (f"{json.dumps(name)}:{value}" for name, value in values.items() if value is not None)
    return f"{{{','.join(fields)}}}".encode()


def packed(*elements: bytes) -> bytes:
    """A packed record of these elements."""
    return b"[" + b",".join(elements) + b"]"


def nested(depth: int) -> str:
    """Arrays in arrays."""
    return "[" * depth + "]" * depth


_R = RejectReason

PRICES: Mapping[str, Outcome] = {
    "0": LINE,
    "-0": LINE,
    "-0.0": LINE,
    "0e99999999999999999999": LINE,
    "-11062.06": LINE,
    "2.5500000": LINE,
    "0.0001": LINE,
    "1e-4": LINE,
    "1E+9": LINE,
    "25.5e-1": LINE,
    "9999999999.9999": LINE,
    "0.0000000000000000001e19": LINE,
    '"2.55"': LINE,
    '"007.50"': LINE,
    '"\\u0032.5"': LINE,
    "0.00001": _R.TOO_MANY_DECIMAL_PLACES,
    "1e-5": _R.TOO_MANY_DECIMAL_PLACES,
    "1e-99999999999999999999": _R.TOO_MANY_DECIMAL_PLACES,
    "12345678901.00001": _R.TOO_MANY_DECIMAL_PLACES,
    "10000000000": _R.OUT_OF_RANGE,
    "1e10": _R.OUT_OF_RANGE,
    "1e99999999999999999999": _R.OUT_OF_RANGE,
    '"' + "0" * MAX_NUMBER_CHARS + '1"': _R.OUT_OF_RANGE,
    "0." + "0" * (MAX_NUMBER_CHARS - 2): LINE,
    "0." + "0" * (MAX_NUMBER_CHARS - 1): _R.MALFORMED_JSON,
    '"NaN"': _R.WRONG_TYPE,
    '"Infinity"': _R.WRONG_TYPE,
    '"1,5"': _R.WRONG_TYPE,
    '" 1"': _R.WRONG_TYPE,
    '"+1"': _R.WRONG_TYPE,
    '".5"': _R.WRONG_TYPE,
    '"5."': _R.WRONG_TYPE,
    '"1e"': _R.WRONG_TYPE,
    '"0x1"': _R.WRONG_TYPE,
    '"1_0"': _R.WRONG_TYPE,
    '"\u0661"': _R.WRONG_TYPE,
    '""': _R.WRONG_TYPE,
    "true": _R.WRONG_TYPE,
    "[1]": _R.WRONG_TYPE,
    "null": _R.MISSING_FIELD,
    "NaN": _R.MALFORMED_JSON,
    "-Infinity": _R.MALFORMED_JSON,
    "01": _R.MALFORMED_JSON,
    "+1": _R.MALFORMED_JSON,
    ".5": _R.MALFORMED_JSON,
    "5.": _R.MALFORMED_JSON,
    "-": _R.MALFORMED_JSON,
    "1e": _R.MALFORMED_JSON,
}

DATES: Mapping[str, Outcome] = {
    "2010-12-01T08:26:00.5": LINE,
    "2010-12-01T08:26:00.123456": LINE,
    "2012-02-29T00:00:00": LINE,
    "0001-01-01T00:00:00": LINE,
    "9999-12-31T23:59:59.999999": LINE,
    "1969-12-31T23:59:59.999999": LINE,
    "2010-12-01 08:26:00": _R.INVALID_DATE,
    "2010-12-01T08:26": _R.INVALID_DATE,
    "2010-12-01T08:26:00.": _R.INVALID_DATE,
    "2010-12-01T08:26:00.1234567": _R.INVALID_DATE,
    "2010-12-01T08:26:00Z": _R.INVALID_DATE,
    "2010-12-01T08:26:00+01:00": _R.INVALID_DATE,
    "2011-02-29T00:00:00": _R.INVALID_DATE,
    "1900-02-29T00:00:00": _R.INVALID_DATE,
    "2010-13-01T00:00:00": _R.INVALID_DATE,
    "2010-00-01T00:00:00": _R.INVALID_DATE,
    "2010-04-31T00:00:00": _R.INVALID_DATE,
    "2010-12-00T00:00:00": _R.INVALID_DATE,
    "0000-01-01T00:00:00": _R.INVALID_DATE,
    "2010-12-01T24:00:00": _R.INVALID_DATE,
    "2010-12-01T23:60:00": _R.INVALID_DATE,
    "2010-12-01T23:59:60": _R.INVALID_DATE,
    "10-12-01T08:26:00": _R.INVALID_DATE,
    "２０10-12-01T08:26:00": _R.INVALID_DATE,  # noqa: RUF001 - digits that are not ASCII's
    "": _R.INVALID_DATE,
}

WHOLE_RECORDS: Mapping[bytes, Outcome] = {
    b"": _R.MALFORMED_JSON,
    b" \n\t\r": _R.MALFORMED_JSON,
    b"hello": _R.MALFORMED_JSON,
    b"null": _R.NOT_A_LINE,
    b"true": _R.NOT_A_LINE,
    b"1": _R.NOT_A_LINE,
    b'"text"': _R.NOT_A_LINE,
    b"[]": _R.NOT_A_LINE,
    b"{}": _R.MISSING_FIELD,
    b"{,}": _R.MALFORMED_JSON,
    b'{"a":1,}': _R.MALFORMED_JSON,
    b"[1,]": _R.MALFORMED_JSON,
    b"{a:1}": _R.MALFORMED_JSON,
    b"{'a':1}": _R.MALFORMED_JSON,
    b'{"a" 1}': _R.MALFORMED_JSON,
    b'{"a":1': _R.MALFORMED_JSON,
    b'{"a":1}}': _R.MALFORMED_JSON,
    b"1 2": _R.MALFORMED_JSON,
    b"tru": _R.MALFORMED_JSON,
    b"nulls": _R.MALFORMED_JSON,
    b"\x00": _R.MALFORMED_JSON,
    b'"a\nb"': _R.MALFORMED_JSON,
    b'"\\x41"': _R.MALFORMED_JSON,
    b'"\\u12"': _R.MALFORMED_JSON,
    b'"\\u12g4"': _R.MALFORMED_JSON,
    b'"\\': _R.MALFORMED_JSON,
    b'"\\ud83d\\u': _R.MALFORMED_JSON,
    b"// note\n1": _R.MALFORMED_JSON,
    record() + b" x": _R.MALFORMED_JSON,
    record() + record(): _R.MALFORMED_JSON,
    b" \t\r\n" + record() + b" \n": LINE,
    b"\xef\xbb\xbf" + record(): _R.MALFORMED_JSON,
    record().decode().encode("utf-16"): _R.NOT_UTF8,
    record().decode().encode("utf-16-be"): _R.MALFORMED_JSON,
    b"\xff": _R.NOT_UTF8,
    b"\xc0\x80": _R.NOT_UTF8,
    b"\xed\xa0\x80": _R.NOT_UTF8,
    b"\xf4\x90\x80\x80": _R.NOT_UTF8,
    b"[\xe2\x82": _R.NOT_UTF8,
    record(Description='"caf\\u00e9"') + b"\xe9": _R.NOT_UTF8,
    record(Extra=nested(MAX_NESTING - 1)): LINE,
    record(Extra=nested(MAX_NESTING)): _R.MALFORMED_JSON,
    nested(100_000).encode(): _R.MALFORMED_JSON,
    record(Extra="9" * MAX_NUMBER_CHARS): LINE,
    record(Extra="9" * (MAX_NUMBER_CHARS + 1)): _R.MALFORMED_JSON,
    record(Quantity="9" * MAX_NUMBER_CHARS): _R.OUT_OF_RANGE,
}

FIELDS: tuple[tuple[Mapping[str, str | None], Outcome], ...] = (
    ({}, LINE),
    ({"Description": "null", "CustomerID": "null"}, LINE),
    ({"Description": None, "CustomerID": None}, LINE),
    ({"InvoiceNo": None}, _R.MISSING_FIELD),
    ({"InvoiceNo": "null"}, _R.MISSING_FIELD),
    ({"InvoiceNo": "536365"}, _R.WRONG_TYPE),
    ({"InvoiceNo": '""'}, _R.EMPTY_TEXT),
    ({"Description": '""'}, _R.EMPTY_TEXT),
    ({"Description": '" "'}, LINE),
    ({"InvoiceNo": '"' + "é" * 64 + '"'}, LINE),
    ({"InvoiceNo": '"' + "é" * 65 + '"'}, _R.TOO_LONG),
    ({"InvoiceNo": '"' + "\\u00e9" * 64 + '"'}, LINE),
    ({"InvoiceNo": '"' + "\\ud83d\\ude00" * 64 + '"'}, LINE),
    ({"InvoiceNo": '"' + "\\ud83d\\ude00" * 65 + '"'}, _R.TOO_LONG),
    ({"StockCode": '"a\\u0000b"'}, _R.INVALID_TEXT),
    ({"StockCode": '"\\ud83d"'}, _R.INVALID_TEXT),
    ({"StockCode": '"\\ude00\\ud83d"'}, _R.INVALID_TEXT),
    ({"StockCode": '"\\ud83d\\u0041"'}, _R.INVALID_TEXT),
    ({"StockCode": '"\\ud83d\\ud83d\\ude00"'}, _R.INVALID_TEXT),
    ({"StockCode": '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u001f\\u007F"'}, LINE),
    ({"LineNo": "0"}, _R.OUT_OF_RANGE),
    ({"LineNo": "-0"}, _R.OUT_OF_RANGE),
    ({"LineNo": str(MAX_LINE_NO)}, LINE),
    ({"LineNo": str(MAX_LINE_NO + 1)}, _R.OUT_OF_RANGE),
    ({"LineNo": "1.0"}, _R.WRONG_TYPE),
    ({"LineNo": "1e0"}, _R.WRONG_TYPE),
    ({"LineNo": '"1"'}, _R.WRONG_TYPE),
    ({"Quantity": "-2147483648"}, LINE),
    ({"Quantity": "-2147483649"}, _R.OUT_OF_RANGE),
    ({"Quantity": "9223372036854775808"}, _R.OUT_OF_RANGE),
    ({"Quantity": "-9223372036854775809"}, _R.OUT_OF_RANGE),
    ({"Quantity": "18446744073709551617"}, _R.OUT_OF_RANGE),
    ({"SchemaVersion": "2"}, _R.UNSUPPORTED_VERSION),
    ({"SchemaVersion": "99999999999999999999"}, _R.UNSUPPORTED_VERSION),
    ({"SchemaVersion": "0"}, _R.OUT_OF_RANGE),
    ({"SchemaVersion": "2", "InvoiceNo": None}, _R.UNSUPPORTED_VERSION),
    ({"InvoiceDate": "20101201"}, _R.WRONG_TYPE),
    ({"Extra": '{"b" : [1.50, true, null, "é\\u00e9\\n"], "a":{}}', "Alpha": "-0.0"}, LINE),
    ({"\uff21": "1", "\U0001f600": "2", "a": "[ ]"}, LINE),
    ({"Extra": '{"a":1,"a":1}'}, _R.DUPLICATE_FIELD),
    ({"Extra": '[{"a":1,"\\u0061":1}]'}, _R.DUPLICATE_FIELD),
    ({"Quantity": '{"a":1,"a":1}'}, _R.DUPLICATE_FIELD),
    ({"Extra": '{"\\ud83d":1,"\\ud83d":2}'}, _R.DUPLICATE_FIELD),
    ({"Extra": '"\\u0000"'}, _R.INVALID_TEXT),
    ({"Extra": '[{"\\u0000":1}]'}, _R.INVALID_TEXT),
)

_GOOD = record()
_SECOND = record(LineNo="2")

OBJECTS: tuple[tuple[bytes, Outcome], ...] = (
    (_GOOD[:-1] + b',"Quantity":6}', _R.DUPLICATE_FIELD),
    (_GOOD[:-1] + b',"\\u0051uantity":6}', _R.DUPLICATE_FIELD),
    (_GOOD.replace(b'"Quantity"', b'"\\u0051uantity"'), LINE),
    (_GOOD[:-1] + b',"x":1,"x":"\\u0000"}', _R.DUPLICATE_FIELD),
    (_GOOD.replace(b":", b" : ").replace(b",", b" ,\n"), _R.INVALID_DATE),
    (b"{" + b",".join(reversed(_GOOD[1:-1].split(b","))) + b"}", LINE),
)

PACKED: tuple[tuple[bytes, tuple[Outcome, ...]], ...] = (
    (packed(_GOOD), (LINE,)),
    (packed(_GOOD, _SECOND), (LINE, LINE)),
    (packed(_GOOD, b"1", b"[]", b"null", _SECOND), (LINE, *[_R.NOT_A_LINE] * 3, LINE)),
    (packed(record(Quantity='"6"'), _SECOND), (_R.WRONG_TYPE, LINE)),
    (packed(_GOOD, record(Extra='"\\ud800"')), (LINE, _R.INVALID_TEXT)),
    (packed(record(Extra='{"a":1,"a":2}'), _GOOD), (_R.DUPLICATE_FIELD, LINE)),
    (packed(_GOOD) + b"]", (_R.MALFORMED_JSON,)),
    (packed(_GOOD, b""), (_R.MALFORMED_JSON,)),
    (packed(_GOOD)[:-1], (_R.MALFORMED_JSON,)),
    (packed(_GOOD, b"\xff"), (_R.NOT_UTF8,)),
    (packed(*[_GOOD] * MAX_RECORD_LINES), (LINE,) * MAX_RECORD_LINES),
    (packed(*[b"0"] * (MAX_RECORD_LINES + 1)), (_R.NOT_A_LINE,)),
    (packed(*[b"0"] * (MAX_RECORD_LINES + 1))[:-1], (_R.MALFORMED_JSON,)),
)


def cases() -> Iterator[tuple[bytes, tuple[Outcome, ...]]]:
    """Every case: a record and its outcomes in order."""
    for price, outcome in PRICES.items():
        yield record(UnitPrice=price), (outcome,)
    for date, outcome in DATES.items():
        yield record(InvoiceDate=json.dumps(date, ensure_ascii=False)), (outcome,)
    for payload, outcome in WHOLE_RECORDS.items():
        yield payload, (outcome,)
    for changes, outcome in FIELDS:
        yield record(changes), (outcome,)
    for payload, outcome in OBJECTS:
        yield payload, (outcome,)
    yield from PACKED


_NAMES = st.sampled_from([field.name for field in LINE_FIELDS]) | st.text(max_size=3)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats().filter(math.isfinite)
    | st.text(st.characters(), max_size=8)
    | st.sampled_from(["2010-12-01T08:26:00", "2.55", "-1e3", "\ud800", "\0"])
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=6,
)


def _changed_line(changes: Mapping[str, object]) -> bytes:
    return record({name: json.dumps(value) for name, value in changes.items()})


def _spliced(payload: bytes, cut: tuple[int, int], piece: bytes) -> bytes:
    first, second = sorted(place % (len(payload) + 1) for place in cut)
    return payload[:first] + piece + payload[second:]


changed_lines = st.dictionaries(_NAMES, _VALUES, max_size=4).map(_changed_line)
"""Good lines with some fields replaced or added."""

packed_records = st.lists(changed_lines | st.just(b"7"), max_size=4).map(lambda e: packed(*e))

damaged_records = st.builds(
    _spliced,
    changed_lines | packed_records,
    st.tuples(st.integers(0, 400), st.integers(0, 400)),
    st.binary(max_size=4)
    | st.sampled_from([b'"', b"\\", b"\\u", b"{", b"}", b"[", b"]", b",", b":", b"1", b"e", b"."]),
)
"""Records with a piece cut out and another put in."""

json_records = _VALUES.map(lambda value: json.dumps(value).encode())

any_records = (
    st.binary(max_size=40) | changed_lines | packed_records | damaged_records | json_records
)
"""Anything that may come from the stream."""
