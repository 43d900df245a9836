"""The API's answers: what stands in their bodies, and what it means.

Upstream: ``api.ingestion``, ``api.history``, ``api.problems``. Downstream: the caller,
as JSON; ``api.openapi_schemas`` makes the schemas of these same classes. Amounts are
texts, so that no reader turns them into binary floating point.
"""

from dataclasses import dataclass
from typing import Annotated, NamedTuple

import orjson


class About(NamedTuple):
    """What a field of an answer means, for people.

    Attributes:
        text: One sentence.
        example: A value as it stands in an answer.
        format: OpenAPI's ``format``, where it is more than its type.
    """

    text: str
    example: str | int | None
    format: str | None = None


_INVOICE_NO = About("Number of the invoice.", "536365")
_INVOICE_DATE = About(
    "The shop's local date and time, ISO 8601 without a zone.", "2010-12-01T08:26:00"
)
_KIND = About("`sale`, `cancellation` or `adjustment`.", "sale")
_COUNTRY = About("Country of the customer.", "United Kingdom")
_REVISION = About("How many lines the invoice has; it only grows.", 7)
_UNITS = About("Sum of quantities; negative on returns.", 40)
_TOTAL = About("Sum of quantity x unit price, exact.", "139.12")

InvoiceNo = Annotated[str, _INVOICE_NO]
LineNo = Annotated[int, About("Number of the line within its invoice.", 1, "int64")]
InvoiceDate = Annotated[str, _INVOICE_DATE]
Kind = Annotated[str, _KIND]
Country = Annotated[str, _COUNTRY]
Revision = Annotated[int, _REVISION]
Units = Annotated[int, _UNITS]
Total = Annotated[str, _TOTAL]
Index = Annotated[int, About("Place of the line in the request, from 0.", 0)]
Detail = Annotated[str, About("One line for people.", "UnitPrice is missing")]


@dataclass(frozen=True, slots=True)
class AcceptedLine:
    """A line that is on the stream."""

    index: Index
    invoice_no: InvoiceNo
    line_no: LineNo


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line that was not taken, and why."""

    index: Index
    reason: Annotated[
        str, About("Code: the contract's, or `unknown_field` or `conflict`.", "missing_field")
    ]
    detail: Detail
    field: Annotated[str | None, About("The field that is wrong.", "UnitPrice")]
    pointer: Annotated[
        str, About("JSON Pointer into the request's body (RFC 6901).", "/0/UnitPrice")
    ]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of the lines of a request."""

    accepted: Annotated[int, About("How many lines are on the stream now.", 1)]
    lines: Annotated[tuple[AcceptedLine, ...], About("Those lines.", None)]
    rejected: Annotated[
        tuple[RejectedLine, ...], About("The lines that were not taken; none when all were.", None)
    ]


@dataclass(frozen=True, slots=True)
class PurchaseAnswer:
    """An invoice as it stands in a customer's history."""

    invoice_no: InvoiceNo
    invoice_date: InvoiceDate
    kind: Kind
    country: Country
    lines: Annotated[int, About("How many lines the invoice has.", 7)]
    units: Units
    total: Total
    revision: Revision


@dataclass(frozen=True, slots=True)
class PurchasesAnswer:
    """A page of a customer's invoices, newest first."""

    customer_id: Annotated[str, About("The customer.", "17850")]
    invoices: Annotated[tuple[PurchaseAnswer, ...], About("Newest first.", None)]
    next_cursor: Annotated[
        str | None,
        About(
            "Send it as `cursor` with the same filters for the next page; null on the last.", None
        ),
    ]


@dataclass(frozen=True, slots=True)
class KindSummary:
    """Sums over the invoices of one kind."""

    invoices: Annotated[int, About("How many.", 3)]
    units: Units
    total: Total


@dataclass(frozen=True, slots=True)
class SummaryAnswer:
    """All a customer bought, in sums."""

    customer_id: Annotated[str, About("The customer.", "17850")]
    invoices: Annotated[int, About("How many invoices of all kinds.", 4)]
    units: Units
    total: Total
    first_invoice_date: InvoiceDate
    last_invoice_date: InvoiceDate
    sales: Annotated[KindSummary, About("Of sales alone.", None)]
    cancellations: Annotated[KindSummary, About("Of cancellations alone.", None)]
    adjustments: Annotated[KindSummary, About("Of adjustments alone.", None)]


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """One line of an invoice."""

    line_no: LineNo
    stock_code: Annotated[str, About("Code of the product or charge.", "85123A")]
    description: Annotated[
        str | None, About("Name of the product.", "WHITE HANGING HEART T-LIGHT HOLDER")
    ]
    quantity: Annotated[int, About("Units; negative on returns.", 6)]
    unit_price: Annotated[str, About("Price of one unit, exact.", "2.55")]
    amount: Annotated[str, About("Quantity x unit price, exact.", "15.30")]
    invoice_date: InvoiceDate


@dataclass(frozen=True, slots=True)
class InvoiceAnswer:
    """An invoice with its lines."""

    invoice_no: InvoiceNo
    kind: Kind
    invoice_date: InvoiceDate
    customer_id: Annotated[str | None, About("The customer; null for a guest.", "17850")]
    country: Country
    revision: Revision
    units: Units
    total: Total
    lines: Annotated[tuple[LineAnswer, ...], About("In order of their numbers.", None)]


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A parameter or header that is not what it may be."""

    parameter: Annotated[str, About("Its name.", "limit")]
    detail: Detail


@dataclass(frozen=True, slots=True)
class Problem:
    """Problem details (RFC 9457)."""

    type: Annotated[
        str, About("What kind of problem it is.", "urn:invoice-stream:problem:not-found", "uri")
    ]
    title: Annotated[str, About("The kind of problem, for people.", "Not found")]
    status: Annotated[int, About("The HTTP status.", 404)]
    detail: Detail


@dataclass(frozen=True, slots=True)
class DetailedProblem(Problem):
    """Problem details that name the parameters or lines that are wrong."""

    errors: Annotated[
        tuple[FieldProblem | RejectedLine, ...], About("What is wrong, one by one.", None)
    ]


def to_json(answer: object) -> str:
    """The body of an answer."""
    return orjson.dumps(answer).decode()
