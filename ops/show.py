"""What DynamoDB holds of a customer or an invoice, for people and for programs.

Upstream: ``connectors.dynamodb.reader``. Downstream: ``invoice-stream customer``
and ``invoice-stream invoice``.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from rich.console import Console
from rich.table import Table

from invoices.line import date_text, money_text
from invoices.stored_invoices import StoredInvoice
from invoices.stored_purchases import Purchase


def invoice_json(invoice: StoredInvoice) -> str:
    """The invoice as a JSON object; amounts are texts, exact."""
    header = invoice.header and {
        name: value for name, value in asdict(invoice.header).items() if name != "former"
    }
    lines = [
        {name: value for name, value in line._asdict().items() if name != "invoice_no"}
        for line in invoice.lines
    ]
    return _json({"invoice_no": invoice.invoice_no, **(header or {}), "lines": lines})


def customer_json(customer_id: str, purchases: Sequence[Purchase]) -> str:
    """The customer as a JSON object; amounts are texts, exact."""
    documents = [
        {name: value for name, value in asdict(one).items() if name != "customer_id"}
        for one in purchases
    ]
    return _json({"customer_id": customer_id, "total": _total(purchases), "invoices": documents})


def _json(values: object) -> str:
    return json.dumps(values, indent=2, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return money_text(value)
    if isinstance(value, datetime):
        return date_text(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _total(purchases: Sequence[Purchase]) -> Decimal:
    return sum((one.total for one in purchases), Decimal(0))


def print_invoice(invoice: StoredInvoice, console: Console) -> None:
    """Print its header and its lines."""
    header = invoice.header
    if header is None:
        console.print(f"invoice {invoice.invoice_no}: its header is being written")
    else:
        customer = header.customer_id or "a guest"
        console.print(
            f"[bold]{header.kind} {invoice.invoice_no}[/bold], {header.invoice_date}, customer"
            f" {customer}, {header.country}: {header.revision} lines, {header.units:,} units,"
            f" total [bold]{money_text(header.total)}[/bold]",
            highlight=False,
        )
    table = _table(("line", "stock code", "description"), ("quantity", "unit price", "amount"))
    for line in invoice.lines:
        table.add_row(
            str(line.line_no),
            line.stock_code,
            line.description or "",
            f"{line.quantity:,}",
            money_text(line.unit_price),
            money_text(line.quantity * line.unit_price),
        )
    console.print(table)


def print_customer(customer_id: str, purchases: Sequence[Purchase], console: Console) -> None:
    """Print the purchases, oldest first."""
    console.print(
        f"[bold]customer {customer_id}[/bold]: {len(purchases)} invoices,"
        f" total [bold]{money_text(_total(purchases))}[/bold]",
        highlight=False,
    )
    table = _table(("date", "invoice", "kind", "country"), ("lines", "units", "total"))
    for one in sorted(purchases, key=lambda purchase: (purchase.invoice_date, purchase.invoice_no)):
        table.add_row(
            f"{one.invoice_date}",
            one.invoice_no,
            one.kind,
            one.country,
            f"{one.lines:,}",
            f"{one.units:,}",
            money_text(one.total),
        )
    console.print(table)


def _table(texts: Sequence[str], numbers: Sequence[str]) -> Table:
    table = Table(*texts)
    for name in numbers:
        table.add_column(name, justify="right")
    return table
