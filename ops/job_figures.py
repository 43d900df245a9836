"""What the job has done so far, from its metrics, and whether there is nothing left to do.

Upstream: Flink's REST API. Downstream: the line of progress, ``--until-idle``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ops.flink_rest import FlinkRest

DECODE, DOCUMENTS = "Decode_lines", "Write_documents"
BEHIND = "millisBehindLatest"
COUNTERS = (
    "numRecordsIn",
    "numRecordsOut",
    "lines_accepted",
    "lines_rejected",
    "duplicates_dropped",
    "invoices",
    "revisions",
)


@dataclass(frozen=True, slots=True)
class JobFigures:
    """The job's counters at one moment; they start at nought when it is restored.

    Attributes:
        records: Records decoded.
        accepted: Lines accepted.
        rejected: Lines set aside, conflicts among them.
        duplicates: Lines dropped because they were there already.
        invoices: Invoices met for the first time.
        revisions: Revisions emitted.
        batches: Batches of documents handed to the writer.
        batches_written: Batches it has written.
        shards_behind_ms: How far each shard's reading is behind its tip; empty before
            the first read.
        checkpoints: Completed checkpoints.
    """

    records: int
    accepted: int
    rejected: int
    duplicates: int
    invoices: int
    revisions: int
    batches: int
    batches_written: int
    shards_behind_ms: tuple[float, ...]
    checkpoints: int

    def nothing_under_way(self, shards: int) -> bool:
        """Whether each of so many shards was read to its tip and all documents are written."""
        caught_up = len(self.shards_behind_ms) >= shards and not any(self.shards_behind_ms)
        return caught_up and self.batches == self.batches_written


def read_figures(rest: FlinkRest) -> JobFigures:
    """Ask the job.

    Raises:
        FlinkRestError: It does not answer.
    """
    values = rest.metrics(BEHIND, *COUNTERS)
    return JobFigures(
        records=_count(values, "numRecordsIn", DECODE),
        accepted=_count(values, "lines_accepted"),
        rejected=_count(values, "lines_rejected"),
        duplicates=_count(values, "duplicates_dropped"),
        invoices=_count(values, "invoices"),
        revisions=_count(values, "revisions"),
        batches=_count(values, "numRecordsIn", DOCUMENTS),
        batches_written=_count(values, "numRecordsOut", DOCUMENTS),
        shards_behind_ms=tuple(
            value for name, value in values.items() if name.endswith(f".{BEHIND}")
        ),
        checkpoints=rest.checkpoints().completed,
    )


def _count(values: Mapping[str, float], name: str, operator: str = "") -> int:
    """Sum over full names, such as ``Decode_lines.numRecordsIn``; tasks' own have no operator."""
    return int(
        sum(
            value
            for full, value in values.items()
            if full.rpartition(".")[2] == name and full.startswith(operator)
        )
    )


class IdleWatch:
    """Says when the job has had nothing to do for a while.

    Args:
        seconds: How long nothing must have changed.
        shards: Open shards of the stream: each must have been read to its tip.
    """

    def __init__(self, seconds: float, shards: int = 1) -> None:
        self._seconds = seconds
        self._shards = shards
        self._last: tuple[int, ...] = ()
        self._since = 0.0

    def idle(self, figures: JobFigures, now: float) -> bool:
        """Look once more.

        Args:
            figures: The job's at this moment.
            now: Seconds of a clock that never goes back.
        """
        seen = (figures.records, figures.revisions, figures.batches, figures.batches_written)
        if seen != self._last or not figures.nothing_under_way(self._shards):
            self._last, self._since = seen, now
        return now - self._since >= self._seconds
