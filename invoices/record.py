"""Reading and writing a record of the stream: one JSON line item, or an array of them.

Upstream: Kinesis, the API. Downstream: ``invoices.invoice``. The Flink job does
this in the JVM (``LineDecoder``); both are held to the same cases by
``tests/contract/test_decoders_agree.py``.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any, NoReturn, TypeAlias, cast

from invoices.contract import (
    BY_COLUMN,
    BY_NAME,
    EXTRAS_COLUMN,
    LINE_FIELDS,
    MAX_RECORD_LINES,
    PRICE_PRECISION,
    PRICE_QUANTUM,
    PRICE_SCALE,
    Field,
    FieldType,
    RejectReason,
)
from invoices.line import InvoiceLine, date_text, money_text

MAX_NESTING = 100
"""Deepest nesting of arrays and objects in a record."""

MAX_NUMBER_CHARS = 1000
"""Longest number literal; Jackson's limit, so that both decoders agree."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A record, or one element of a packed record, that is not a good line.

    Attributes:
        reason: Code, for counting and choosing.
        detail: One line for people: the field and what is wrong with it.
        element: Index in a packed record, or None when the whole record is set aside.
        field: Name of the field that is wrong, where it is one.
    """

    reason: RejectReason
    detail: str
    element: int | None = None
    field: str | None = None


class RejectedError(Exception):
    """Raised while reading; carries what a ``Reject`` says."""

    def __init__(self, reason: RejectReason, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.field = field

    def reject(self, element: int | None = None) -> Reject:
        """The same as a value."""
        return Reject(self.reason, self.detail, element, self.field)


class _Number(str):
    """A JSON number, kept as it was written."""

    __slots__ = ()


_Json: TypeAlias = "None | bool | _Number | str | list[_Json] | _Object"


class _Object(dict[str, "_Json"]):
    """A JSON object that remembers whether a name stood twice."""

    duplicate: str | None = None


_LINE_NO = BY_COLUMN["line_no"].name
_ZERO_PRICE = Decimal(0).quantize(PRICE_QUANTUM)
_NUMERIC = frozenset({FieldType.INT, FieldType.BIGINT, FieldType.DECIMAL})
_INVALID_TEXT = re.compile("[\0\ud800-\udfff]")
_INTEGER = re.compile(r"-?\d+", re.ASCII)
_DECIMAL = re.compile(r"(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?", re.ASCII)
_LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?", re.ASCII)


LineNumbers: TypeAlias = Callable[[int], int]
"""The number of a line that came without one, by its index in the record."""


def decode_record(
    payload: bytes, line_numbers: LineNumbers | None = None
) -> list[InvoiceLine | Reject]:
    """The lines of a record, in order, each either good or a reason; never raises.

    Args:
        payload: The record's bytes as they came from the stream.
        line_numbers: Numbers the lines that have no ``LineNo``; without it they are rejected.

    Returns:
        One entry a line; a single ``Reject`` without ``element`` when the record
        as a whole cannot be read.
    """
    try:
        value = _parse_json(payload)
        if isinstance(value, _Object):
            return [_decode_line(_numbered(value, 0, line_numbers))]
        if isinstance(value, list) and 1 <= len(value) <= MAX_RECORD_LINES:
            return [
                _decode_element(element, index, line_numbers) for index, element in enumerate(value)
            ]
        raise RejectedError(
            RejectReason.NOT_A_LINE, f"an object or an array of 1 to {MAX_RECORD_LINES} is wanted"
        )
    except RejectedError as error:
        return [error.reject()]


def read_text(field: Field, text: str) -> object:
    """The value of a field that stands as plain text, as in a table's cell, under the same rules.

    Raises:
        RejectedError: The text is not a good value of the field.
    """
    _refuse_invalid_text(text)
    if field.type in _NUMERIC:
        if len(text) > MAX_NUMBER_CHARS:
            raise RejectedError(RejectReason.OUT_OF_RANGE, f"{field.name} has too many digits")
        return _decode_field(field, _Number(text))
    return _decode_field(field, text)


def encode_line(line: InvoiceLine) -> bytes:
    """The line as one JSON object, fields in the contract's order, then its extras."""
    text = ",".join(
        [
            name + ("null" if value is None else encode(value))
            for (name, encode), value in zip(_ENCODERS, line, strict=False)
        ]
    )
    if line.extras is not None:
        text = f"{text},{line.extras[1:-1]}"
    return f"{{{text}}}".encode()


