"""What DynamoDB holds becomes an answer.

Upstream: ``api.history``. Downstream: the caller.
"""

from collections.abc import Sequence
from decimal import Context, Decimal, Inexact
from functools import reduce

from api.answers import InvoiceAnswer, KindSummary, LineAnswer, PurchaseAnswer, SummaryAnswer
from invoices.contract import TOTAL_PRECISION, InvoiceKind
from invoices.line import date_text, money_text
from invoices.stored_invoices import StoredHeader, StoredInvoice, StoredLine
from invoices.stored_purchases import Purchase

_EXACT = Context(prec=2 * TOTAL_PRECISION, traps=[Inexact])
"""Sums of invoices' totals: as many digits as it takes, or an error."""


def purchase_answer(purchase: Purchase) -> PurchaseAnswer:
    """An invoice as it stands in a customer's list."""
    return PurchaseAnswer(
        invoice_no=purchase.invoice_no,
        invoice_date=date_text(purchase.invoice_date),
        kind=purchase.kind,
        country=purchase.country,
        lines=purchase.lines,
        units=purchase.units,
        total=money_text(purchase.total),
        revision=purchase.revision,
    )


def summary_answer(customer_id: str, purchases: Sequence[Purchase]) -> SummaryAnswer:
    """Sums over a customer's purchases, at least one."""
    everything = _sums(purchases)
    by_kind = {
        kind: _sums([purchase for purchase in purchases if purchase.kind == kind.value])
        for kind in InvoiceKind
    }
    dates = [purchase.invoice_date for purchase in purchases]
    return SummaryAnswer(
        customer_id=customer_id,
        invoices=everything.invoices,
        units=everything.units,
        total=everything.total,
        first_invoice_date=date_text(min(dates)),
        last_invoice_date=date_text(max(dates)),
        sales=by_kind[InvoiceKind.SALE],
        cancellations=by_kind[InvoiceKind.CANCELLATION],
        adjustments=by_kind[InvoiceKind.ADJUSTMENT],
    )


def _sums(purchases: Sequence[Purchase]) -> KindSummary:
    total = reduce(_EXACT.add, (purchase.total for purchase in purchases), Decimal(0))
    return KindSummary(
        len(purchases), sum(purchase.units for purchase in purchases), money_text(total)
    )


def invoice_answer(invoice: StoredInvoice, header: StoredHeader) -> InvoiceAnswer:
    """An invoice with its lines."""
    return InvoiceAnswer(
        invoice_no=invoice.invoice_no,
        kind=header.kind,
        invoice_date=date_text(header.invoice_date),
        customer_id=header.customer_id,
        country=header.country,
        revision=header.revision,
        units=header.units,
        total=money_text(header.total),
        lines=tuple(map(_line, invoice.lines)),
    )


def _line(line: StoredLine) -> LineAnswer:
    return LineAnswer(
        line_no=line.line_no,
        stock_code=line.stock_code,
        description=line.description,
        quantity=line.quantity,
        unit_price=money_text(line.unit_price),
        amount=money_text(line.quantity * line.unit_price),
        invoice_date=date_text(line.invoice_date),
    )
