"""Cursors: where a page of purchases ended, as a text that means nothing to its holder.

Upstream and downstream: ``api.history``, through the caller's hands. A cursor is signed
together with whose list it is of and how that was filtered: changed by one bit, or sent
with another list, it is refused.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import orjson

from api.errors import InvalidParameterError

CURSOR = "cursor"

_SIGNATURE_BYTES = 16


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a customer's list; lists go from the greatest to the smallest.

    Attributes:
        invoice_date: The shop's local time of the last invoice shown.
        invoice_no: Its number.
    """

    invoice_date: datetime
    invoice_no: str


class Cursors:
    """Writes and reads cursors.

    Args:
        key: Secret they are signed with.
    """

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def write(self, position: Position, scope: str) -> str:
        """The cursor of a place in a list.

        Args:
            position: The place.
            scope: Which list it is of.
        """
        content = orjson.dumps([position.invoice_date.isoformat(), position.invoice_no])
        signed = self._signature(content, scope) + content
        return base64.urlsafe_b64encode(signed).decode().rstrip("=")

    def read(self, text: str, scope: str) -> Position:
        """The place a cursor names.

        Raises:
            InvalidParameterError: It is not one of ours, or of another list.
        """
        signed = _decode(text)
        signature, content = signed[:_SIGNATURE_BYTES], signed[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(content, scope)):
            raise _invalid()
        date, invoice_no = orjson.loads(content)
        return Position(datetime.fromisoformat(date), invoice_no)

    def _signature(self, content: bytes, scope: str) -> bytes:
        message = len(content).to_bytes(4) + content + scope.encode()
        return hmac.digest(self._key, message, sha256)[:_SIGNATURE_BYTES]


def _decode(text: str) -> bytes:
    """Only the one text that the bytes are written as is read as them."""
    try:
        signed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise _invalid() from error
    if base64.urlsafe_b64encode(signed).decode().rstrip("=") != text:
        raise _invalid()
    return signed


def _invalid() -> InvalidParameterError:
    return InvalidParameterError(
        CURSOR, "is not one that this list gave: start again without it, filters as you like"
    )