def encode_pack(lines: Iterable[InvoiceLine]) -> bytes:
    """Lines of one invoice as a packed record: a JSON array."""
    return pack_encoded(map(encode_line, lines))


def pack_encoded(lines: Iterable[bytes]) -> bytes:
    """Lines of one invoice that ``encode_line`` made, as a packed record."""
    return b"[" + b",".join(lines) + b"]"


def _encode_date(value: datetime) -> str:
    return f'"{date_text(value)}"'


_ENCODER_BY_TYPE: dict[FieldType, Callable[[Any], str]] = {
    FieldType.STRING: encode_basestring,
    FieldType.INT: str,
    FieldType.BIGINT: str,
    FieldType.DECIMAL: lru_cache(maxsize=16_384)(money_text),
    FieldType.TIMESTAMP: lru_cache(maxsize=16_384)(_encode_date),
}
"""Prices and times repeat: a shop has some hundred prices, an invoice mostly one time."""

_ENCODERS = tuple((f'"{field.name}":', _ENCODER_BY_TYPE[field.type]) for field in LINE_FIELDS)


def _parse_json(payload: bytes) -> _Json:
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RejectedError(RejectReason.NOT_UTF8, f"byte {error.start} is not UTF-8") from error
    if _nesting_exceeds(text):
        raise _malformed()
    try:
        return cast(
            _Json,
            json.loads(
                text,
                object_pairs_hook=_object,
                parse_float=_number,
                parse_int=_number,
                parse_constant=_refuse_constant,
            ),
        )
    except ValueError as error:
        raise _malformed() from error


def _malformed() -> RejectedError:
    return RejectedError(
        RejectReason.MALFORMED_JSON,
        f"the text is not one JSON value, or is nested deeper than {MAX_NESTING}",
    )


def _nesting_exceeds(text: str) -> bool:
    """Whether brackets nest deeper than MAX_NESTING; those inside strings do not count."""
    if text.count("{") + text.count("[") <= MAX_NESTING:
        return False
    depth = 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text, re.DOTALL):
        mark = token[0]
        if mark in "[{":
            depth += 1
            if depth > MAX_NESTING:
                return True
        elif mark in "]}":
            depth -= 1
    return False


def _object(pairs: list[tuple[str, _Json]]) -> _Object:
    result = _Object()
    for name, value in pairs:
        if name in result and result.duplicate is None:
            result.duplicate = name
        result[name] = value
    return result


def _number(text: str) -> _Number:
    if len(text) > MAX_NUMBER_CHARS:
        raise ValueError("number too long")
    return _Number(text)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _decode_element(
    element: _Json, index: int, line_numbers: LineNumbers | None
) -> InvoiceLine | Reject:
    try:
        if not isinstance(element, _Object):
            raise RejectedError(RejectReason.NOT_A_LINE, "the element is not an object")
        return _decode_line(_numbered(element, index, line_numbers))
    except RejectedError as error:
        return error.reject(index)


def _numbered(value: _Object, index: int, line_numbers: LineNumbers | None) -> _Object:
    if line_numbers is not None and value.get(_LINE_NO) is None:
        value[_LINE_NO] = _Number(line_numbers(index))
    return value


def _decode_line(value: _Object) -> InvoiceLine:
    _refuse_duplicates(value)
    _refuse_invalid_text(value)
    columns: dict[str, object] = {
        field.column: _decode_field(field, value.get(field.name)) for field in LINE_FIELDS
    }
    unknown = {name: value[name] for name in sorted(value) if name not in BY_NAME}
    columns[EXTRAS_COLUMN] = _canonical(unknown) if unknown else None
    return InvoiceLine(**columns)  # type: ignore[arg-type]


