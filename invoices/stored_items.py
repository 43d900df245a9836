"""An item of DynamoDB on its way back to values, whatever its table.

Written apart from ``invoices.documents``, which builds items: the two share the
names of attributes and nothing else, so that one finds the other's mistakes.

Upstream: ``connectors.dynamodb``. Downstream: ``invoices.stored_invoices``,
``invoices.stored_purchases``.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeAlias

from invoices.attribute_names import text_of

Item: TypeAlias = Mapping[str, str | int]
"""An item as it is stored: keys and attributes, a text or an integer by name."""

Keys: TypeAlias = tuple[str, str]
"""Names of a table's hash and range key."""


class UnreadableDocumentError(Exception):
    """An item is not what this release writes; reading it again does not help."""

    retryable = False


def documents_of(item: Item, keys: Keys) -> Iterator[tuple[str, str]]:
    """Attributes named by data: the stock code or invoice number, and the JSON text."""
    for name, value in item.items():
        text = None if name in keys else text_of(name)
        if text is not None:
            yield text, str(value)


@contextmanager
def readable(item: Item, keys: Keys) -> Iterator[None]:
    """Turn whatever reading the item raises into one error that names it.

    Raises:
        UnreadableDocumentError: The item is not what this release writes.
    """
    try:
        yield
    except (LookupError, TypeError, ValueError, ArithmeticError) as error:
        where = ", ".join(f"{key} {item.get(key)!r}" for key in keys)
        raise UnreadableDocumentError(
            f"the item with {where} is not a document of this release ({error!r}):"
            " delete it and send its invoice again"
        ) from error
