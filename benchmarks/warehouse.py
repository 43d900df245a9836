"""What a load costs: the whole of a lake into an empty warehouse, then one further day.

    python -m benchmarks.warehouse --lines 320705 --days 274
    python -m benchmarks.warehouse --lines 3207050 --days 2740

The lake is generated. Spark is started before the clock; what it reads is counted by Hadoop's own
statistics, the peak memory is that of all processes together.
"""

import argparse
import json
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet
from pyspark.sql import SparkSession

from connectors.lake import LINES_SCHEMA
from warehouse.attempt import new_attempt
from warehouse.load import LoadReport, load
from warehouse.parameters import JobParameters
from warehouse.places import open_places
from warehouse.spark import laptop, starter

LINES_AN_INVOICE = 20
PRODUCTS, CUSTOMERS = 4_000, 4_000
FIRST_DAY, ARRIVAL = datetime(2010, 12, 1, 9), datetime(2026, 1, 5, 10)
EPOCH = datetime(1970, 1, 1)


def day_of_lines(number: int, lines: int, first_invoice: int) -> pa.Table:
    """Lines of one day: invoices of twenty lines, one in ten a cancellation."""
    random = np.random.default_rng(number)
    invoice = first_invoice + np.arange(lines) // LINES_AN_INVOICE
    cancelled = invoice % 10 == 0
    names = [f"{'C' if off else ''}{one}" for one, off in zip(invoice, cancelled, strict=True)]
    units = random.integers(1, 24, lines) * np.where(cancelled, -1, 1)
    stock = random.zipf(1.3, lines) % PRODUCTS
    prices = pa.array([f"{code % 20 + 1}.{code % 100:02d}" for code in stock])
    sold = _micros(FIRST_DAY + timedelta(days=number)) + (invoice - first_invoice) * 1_000_000
    arrived = _micros(ARRIVAL + timedelta(days=number)) + np.arange(lines)
    return pa.table(
        {
            "schema_version": pa.array(np.ones(lines), pa.int32()),
            "invoice_no": names,
            "line_no": pa.array(np.arange(lines) % LINES_AN_INVOICE + 1, pa.int64()),
            "stock_code": [str(10_000 + code) for code in stock],
            "description": [f"PRODUCT {code}" for code in stock],
            "quantity": pa.array(units, pa.int32()),
            "invoice_date": pa.array(sold, pa.int64()).cast(pa.timestamp("us")),
            "unit_price": prices.cast(pa.decimal128(14, 4)),
            "customer_id": [str(12_000 + one * 7 % CUSTOMERS) for one in invoice],
            "country": ["United Kingdom"] * lines,
            "extras": pa.nulls(lines, pa.string()),
            "arrival_time": pa.array(arrived, pa.int64()).cast(pa.timestamp("us")),
            "shard_id": ["shardId-000000000000"] * lines,
            "sequence_number": [f"{number:08d}{place:048d}" for place in range(lines)],
        }
    ).cast(LINES_SCHEMA)


def _micros(moment: datetime) -> int:
    return int((moment - EPOCH) / timedelta(microseconds=1))


def write_day(lake: Path, number: int, lines: int) -> None:
    """One file, as the stream leaves it."""
    arrival = ARRIVAL + timedelta(days=number)
    folder = lake / f"lines/arrival_date={arrival:%Y-%m-%d}/arrival_hour={arrival:%H}"
    folder.mkdir(parents=True)
    first_invoice = 500_000 + number * (lines // LINES_AN_INVOICE + 1)
    pyarrow.parquet.write_table(day_of_lines(number, lines, first_invoice), folder / "part-0")


@contextmanager
def peak_memory() -> Iterator[list[int]]:
    """The most bytes that this process, its children and the database held together."""
    peak, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            peak[0] = max(peak[0], _held())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()


def _held() -> int:
    own = psutil.Process()
    found = {process.pid: process for process in [own, *own.children(recursive=True)]}
    for process in psutil.process_iter(["name"]):
        if process.info["name"] == "postgres":
            found[process.pid] = process
    return sum(_unique(process) for process in found.values())


def _unique(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().uss)
    except psutil.Error:
        return 0


def bytes_read(spark: SparkSession) -> int:
    """By Hadoop's file systems so far."""
    statistics = spark._jvm.org.apache.hadoop.fs.FileSystem.getAllStatistics()  # type: ignore[union-attr]  # noqa: SLF001
    return sum(int(one.getBytesRead()) for one in statistics)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=320_705)
    parser.add_argument("--days", type=int, default=274)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="invoice-stream-") as folder:
        measure(Path(folder), asked.lines, asked.days)
    os._exit(0)


def measure(folder: Path, lines: int, days: int) -> None:
    """One lake, loaded whole, then a day more."""
    daily = lines // days
    for number in range(days):
        write_day(folder / "lake", number, daily)
    parameters = JobParameters(
        lake=str(folder / "lake"), warehouse=f"embedded:{folder}/postgresql", region="eu-west-1"
    )
    spark = starter(laptop(parameters))()
    places = open_places(parameters, lambda: spark)
    with peak_memory() as peak:
        whole = load(places, new_attempt(), lambda _: None)
        before = bytes_read(spark)
        show("whole lake", whole, before)
        write_day(folder / "lake", days, daily)
        further = load(places, new_attempt(), lambda _: None)
        show("one further day", further, bytes_read(spark) - before)
    print(f"peak memory of all processes: {peak[0] / 2**20:.0f} MiB")
    spark.stop()


def show(name: str, report: LoadReport, read: int) -> None:
    """One load's figures."""
    seconds = sum(took for stage, took in report.seconds.items() if stage != "start spark")
    print(f"{name}: {report.message}")
    print(f"{name}: {seconds:.1f} s, {len(report.files)} files, {read} bytes read by Spark")
    print(f"{name}: {json.dumps(report.seconds)}")


if __name__ == "__main__":
    main()
