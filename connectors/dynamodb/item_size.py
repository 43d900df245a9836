"""Sizes of items and what writing them costs, by DynamoDB's published rules.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from invoices.stored_items import Item

MAX_ITEM_BYTES = 400 * 1024
UNIT_BYTES = 1024
"""A write unit is a started kilobyte of the larger of the item before and after."""

_DIGITS_PER_BYTE = 2


def text_bytes(text: str) -> int:
    """Bytes of a name or a text value."""
    return len(text) if text.isascii() else len(text.encode())


def item_bytes(item: Item) -> int:
    """Size of an item: its names and its values."""
    return sum(text_bytes(name) + _value_bytes(value) for name, value in item.items())


def write_units(*sizes: int) -> float:
    """Write units of a write between items of these sizes."""
    return float(max(1, -(-max(sizes) // UNIT_BYTES)))


def _value_bytes(value: str | int) -> int:
    if isinstance(value, str):
        return text_bytes(value)
    digits = str(abs(value)).rstrip("0")
    return 1 + -(-len(digits) // _DIGITS_PER_BYTE) + (value < 0)
