"""A load from end to end: find, check, stage, merge.

Upstream: ``warehouse.glue_job`` and the command line. Downstream: the warehouse. Up to the last
step the warehouse is only read; that step is one transaction under a lock, whose statements do
nothing twice. So a load that is killed anywhere, run again or run by two at once leaves the
same warehouse.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from time import monotonic

from pyspark.sql import SparkSession

from connectors.lake import Lake
from connectors.warehouse_port import Cell, CopyParquet, Statement, Warehouse, WarehouseError
from warehouse.attempt import Attempt
from warehouse.audit import batch_row, loaded_files, record_refusal
from warehouse.batch import Batch, Kind, file_rows
from warehouse.errors import LakeFileError, QualityError
from warehouse.lake_files import (
    CheckedFile,
    LakeFile,
    batch_id,
    check_files,
    list_lines,
    not_loaded,
)
from warehouse.preparing import prepare_warehouse
from warehouse.stage_lines import TABLE, stage_lines
from warehouse.staging import Staging
from warehouse.statements import sql_files


@dataclass(frozen=True, slots=True)
class Places:
    """Where a load reads and writes.

    Attributes:
        lake: The lake.
        lake_uri: Its URI, for Spark.
        staging: Gives the folder of an attempt, by batch and run.
        warehouse: The warehouse.
        spark: Starts Spark, or returns the session there is; not called when nothing is new.
    """

    lake: Lake
    lake_uri: str
    staging: Callable[[str, str], Staging]
    warehouse: Warehouse
    spark: Callable[[], SparkSession]


@dataclass(frozen=True, slots=True)
class Days:
    """Days of arrival, both included."""

    first: date
    last: date

    def hold(self, file: LakeFile) -> bool:
        """Whether the file's lines arrived on one of them."""
        return self.first <= file.arrival_date <= self.last


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did.

    Attributes:
        message: One line for people.
        audit: The batch's row in ``load_audit``; None when there was nothing to load.
        files: Names of the files read.
        seconds: Wall time, by stage.
    """

    message: str
    audit: dict[str, Cell] | None = None
    files: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)


class Stages:
    """Tells which stage begins, and how long each took."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """One stage."""
        self._tell(name)
        start = monotonic()
        yield
        self.seconds[name] = round(monotonic() - start, 3)


def load(places: Places, attempt: Attempt, tell: Callable[[str], None]) -> LoadReport:
    """Load the files that are not loaded yet.

    Args:
        places: Where.
        attempt: Of this run.
        tell: Called with the name of each stage as it begins.

    Raises:
        LakeError: The lake cannot be reached.
        LakeFileError: A file cannot be loaded; nothing was changed.
        QualityError: A check failed; nothing was changed.
        WarehouseError: The warehouse is out of reach or refused; nothing was changed, or the
            next run finds the batch loaded.
    """
    stages = Stages(tell)
    with stages.stage("find"):
        prepare_warehouse(places.warehouse)
        listed = list_lines(places.lake)
        new = not_loaded(listed, loaded_files(places.warehouse))
    if not new:
        return LoadReport(_nothing(listed), seconds=stages.seconds)
    return _load(places, _batch(attempt, "load", new), stages)


def backfill(
    places: Places, attempt: Attempt, days: Days, tell: Callable[[str], None]
) -> LoadReport:
    """Load all files whose lines arrived on these days, loaded before or not.

    Lines the warehouse lost or holds otherwise are put right; the rest is skipped.

    Raises:
        Exception: As ``load``.
    """
    stages = Stages(tell)
    with stages.stage("find"):
        prepare_warehouse(places.warehouse)
        listed = [file for file in list_lines(places.lake) if days.hold(file)]
    if not listed:
        message = f"the lake has no lines that arrived from {days.first} to {days.last}"
        return LoadReport(message, seconds=stages.seconds)
    return _load(places, _batch(attempt, "backfill", listed), stages)


def load_statements(copies: Sequence[CopyParquet]) -> list[Statement]:
    """The transaction, from the lock to the audit."""
    begin, *rest = sql_files("load")
    return [
        *begin.statements,
        *copies,
        *(statement for file in rest for statement in file.statements),
    ]


def _load(places: Places, batch: Batch, stages: Stages) -> LoadReport:
    try:
        with stages.stage("check"):
            files = check_files(places.lake, list(batch.files))
        with stages.stage("start spark"):
            spark = places.spark()
        staging = places.staging(batch.batch_id, batch.run_id)
        with stages.stage("stage"):
            copies = _stage(spark, places.lake_uri, batch, files, staging)
        with stages.stage("merge"):
            places.warehouse.run(load_statements(copies))
    except (LakeFileError, QualityError) as error:
        record_refusal(places.warehouse, batch, str(error))
        raise
    staging.remove()
    return _report(places.warehouse, batch, stages)


def _stage(
    spark: SparkSession,
    lake_uri: str,
    batch: Batch,
    files: Sequence[CheckedFile],
    staging: Staging,
) -> list[CopyParquet]:
    measures = stage_lines(spark, lake_uri, batch, files, staging)
    return [
        staging.write("stage_batch", batch.row(measures.read, measures.staged)),
        staging.write("stage_file", file_rows(files)),
        staging.copy(TABLE),
    ]


def _report(warehouse: Warehouse, batch: Batch, stages: Stages) -> LoadReport:
    audit = batch_row(warehouse, batch.batch_id)
    if audit is None:
        raise WarehouseError(f"batch {batch.batch_id} was merged, yet load_audit does not know it")
    message = (
        f"{audit['files']} files, {audit['rows_in']} lines: {audit['rows_merged']} merged"
        f" ({audit['rows_replaced']} in place of others), {audit['rows_skipped']} skipped"
    )
    names = tuple(file.name for file in batch.files)
    return LoadReport(message, audit, names, stages.seconds)


def _batch(attempt: Attempt, kind: Kind, files: Sequence[LakeFile]) -> Batch:
    salt = attempt.run_id if kind == "backfill" else ""
    return Batch(batch_id(files, salt), attempt.run_id, kind, attempt.started_at, tuple(files))


def _nothing(listed: Sequence[LakeFile]) -> str:
    if not listed:
        return "the lake has no lines yet: nothing to load"
    return f"nothing new: all {len(listed)} files of the lake are loaded"
