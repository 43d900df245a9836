"""``reconcile``: asks the source and every store, compares them, reports.

Upstream: a source file and everything the job wrote. Downstream: ``var/report.json``.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from connectors.aws import dynamodb_client, kinesis_client
from connectors.lake import Lake, LakePart, merge_copies, open_lake
from connectors.settings import Settings
from ops.reconciliation.checks import Check, check_documents, check_revisions, check_source
from ops.reconciliation.deliveries import Deliveries, count_deliveries, duplicates_dropped
from ops.reconciliation.documents import StoredItem, read_documents, scan
from ops.reconciliation.headers import headers, revenue
from ops.reconciliation.ledger import LedgerEntry
from ops.reconciliation.report import Report
from ops.reconciliation.source import Source, read_source
from ops.stages import Stages


@dataclass(frozen=True, slots=True)
class Stores:
    """What is asked.

    Attributes:
        lake: The lake.
        invoices: Asks for all items of DynamoDB's table of invoices.
        customers: Asks for all items of its table of purchases.
        deliveries: Asks the stream how many lines it was sent.
    """

    lake: Lake
    invoices: Callable[[], Iterable[StoredItem]]
    customers: Callable[[], Iterable[StoredItem]]
    deliveries: Callable[[], Deliveries]


def stores_of(settings: Settings) -> Stores:
    """The stores that these settings name.

    Raises:
        LakeError: The lake's URI is of a kind not known.
    """
    dynamodb = dynamodb_client(settings)
    return Stores(
        lake=open_lake(settings),
        invoices=partial(scan, dynamodb, settings.invoices_table),
        customers=partial(scan, dynamodb, settings.customers_table),
        deliveries=partial(count_deliveries, kinesis_client(settings), settings.stream),
    )


def reconcile(
    source_path: Path, stores: Stores, ledger: Sequence[LedgerEntry] | None, stages: Stages
) -> Report:
    """Compare the source with every store.

    Args:
        source_path: The file that was sent.
        stores: Where it went.
        ledger: What was damaged on purpose, or None when that is not known.
        stages: Told how long each stage takes.

    Raises:
        UserError: The source cannot be read.
        LakeError: The lake cannot be read.
    """
    lake = stores.lake
    with stages.stage("read source"):
        source = read_source(source_path)
    with stages.stage("read lake"):
        all_lines, rejected = lake.read(LakePart.LINES), lake.read(LakePart.REJECTED)
        merged = merge_copies(all_lines)
    with stages.stage("compare lines"):
        checks = check_source(source.lines, merged, rejected, ledger)
        expected = headers(merged.lines)
    with stages.stage("compare invoices"):
        checks += check_revisions(merged.lines, lake.read(LakePart.INVOICES))
    with stages.stage("compare documents"):
        documents = read_documents(stores.invoices(), stores.customers())
        checks += check_documents(merged.lines, expected, documents)
    with stages.stage("count deliveries"):
        dropped = duplicates_dropped(stores.deliveries(), all_lines, rejected)
    return _report(
        source,
        lines=merged.lines,
        rejected=rejected,
        expected=expected,
        checks=checks,
        dropped=dropped,
        stages=stages,
    )


def _report(
    source: Source,
    *,
    lines: pa.Table,
    rejected: pa.Table,
    expected: pa.Table,
    checks: list[Check],
    dropped: int | None,
    stages: Stages,
) -> Report:
    return Report(
        source_lines=source.lines.num_rows,
        source_unreadable_rows=source.unreadable_rows,
        accepted_lines=lines.num_rows,
        rejected_lines=rejected.num_rows,
        duplicates_dropped=dropped,
        invoices=expected.num_rows,
        customers=pc.count_distinct(expected["customer_id"], mode="only_valid").as_py(),
        revenue=revenue(expected),
        checks=checks,
        notes=[*source.problems[:5], *(note for check in checks for note in check.notes)],
        seconds=stages.seconds,
    )
