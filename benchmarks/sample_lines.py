"""Invented line items as JSON lines: the benchmarks' input, made as fast as it is written.

Shaped like a shop's data: about 20 lines an invoice, few of them long; some thousand
products of which a few sell often; a quarter of the invoices are guests'. Lines of an
invoice follow one another, as they do in a day's file.

Run as ``python -m benchmarks.sample_lines LINES PATH``.
"""

import random
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from invoices.contract import SCHEMA_VERSION
from invoices.line import date_text

PRODUCTS = 4000
CUSTOMERS, FIRST_CUSTOMER = 6000, 12_000
GUESTS = 0.25
COUNTRIES = ("United Kingdom",) * 18 + ("Germany", "France")
WORDS = ("WHITE", "HANGING", "HEART", "LIGHT", "HOLDER", "RED", "SET", "OF", "CAKE", "TINS", "BAG")
OPENING = datetime(2010, 12, 1, 8)
FIRST_INVOICE = 500_000


def write_sample(path: Path, lines: int, seed: int = 1) -> None:
    """Write this many line items, one JSON object a line; the same ones for one seed."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(islice(sample_lines(random.Random(seed)), lines))


def sample_lines(source: random.Random) -> Iterator[str]:
    """Line items without end, each with its line feed."""
    products = [_product(source) for _ in range(PRODUCTS)]
    for count, number in enumerate(range(FIRST_INVOICE, sys.maxsize)):
        date = date_text(OPENING + timedelta(minutes=2 * count))
        end = (
            f'"InvoiceDate":"{date}","CustomerID":{_customer(source)},'
            f'"Country":"{source.choice(COUNTRIES)}"}}\n'
        )
        for line_no in range(1, _invoice_length(source) + 1):
            product = products[int(PRODUCTS * source.random() ** 2)]
            yield (
                f'{{"SchemaVersion":{SCHEMA_VERSION},"InvoiceNo":"{number}","LineNo":{line_no},'
                f'{product},"Quantity":{source.randint(1, 24)},{end}'
            )


def _customer(source: random.Random) -> str:
    number = source.randrange(CUSTOMERS)
    return "null" if source.random() < GUESTS else f'"{FIRST_CUSTOMER + number}"'


def _product(source: random.Random) -> str:
    code = f"{source.randrange(10_000, 99_999)}{source.choice(('', '', 'A', 'B'))}"
    name = " ".join(source.choices(WORDS, k=source.randint(2, 6)))
    return (
        f'"StockCode":"{code}","Description":"{name}","UnitPrice":{source.randint(1, 2000) / 100}'
    )


def _invoice_length(source: random.Random) -> int:
    return min(700, 1 + int(source.expovariate(1 / 19.5)))


if __name__ == "__main__":
    write_sample(Path(sys.argv[2]), int(sys.argv[1]))
