"""What the benchmarks calculate, on small inputs; what they measure, only they know."""

import random
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks import results
from benchmarks.same_output import OutputsDifferError, require_same_output
from benchmarks.sample_lines import sample_lines, write_sample
from benchmarks.throughput import Throughput
from benchmarks.write_units import units_by_customers_invoice, units_line_by_line
from connectors.lake import INVOICES_SCHEMA, LINES_SCHEMA
from invoices.invoice import Invoice, group_lines
from invoices.line import InvoiceLine
from invoices.record import decode_record

ARRIVAL = datetime(2026, 1, 1, 12)
LATER = datetime(2026, 1, 2, 13)


def sample(count: int, seed: int = 3) -> list[InvoiceLine]:
    lines = islice(sample_lines(random.Random(seed)), count)
    decoded = [entry for text in lines for entry in decode_record(text.encode())]
    return [line for line in decoded if isinstance(line, InvoiceLine)]


def test_every_sample_line_is_good_and_has_a_name_of_its_own() -> None:
    lines = sample(500)
    assert len(lines) == 500
    assert len({line.identity for line in lines}) == 500
    assert len({line.customer_id for line in lines}) > 10


def test_one_seed_makes_one_sample(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_sample(tmp_path / name, 50)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert (tmp_path / "one").read_bytes().count(b"\n") == 50


def test_throughput_is_net_of_start_up_and_of_the_medians() -> None:
    measured = Throughput(
        job="ours",
        lines=1000,
        cpu_seconds=[30.0, 60.0, 31.0],
        start_up_cpu_seconds=[11.0, 10.0, 50.0],
        wall_seconds=[1.0],
        peak_memory_mb=1,
    )
    assert measured.lines_per_cpu_second == 1000 / (31 - 11)


def test_lakes_that_differ_only_in_arrival_order_and_steps_are_the_same(tmp_path: Path) -> None:
    lines = sample(60)
    write_lake(tmp_path / "one", lines, ARRIVAL)
    write_lake(tmp_path / "two", lines[::-1], LATER)
    write_revision(tmp_path / "two", group_lines(lines[:1]), LATER, "earlier")
    require_same_output(tmp_path / "one", tmp_path / "two")


def test_lakes_that_differ_in_one_value_are_told_apart(tmp_path: Path) -> None:
    lines = sample(60)
    changed = [*lines[:-1], lines[-1]._replace(unit_price=lines[-1].unit_price + Decimal("0.0001"))]
    write_lake(tmp_path / "one", lines, ARRIVAL)
    write_lake(tmp_path / "two", changed, ARRIVAL)
    with pytest.raises(OutputsDifferError, match="lines differ: 60 rows"):
        require_same_output(tmp_path / "one", tmp_path / "two")


def test_empty_lakes_prove_nothing(tmp_path: Path) -> None:
    with pytest.raises(OutputsDifferError, match="lines differ: 0 rows"):
        require_same_output(tmp_path / "one", tmp_path / "two")


def test_one_write_a_line_is_billed_for_the_growing_item() -> None:
    texts = list(islice(sample_lines(random.Random(3)), 400))
    lines = units_line_by_line(texts)
    assert lines > len(texts)
    assert lines == units_line_by_line(texts)


def test_a_customers_later_invoices_cost_what_the_first_did() -> None:
    units = units_by_customers_invoice(100)
    assert len(units) == 100
    assert max(units) == units[0]


def test_results_are_kept_and_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "FOLDER", tmp_path / "results")
    results.keep("write_units", {"units": 3.0}, [("units", "3", "<= 4")])
    page = (tmp_path / "results/README.md").read_text()
    assert "## Write units" in page
    assert "| units | 3 | <= 4 |" in page


def write_lake(lake: Path, lines: list[InvoiceLine], arrival: datetime) -> None:
    """The lines, and each invoice as one revision."""
    rows = [{**line._asdict(), "arrival_time": arrival} for line in lines]
    write(lake / "lines", pa.Table.from_pylist(rows, LINES_SCHEMA), "part")
    write_revision(lake, group_lines(lines), arrival, "part")


def write_revision(
    lake: Path, invoices: Mapping[str, Invoice], arrival: datetime, name: str
) -> None:
    """One revision of each invoice."""
    rows = [
        {
            "invoice_no": invoice.invoice_no,
            "revision": invoice.revision,
            "previous_revision": 0,
            "kind": invoice.kind.value,
            "invoice_date": invoice.invoice_date,
            "customer_id": invoice.customer_id,
            "country": invoice.country,
            "units": invoice.units,
            "total": invoice.total,
            "arrival_time": arrival,
            "lines": [line._asdict() for line in invoice.lines],
        }
        for invoice in invoices.values()
    ]
    write(lake / "invoices", pa.Table.from_pylist(rows, INVOICES_SCHEMA), name)


def write(folder: Path, table: pa.Table, name: str) -> None:
    """One Parquet file."""
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, folder / f"{name}.parquet")
