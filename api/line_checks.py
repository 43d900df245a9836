"""Which lines of a request are taken: the contract's rules, and what an API asks beyond them.

Upstream: ``api.ingestion``. Downstream: ``invoices.record``, which knows the contract.

Beyond the contract: a field it does not know is refused, not kept, since a misspelt
``CustomerId`` would make a guest of a customer; the replacement character is refused,
since API Gateway puts it where a body was not UTF-8; and two lines of a request may not
have one identity and different contents.
"""

import json
from collections.abc import Callable, Iterable

from api.answers import RejectedLine
from api.errors import MalformedBodyError
from api.line_numbers import IDEMPOTENCY_KEY
from invoices.contract import BY_COLUMN, LINE_FIELDS, RejectReason
from invoices.line import InvoiceLine
from invoices.record import Reject, decode_record

UNKNOWN_FIELD = "unknown_field"

_OF_THE_BODY = frozenset(
    {RejectReason.NOT_UTF8, RejectReason.MALFORMED_JSON, RejectReason.NOT_A_LINE}
)
_LINE_NO = BY_COLUMN["line_no"].name
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def check_lines(
    body: bytes, line_numbers: Callable[[int], int] | None
) -> list[InvoiceLine | RejectedLine]:
    """The lines of a body in order, each good or refused with a reason.

    Args:
        body: One line item as a JSON object, or an array of them.
        line_numbers: Numbers the lines that have none; without it they are refused.

    Raises:
        MalformedBodyError: It is neither.
    """
    decoded = decode_record(body, line_numbers)
    _refuse_body(decoded)
    checks = _LineChecks(is_array=body.lstrip()[:1] == b"[", damaged=_REPLACEMENT.encode() in body)
    return [checks.judge(index, entry) for index, entry in enumerate(decoded)]


def _refuse_body(decoded: Iterable[InvoiceLine | Reject]) -> None:
    for entry in decoded:
        if isinstance(entry, Reject) and entry.element is None and entry.reason in _OF_THE_BODY:
            raise MalformedBodyError(entry.detail)


class _LineChecks:
    """Judges the lines of one request, one after the other.

    Args:
        is_array: Whether the body is an array, for pointers into it.
        damaged: Whether the body holds the replacement character.
    """

    def __init__(self, *, is_array: bool, damaged: bool) -> None:
        self._is_array = is_array
        self._damaged = damaged
        self._held: dict[tuple[str, int], InvoiceLine] = {}

    def judge(self, index: int, entry: InvoiceLine | Reject) -> InvoiceLine | RejectedLine:
        """The line when it is good, else why not."""
        if isinstance(entry, Reject):
            return self._refuse(index, entry.reason.value, _hint(entry), entry.field)
        if entry.extras is not None:
            name = min(json.loads(entry.extras))
            return self._refuse(index, UNKNOWN_FIELD, f"{name} is not a field of a line", name)
        if self._damaged and (name := _damaged_field(entry)):
            detail = f"{name} holds U+FFFD, which stands where bytes were not UTF-8"
            return self._refuse(index, RejectReason.NOT_UTF8.value, detail, name)
        if self._held.setdefault(entry.identity, entry) != entry:
            detail = "another line of this request has this InvoiceNo and LineNo"
            return self._refuse(index, RejectReason.CONFLICT.value, detail, _LINE_NO)
        return entry

    def _refuse(self, index: int, reason: str, detail: str, field: str | None) -> RejectedLine:
        path = [str(index)] if self._is_array else []
        if field is not None:
            path.append(field.replace("~", "~0").replace("/", "~1"))
        return RejectedLine(index, reason, detail, field, "".join(f"/{part}" for part in path))


def _hint(reject: Reject) -> str:
    if reject.reason is RejectReason.MISSING_FIELD and reject.field == _LINE_NO:
        return f"{reject.detail}: number the line, or send the header {IDEMPOTENCY_KEY}"
    return reject.detail


def _damaged_field(line: InvoiceLine) -> str | None:
    texts = zip(LINE_FIELDS, line, strict=False)
    return next(
        (field.name for field, value in texts if isinstance(value, str) and _REPLACEMENT in value),
        None,
    )
