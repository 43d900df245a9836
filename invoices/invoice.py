"""Grouping: lines merged by identity into an invoice.

Upstream: ``invoices.line``. Downstream: ``invoices.documents``. The Flink job
groups in the JVM (``GroupInvoices``); this is the same rule in Python, used by
the sinks when what they hold and what arrives must be merged, and the model
the job is tested against.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal, Inexact
from functools import reduce

from invoices.contract import TOTAL_PRECISION, InvoiceKind, kind_of
from invoices.line import InvoiceLine

_EXACT = Context(prec=TOTAL_PRECISION, traps=[Inexact])
"""Python's own context keeps 28 digits and rounds the rest away in silence; this one raises."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice as known so far: its lines in order of ``line_no``, never empty.

    The header is that of the lowest line; only the customer is the lowest
    line's that has one, so that a line without a customer does not hide an
    invoice from its owner. It depends on the set of lines alone, not on the
    order in which they came.
    """

    lines: tuple[InvoiceLine, ...]

    @property
    def invoice_no(self) -> str:
        """Number of the invoice."""
        return self.lines[0].invoice_no

    @property
    def kind(self) -> InvoiceKind:
        """Sale, cancellation or adjustment."""
        return kind_of(self.invoice_no)

    @property
    def revision(self) -> int:
        """How many distinct lines are held: it only grows, and ends the same on every replay."""
        return len(self.lines)

    @property
    def invoice_date(self) -> datetime:
        """The shop's local time of the lowest line."""
        return self.lines[0].invoice_date

    @property
    def country(self) -> str:
        """Country of the lowest line."""
        return self.lines[0].country

    @property
    def customer_id(self) -> str | None:
        """Customer of the lowest line that has one; None for a guest."""
        return next((line.customer_id for line in self.lines if line.customer_id is not None), None)

    @property
    def units(self) -> int:
        """Sum of quantities."""
        return sum(line.quantity for line in self.lines)

    @property
    def total(self) -> Decimal:
        """Sum of quantity x unit price, exact."""
        return reduce(_EXACT.add, (line.amount for line in self.lines), Decimal(0))


def merge_lines(*groups: Iterable[InvoiceLine]) -> Invoice:
    """One invoice from lines of the same number; of two with one identity the first stands.

    Raises:
        ValueError: There is no line, or the lines are of several invoices.
    """
    held: dict[int, InvoiceLine] = {}
    for group in groups:
        for line in group:
            held.setdefault(line.line_no, line)
    numbers = {line.invoice_no for line in held.values()}
    if len(numbers) != 1:
        raise ValueError(f"an invoice is made of lines of one invoice, not of {sorted(numbers)}")
    return Invoice(tuple(held[line_no] for line_no in sorted(held)))


def group_lines(lines: Iterable[InvoiceLine]) -> Mapping[str, Invoice]:
    """Invoices by number, from lines in any order."""
    by_number: dict[str, list[InvoiceLine]] = {}
    for line in lines:
        by_number.setdefault(line.invoice_no, []).append(line)
    return {number: merge_lines(group) for number, group in by_number.items()}
