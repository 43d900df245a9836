"""Numbers for lines that come without one: the same key and place give the same number.

Upstream: the header ``Idempotency-Key``. Downstream: ``invoices.record.decode_record``.

A retry of a request is then the same lines, which the job drops, and two equal lines
of one request stay two. The numbers are in a range of their own
(``invoices.contract.FIRST_KEYED_LINE_NO``), so a line that was counted by its source
never meets one.
"""

import re
from collections.abc import Callable
from hashlib import sha256

from api.errors import InvalidParameterError
from invoices.contract import FIRST_KEYED_LINE_NO, MAX_LINE_NO, MAX_RECORD_LINES

IDEMPOTENCY_KEY = "Idempotency-Key"
MAX_KEY_CHARS = 255

LINES_PER_KEY = 512
"""Numbers set aside for a key; a request holds fewer lines."""

_BLOCKS = (MAX_LINE_NO + 1 - FIRST_KEYED_LINE_NO) // LINES_PER_KEY
_KEY = re.compile(rf"[\x21-\x7e]{{1,{MAX_KEY_CHARS}}}")

assert MAX_RECORD_LINES <= LINES_PER_KEY  # noqa: S101 - two constants, checked where both are seen


def line_numbers(key: str) -> Callable[[int], int]:
    """Numbers of a request's lines by their place in it, from its idempotency key.

    Raises:
        InvalidParameterError: The key is empty, too long or not plain text.
    """
    if not _KEY.fullmatch(key):
        raise InvalidParameterError(
            IDEMPOTENCY_KEY, f"is 1 to {MAX_KEY_CHARS} visible ASCII characters, a UUID at best"
        )
    block = int.from_bytes(sha256(key.encode()).digest()) % _BLOCKS
    first = FIRST_KEYED_LINE_NO + block * LINES_PER_KEY
    return lambda index: first + index
