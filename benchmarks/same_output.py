"""Whether two jobs wrote the same lake: what makes their costs comparable.

Upstream: the lakes of ``benchmarks.run_job``. Downstream: ``benchmarks.throughput``.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import fs

from connectors.lake import ARRIVAL_COLUMN, Lake, LakePart, merge_copies, starts_of_runs

NOT_COMPARED = (ARRIVAL_COLUMN, "shard_id", "sequence_number", "previous_revision")
"""When a line arrived, and in how many steps an invoice grew."""


class OutputsDifferError(Exception):
    """Two jobs over one input did not write the same."""


def require_same_output(one: Path, other: Path) -> None:
    """Compare each line, and each invoice's last revision, of two lakes in folders.

    Raises:
        OutputsDifferError: They differ, or hold nothing.
    """
    for part, rows in ((LakePart.LINES, standing_lines), (LakePart.INVOICES, last_revisions)):
        first, second = rows(_lake(one)), rows(_lake(other))
        if first.num_rows == 0 or not first.equals(second):
            raise OutputsDifferError(
                f"{part.value} differ: {first.num_rows} rows in {one}, {second.num_rows} in {other}"
            )


def standing_lines(lake: Lake) -> pa.Table:
    """Lines in order of identity, each once."""
    return _compared(merge_copies(lake.read(LakePart.LINES)).lines)


def last_revisions(lake: Lake) -> pa.Table:
    """Each invoice as it is in the end, in order of its number."""
    revisions = lake.read(LakePart.INVOICES)
    keys = [("invoice_no", "ascending"), ("revision", "descending")]
    ordered = revisions.take(pc.sort_indices(revisions, sort_keys=keys)).combine_chunks()
    return _compared(ordered.filter(starts_of_runs(ordered, ("invoice_no",))))


def _lake(folder: Path) -> Lake:
    return Lake(fs.LocalFileSystem(), str(folder))


def _compared(rows: pa.Table) -> pa.Table:
    kept = [name for name in rows.column_names if name not in NOT_COMPARED]
    return rows.select(kept).combine_chunks()
