"""One batch: the files that are loaded together, and the rows that describe it to the warehouse.

Upstream: ``warehouse.lake_files``. Downstream: ``warehouse.staging`` stages them beside the
lines, for the audit to be written from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import pyarrow as pa

from connectors.lake import TIMESTAMP
from invoices.contract import TOTAL_PRECISION, TOTAL_SCALE
from warehouse.lake_files import CheckedFile, LakeFile
from warehouse.quality import Sums

Kind = Literal["load", "backfill"]

_MONEY = pa.decimal128(TOTAL_PRECISION, TOTAL_SCALE)
BATCH_SCHEMA = pa.schema(
    [
        ("batch_id", pa.string()),
        ("run_id", pa.string()),
        ("kind", pa.string()),
        ("started_at", TIMESTAMP),
        ("files", pa.int64()),
        ("bytes", pa.int64()),
        ("rows_in", pa.int64()),
        ("rows_staged", pa.int64()),
        ("quantity_in", pa.int64()),
        ("amount_in", _MONEY),
        ("quantity_staged", pa.int64()),
        ("amount_staged", _MONEY),
    ]
)
FILE_SCHEMA = pa.schema([("file", pa.string()), ("bytes", pa.int64()), ("row_count", pa.int64())])


@dataclass(frozen=True, slots=True)
class Batch:
    """What one attempt loads.

    Attributes:
        batch_id: Hash of the file list.
        run_id: Of the attempt.
        kind: ``load``, or ``backfill`` when it is work done again on purpose.
        started_at: UTC.
        files: The files, by name.
    """

    batch_id: str
    run_id: str
    kind: Kind
    started_at: datetime
    files: Sequence[LakeFile]

    @property
    def bytes(self) -> int:
        """Of all its files."""
        return sum(file.bytes for file in self.files)

    def row(self, read: Sums, staged: Sums) -> pa.Table:
        """The one row of ``stage_batch``."""
        values = {
            "batch_id": self.batch_id,
            "run_id": self.run_id,
            "kind": self.kind,
            "started_at": self.started_at,
            "files": len(self.files),
            "bytes": self.bytes,
            "rows_in": read.rows,
            "rows_staged": staged.rows,
            "quantity_in": read.quantity,
            "amount_in": read.amount,
            "quantity_staged": staged.quantity,
            "amount_staged": staged.amount,
        }
        return pa.Table.from_pylist([values], schema=BATCH_SCHEMA)


def file_rows(files: Sequence[CheckedFile]) -> pa.Table:
    """The rows of ``stage_file``."""
    return pa.Table.from_pydict(
        {
            "file": [checked.file.name for checked in files],
            "bytes": [checked.file.bytes for checked in files],
            "row_count": [checked.rows for checked in files],
        },
        schema=FILE_SCHEMA,
    )
