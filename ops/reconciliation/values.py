"""Values the stores and the source hold, read exactly or refused with a reason."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

PLACES = 4
_CACHED = 65_536


@lru_cache(_CACHED)
def amount(text: object) -> Decimal:
    """An amount of money written as text, with at most four decimal places.

    Raises:
        TypeError, ValueError: It is not.
    """
    if not isinstance(text, str):
        raise TypeError(f"{text!r} is not an amount written as text")
    try:
        value = Decimal(text)
        exact = value == value.quantize(Decimal(1).scaleb(-PLACES))
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is not an amount") from error
    if not exact:
        raise ValueError(f"{text!r} has more than {PLACES} decimal places")
    return value


@lru_cache(_CACHED)
def local_time(text: object) -> datetime:
    """A local date and time, ISO 8601 without a zone.

    Raises:
        TypeError, ValueError: It is not.
    """
    if not isinstance(text, str):
        raise TypeError(f"{text!r} is not a date and time")
    value = datetime.fromisoformat(text)
    if value.tzinfo is not None:
        raise ValueError(f"{text!r} has a zone")
    return value


def integer(value: object) -> int:
    """A whole number.

    Raises:
        TypeError, ValueError: It is not.
    """
    if type(value) is not int:
        raise TypeError(f"{value!r} is not a whole number")
    return value


def optional_text(value: object) -> str | None:
    """A text or null.

    Raises:
        TypeError, ValueError: It is not.
    """
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value


def text(value: object) -> str:
    """A text.

    Raises:
        TypeError: It is not.
    """
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value
