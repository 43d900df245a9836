"""Names of DynamoDB's attributes: the keys, the headers, and those made from data.

A row is wide: the name of an attribute is a stock code or an invoice number.
Data may be called anything, so a text that would pass for a key or a header, or
that software between here and the table gives a meaning of its own, is escaped:
``@@`` and the text percent-encoded. Everything else stands as it is.

Upstream: ``invoices.line``. Downstream: ``invoices.documents`` (writing),
``invoices.stored_items`` (reading).
"""

from functools import lru_cache
from urllib.parse import quote, unquote

INVOICE_NO, CUSTOMER_ID, PART = "InvoiceNo", "CustomerID", "Part"

INVOICE_DATE, CUSTOMER, COUNTRY = "@InvoiceDate", "@CustomerID", "@Country"
KIND, REVISION, UNITS, TOTAL = "@Kind", "@Revision", "@Units", "@Total"
FORMER, DIGEST = "@Former", "@Digest"

HEADER_MARK = "@"
"""No name made from data starts with it but for the escaped, which start with two."""

_ESCAPED = "@@"

_TYPE_TAGS = frozenset({"S", "N", "B", "SS", "NS", "BS", "M", "L", "BOOL", "NULL"})
"""Names of DynamoDB's types; stand-ins of it trip over an update of an attribute called so."""

_INVOICES_KEYS = frozenset({INVOICE_NO, PART})
_NOT_IN_CUSTOMERS = frozenset({CUSTOMER_ID, PART}) | _TYPE_TAGS

_CACHED_NAMES = 16_384


@lru_cache(_CACHED_NAMES)
def stock_code_attribute(stock_code: str) -> str:
    """Name of the attribute of ``Invoices`` that holds the lines with this stock code.

    >>> stock_code_attribute("85123A"), stock_code_attribute("M"), stock_code_attribute("Part")
    ('85123A', 'M', '@@Part')
    """
    return _escape(stock_code) if stock_code in _INVOICES_KEYS else _name(stock_code)


@lru_cache(_CACHED_NAMES)
def invoice_attribute(invoice_no: str) -> str:
    """Name of the attribute of ``Customers`` that holds the purchase with this number.

    >>> invoice_attribute("536365"), invoice_attribute("M"), invoice_attribute("X[1]")
    ('536365', '@@M', '@@X%5B1%5D')
    """
    return _escape(invoice_no) if invoice_no in _NOT_IN_CUSTOMERS else _name(invoice_no)


def text_of(name: str) -> str | None:
    """The stock code or invoice number an attribute is named by; None for a header.

    Keys are the caller's to leave out: ``Part`` alone is a key, ``@@Part`` a stock code.
    """
    if name.startswith(_ESCAPED):
        return unquote(name.removeprefix(_ESCAPED))
    return None if name.startswith(HEADER_MARK) else name


def _name(text: str) -> str:
    """Brackets are a list's index to PynamoDB, wherever in a name they stand."""
    plain = not text.startswith(HEADER_MARK) and "[" not in text and "]" not in text
    return text if plain else _escape(text)


def _escape(text: str) -> str:
    return _ESCAPED + quote(text, safe=" ")