def _refuse_duplicates(value: _Json) -> None:
    if isinstance(value, _Object):
        if value.duplicate is not None:
            raise RejectedError(
                RejectReason.DUPLICATE_FIELD, "a field stands twice", value.duplicate
            )
        for inner in value.values():
            _refuse_duplicates(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_duplicates(inner)


def _refuse_invalid_text(value: _Json) -> None:
    if isinstance(value, str):
        if _INVALID_TEXT.search(value):
            raise RejectedError(
                RejectReason.INVALID_TEXT, "a text holds U+0000 or half of a surrogate pair"
            )
    elif isinstance(value, _Object):
        for name, inner in value.items():
            _refuse_invalid_text(name)
            try:
                _refuse_invalid_text(inner)
            except RejectedError as error:
                error.field = name
                raise
    elif isinstance(value, list):
        for inner in value:
            _refuse_invalid_text(inner)


def _decode_field(field: Field, value: _Json) -> object:
    try:
        return _decode_value(field, value)
    except RejectedError as error:
        error.field = field.name
        raise


def _decode_value(field: Field, value: _Json) -> object:
    if value is None:
        if field.nullable:
            return None
        raise RejectedError(RejectReason.MISSING_FIELD, f"{field.name} is missing")
    match field.type:
        case FieldType.STRING:
            return _decode_string(field, value)
        case FieldType.INT | FieldType.BIGINT:
            return _decode_integer(field, value)
        case FieldType.DECIMAL:
            return _decode_decimal(field, value)
        case FieldType.TIMESTAMP:
            return _decode_timestamp(field, value)


def _wrong_type(field: Field, wanted: str) -> RejectedError:
    return RejectedError(RejectReason.WRONG_TYPE, f"{field.name} is not {wanted}")


def _decode_string(field: Field, value: _Json) -> str:
    if not isinstance(value, str) or isinstance(value, _Number):
        raise _wrong_type(field, "a string")
    if not value:
        raise RejectedError(RejectReason.EMPTY_TEXT, f"{field.name} is empty")
    if field.max_chars is not None and len(value) > field.max_chars:
        raise RejectedError(
            RejectReason.TOO_LONG, f"{field.name} has more than {field.max_chars} characters"
        )
    return value


def _decode_integer(field: Field, value: _Json) -> int:
    if not isinstance(value, _Number) or not _INTEGER.fullmatch(value):
        raise _wrong_type(field, "an integer")
    number = int(value)
    if field.name == "SchemaVersion" and number > cast(int, field.max_value):
        raise RejectedError(
            RejectReason.UNSUPPORTED_VERSION, f"{field.name} is above {field.max_value}"
        )
    low, high = field.min_value, field.max_value
    if (low is not None and number < low) or (high is not None and number > high):
        raise RejectedError(RejectReason.OUT_OF_RANGE, f"{field.name} is not in {low} to {high}")
    return number


def _decode_decimal(field: Field, value: _Json) -> Decimal:
    match = _DECIMAL.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise _wrong_type(field, "a decimal number")
    if len(match[0]) > MAX_NUMBER_CHARS:
        raise RejectedError(RejectReason.OUT_OF_RANGE, f"{field.name} has too many digits")
    return _exact_price(field, match)


def _exact_price(field: Field, number: re.Match[str]) -> Decimal:
    """The value; zeros at either end count neither as digits nor as places.

    Digits are counted before a Decimal is made of them: no exponent overflows, nothing is rounded.
    """
    sign, whole, fraction, exponent = number.groups("")
    digits = (whole + fraction).lstrip("0")
    significant = digits.rstrip("0")
    places = len(fraction) - int(exponent or 0) - (len(digits) - len(significant))
    if not significant:
        return _ZERO_PRICE
    if places > PRICE_SCALE:
        raise RejectedError(
            RejectReason.TOO_MANY_DECIMAL_PLACES,
            f"{field.name} needs more than {PRICE_SCALE} decimal places",
        )
    if len(significant) - places > PRICE_PRECISION - PRICE_SCALE:
        raise RejectedError(RejectReason.OUT_OF_RANGE, f"{field.name} is too large")
    return Decimal(sign + significant).scaleb(-places).quantize(PRICE_QUANTUM)


def _decode_timestamp(field: Field, value: _Json) -> datetime:
    if not isinstance(value, str) or isinstance(value, _Number):
        raise _wrong_type(field, "a string")
    if _LOCAL_TIME.fullmatch(value):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    raise RejectedError(
        RejectReason.INVALID_DATE, f"{field.name} is not a local time YYYY-MM-DDTHH:MM:SS"
    )


def _canonical(value: object) -> str:
    """JSON without blanks, numbers as they were written."""
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        inner = ",".join(
            f"{json.dumps(name, ensure_ascii=False)}:{_canonical(item)}"
            for name, item in value.items()
        )
        return "{" + inner + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
