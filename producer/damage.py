"""Ways to damage a line so that it is certain to be set aside, one at least for every reason.

Upstream: ``producer.outgoing``. Downstream: ``producer.faults``; the ledger
names the damage of each line that was sent so.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from invoices.contract import BY_NAME, INT32_MAX, LINE_FIELDS, SCHEMA_VERSION, RejectReason
from producer.outgoing import Outgoing

Fields: TypeAlias = dict[str, object]

_REQUIRED = tuple(field.name for field in LINE_FIELDS if not field.nullable)
_LIMITED = tuple(field.name for field in LINE_FIELDS if field.max_chars is not None)


@dataclass(frozen=True, slots=True)
class Damage:
    """One way to damage a line.

    Attributes:
        name: What the ledger calls it.
        reason: Why the job sets the line aside.
        apply: Makes the damaged bytes of the line's good ones.
    """

    name: str
    reason: RejectReason
    apply: Callable[[bytes, Random], bytes]


def damage_line(line: Outgoing, random: Random) -> Outgoing:
    """The line, damaged in one way drawn from ``DAMAGES``."""
    damage = random.choice(DAMAGES)
    return line._replace(data=damage.apply(line.data, random), damage=damage.name)


def _truncated(data: bytes, random: Random) -> bytes:
    text = data.decode()
    return text[: random.randrange(1, len(text))].encode()


def _not_utf8(data: bytes, random: Random) -> bytes:
    """A byte that never stands in UTF-8, behind any byte but within the record."""
    place = random.randrange(1, len(data))
    return data[:place] + b"\xff" + data[place:]


def _garbage(_: bytes, random: Random) -> bytes:
    return b"\xfe" + random.randbytes(random.randrange(200))


def _with(*changes: tuple[str, object]) -> Callable[[bytes, Random], bytes]:
    """Give one field, drawn from these, this value."""

    def apply(data: bytes, random: Random) -> bytes:
        name, value = random.choice(changes)
        return _dumped(json.loads(data) | {name: value})

    return apply


def _without_field(data: bytes, random: Random) -> bytes:
    fields: Fields = json.loads(data)
    del fields[random.choice(_REQUIRED)]
    return _dumped(fields)


def _doubled_field(data: bytes, random: Random) -> bytes:
    fields: Fields = json.loads(data)
    name = random.choice(tuple(fields))
    return data[:-1] + f",{json.dumps(name)}:{json.dumps(fields[name])}}}".encode()


def _instead(*payloads: bytes) -> Callable[[bytes, Random], bytes]:
    return lambda _, random: random.choice(payloads)


def _followed_by(*tails: bytes) -> Callable[[bytes, Random], bytes]:
    return lambda data, random: data + random.choice(tails)


def _dumped(fields: Fields) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode()


def _too_long(name: str) -> tuple[str, object]:
    return name, "x" * ((BY_NAME[name].max_chars or 0) + 1)


DAMAGES: tuple[Damage, ...] = (
    Damage("truncated_json", RejectReason.MALFORMED_JSON, _truncated),
    Damage("trailing_text", RejectReason.MALFORMED_JSON, _followed_by(b",", b"}", b" x", b"{}")),
    Damage(
        "not_json", RejectReason.MALFORMED_JSON, _instead(b" ", b"<line/>", b"{'a': 1}", b"[NaN]")
    ),
    Damage(
        "deep_nesting",
        RejectReason.MALFORMED_JSON,
        lambda data, _: data[:-1] + b',"More":' + b"[" * 200 + b"]" * 200 + b"}",
    ),
    Damage("not_utf8", RejectReason.NOT_UTF8, _not_utf8),
    Damage("garbage_bytes", RejectReason.NOT_UTF8, _garbage),
    Damage("not_a_line", RejectReason.NOT_A_LINE, _instead(b"42", b'"line"', b"null", b"[]")),
    Damage("duplicate_field", RejectReason.DUPLICATE_FIELD, _doubled_field),
    Damage("missing_field", RejectReason.MISSING_FIELD, _without_field),
    Damage("null_field", RejectReason.MISSING_FIELD, _with(*((name, None) for name in _REQUIRED))),
    Damage(
        "wrong_type",
        RejectReason.WRONG_TYPE,
        _with(
            ("SchemaVersion", "1"),
            ("InvoiceNo", 536365),
            ("LineNo", 1.5),
            ("StockCode", ["85123A"]),
            ("Description", {"en": "CUP"}),
            ("Quantity", "six"),
            ("InvoiceDate", 1291191960),
            ("UnitPrice", True),
            ("CustomerID", 17850),
            ("Country", False),
        ),
    ),
    Damage(
        "out_of_range",
        RejectReason.OUT_OF_RANGE,
        _with(("LineNo", 0), ("Quantity", INT32_MAX + 1), ("UnitPrice", 10_000_000_000)),
    ),
    Damage("too_long", RejectReason.TOO_LONG, _with(*map(_too_long, _LIMITED))),
    Damage("empty_text", RejectReason.EMPTY_TEXT, _with(*((name, "") for name in _LIMITED))),
    Damage(
        "lone_surrogate",
        RejectReason.INVALID_TEXT,
        _with(*((name, "\ud83d") for name in _LIMITED)),
    ),
    Damage("null_character", RejectReason.INVALID_TEXT, _with(("Description", "A\0B"))),
    Damage(
        "bad_date",
        RejectReason.INVALID_DATE,
        _with(
            *(
                ("InvoiceDate", text)
                for text in (
                    "31/31/2011",
                    "2011-02-30T10:00:00",
                    "2011-08-31",
                    "2011-08-31T10:00:00Z",
                    "2011-08-31T24:00:01",
                    "",
                )
            )
        ),
    ),
    Damage(
        "five_decimal_places",
        RejectReason.TOO_MANY_DECIMAL_PLACES,
        _with(("UnitPrice", 2.55001), ("UnitPrice", "0.00001")),
    ),
    Damage(
        "wrong_version",
        RejectReason.UNSUPPORTED_VERSION,
        _with(("SchemaVersion", SCHEMA_VERSION + 1)),
    ),
)
"""All of them; each changes what it names and nothing else, so that the reason is the one said."""
