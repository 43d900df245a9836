"""A staged Parquet file as CSV text for PostgreSQL's COPY, piece by piece.

Upstream: ``connectors.manifest``. Downstream: ``connectors.postgresql``. Redshift reads the
Parquet itself; PostgreSQL cannot. Arrow writes the text, so a million rows take seconds and
never stand in memory together. Null is an empty field, an empty text is quoted.
"""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from pyarrow import fs

ROWS_A_PIECE = 65_536
COPY_OPTIONS = "FORMAT csv, NULL ''"


def csv_pieces(filesystem: fs.FileSystem, path: str) -> Iterator[memoryview]:
    """The rows of a file in order.

    Raises:
        OSError: It cannot be read.
        pa.ArrowException: It is not Parquet.
    """
    options = pyarrow.csv.WriteOptions(include_header=False)
    with filesystem.open_input_file(path) as source:
        file = pyarrow.parquet.ParquetFile(source, coerce_int96_timestamp_unit="us")
        for batch in file.iter_batches(ROWS_A_PIECE):
            sink = pa.BufferOutputStream()
            pyarrow.csv.write_csv(_textual(batch), sink, options)
            yield memoryview(sink.getvalue())


def _textual(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Decimals as their plain digits: Arrow's writer of CSV takes none."""
    columns = [
        column.cast(pa.string()) if pa.types.is_decimal(column.type) else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
