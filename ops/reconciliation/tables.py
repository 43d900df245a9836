"""Rows of Python values made into Arrow tables, a batch at a time, so that memory stays small."""

from collections.abc import Iterable, Sequence

import pyarrow as pa

BATCH_ROWS = 50_000


class TableBuilder:
    """Takes rows, gives a table in one chunk.

    Args:
        schema: Columns of the table; rows hold values in this order.
    """

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._rows: list[Sequence[object]] = []
        self._batches = [schema.empty_table()]

    def extend(self, rows: Iterable[Sequence[object]]) -> None:
        """Add rows.

        Raises:
            pyarrow.ArrowInvalid: A value does not fit its column; tested a batch at a time.
        """
        self._rows.extend(rows)
        if len(self._rows) >= BATCH_ROWS:
            self._convert()

    def finish(self) -> pa.Table:
        """All rows so far."""
        if self._rows:
            self._convert()
        return pa.concat_tables(self._batches).combine_chunks()

    def _convert(self) -> None:
        columns = [
            pa.array(values, kind)
            for values, kind in zip(zip(*self._rows, strict=True), self._schema.types, strict=True)
        ]
        self._batches.append(pa.table(columns, schema=self._schema))
        self._rows.clear()
