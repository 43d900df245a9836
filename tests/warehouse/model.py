"""What the warehouse must hold, told from the lines that stand, in plain Python.

Written from the words beside the tables, not from the statements that fill them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from invoices.contract import InvoiceKind
from invoices.invoice import Invoice
from invoices.line import InvoiceLine
from tests.warehouse.merging import Arrival, first_of_each
from warehouse.line_kinds import LineKind, charge_kind, line_kind

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Sold:
    """A line in the light of its invoice."""

    line: InvoiceLine
    customer_id: str | None
    kind: LineKind


class Model:
    """The end state of any number of deliveries of these arrivals."""

    def __init__(self, arrivals: Iterable[Arrival]) -> None:
        self.arrivals = first_of_each(list(arrivals))
        by_invoice: dict[str, list[InvoiceLine]] = {}
        for arrival in self.arrivals:
            by_invoice.setdefault(arrival.line.invoice_no, []).append(arrival.line)
        self.invoices = [
            Invoice(tuple(sorted(lines, key=lambda line: line.line_no)))
            for lines in by_invoice.values()
        ]
        self.sold = [
            Sold(line, invoice.customer_id, _kind(invoice, line))
            for invoice in self.invoices
            for line in invoice.lines
        ]

    def fact_invoice(self) -> set[Row]:
        """Number, kind, date, customer, country, lines, units, total."""
        return {
            (
                one.invoice_no,
                one.kind.value,
                one.invoice_date,
                one.customer_id,
                one.country,
                one.revision,
                one.units,
                one.total,
            )
            for one in self.invoices
        }

    def dim_customer(self) -> set[Row]:
        """Customer, country, first and last purchase."""
        return {self._customer(customer) for customer in self._customers()}

    def dim_product(self) -> set[Row]:
        """Code, description, kind, first and last day sold."""
        codes = {sold.line.stock_code for sold in self.sold}
        return {self._product(code) for code in codes}

    def dim_country(self) -> set[Row]:
        """Countries on the lines."""
        return {(sold.line.country,) for sold in self.sold}

    def return_sale(self) -> set[Row]:
        """Returned line, sold line, likelihood, days kept."""
        found = [self._link(sold) for sold in self.sold if sold.kind is LineKind.RETURN]
        return {link for link in found if link is not None}

    def _customers(self) -> set[str]:
        return {one.customer_id for one in self.invoices if one.customer_id is not None}

    def _customer(self, customer: str) -> Row:
        own = [one for one in self.invoices if one.customer_id == customer]
        latest = max(own, key=lambda one: (one.invoice_date, one.invoice_no))
        bought = [one.invoice_date for one in own if one.kind is InvoiceKind.SALE]
        return customer, latest.country, min(bought, default=None), max(bought, default=None)

    def _product(self, code: str) -> Row:
        own = [sold for sold in self.sold if sold.line.stock_code == code]
        days: list[date] = [
            sold.line.invoice_date.date() for sold in own if sold.kind is LineKind.SALE
        ]
        named = [sold for sold in own if (sold.line.description or "").strip(" ")]
        best = max(named, key=_telling, default=None)
        description = best.line.description if best else None
        return (
            code,
            description.strip(" ") if description else None,
            charge_kind(code) or "product",
            min(days, default=None),
            max(days, default=None),
        )

    def _link(self, returned: Sold) -> Row | None:
        came_back = returned.line
        candidates = [
            sold
            for sold in self.sold
            if sold.kind is LineKind.SALE
            and sold.customer_id == returned.customer_id is not None
            and sold.line.stock_code == came_back.stock_code
            and sold.line.invoice_date <= came_back.invoice_date
        ]
        if not candidates:
            return None

        def likeliest(sold: Sold) -> tuple[bool, bool, datetime, str, int]:
            return (
                sold.line.unit_price == came_back.unit_price,
                sold.line.quantity >= -came_back.quantity,
                sold.line.invoice_date,
                sold.line.invoice_no,
                sold.line.line_no,
            )

        best = max(candidates, key=likeliest)
        same_price, enough, *_ = likeliest(best)
        likelihood = ("low", "medium", "high")[same_price + enough]
        kept = (came_back.invoice_date.date() - best.line.invoice_date.date()).days
        return (*came_back.identity, *best.line.identity, likelihood, kept)


def _kind(invoice: Invoice, line: InvoiceLine) -> LineKind:
    return line_kind(invoice.kind.value, charge_kind(line.stock_code), line.quantity)


def _telling(sold: Sold) -> tuple[bool, datetime, str, int]:
    """How much a line's description is worth: that of a priced sale, then the most recent."""
    priced = sold.kind is LineKind.SALE and sold.line.unit_price > 0
    return priced, sold.line.invoice_date, sold.line.invoice_no, sold.line.line_no
