"""Spark's part of a load: from files of the lake to staged files, counted and checked.

Upstream: ``warehouse.load``. Downstream: ``warehouse.staging``.
"""

import re
from collections.abc import Sequence

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from warehouse.batch import Batch
from warehouse.errors import LakeFileError
from warehouse.lake_files import CheckedFile
from warehouse.lines import REQUIRED_COLUMNS, Counted, prepare, read_lines, sums
from warehouse.quality import Measures, require
from warehouse.staging import Staging

TABLE = "stage_line"
_FILE_IN_MESSAGE = re.compile(r"(lines/arrival_date=\S+?)[\s,.;:'\"]*(?:$|\s)", re.MULTILINE)


def stage_lines(
    spark: SparkSession, lake_uri: str, batch: Batch, files: Sequence[CheckedFile], into: Staging
) -> Measures:
    """Read, type and stage the lines of a batch.

    Args:
        spark: Session.
        lake_uri: URI of the lake, for Spark.
        batch: What is loaded.
        files: Its files, footers read.
        into: Where to stage.

    Raises:
        LakeFileError: A file cannot be read.
        QualityError: What was read is not what it must be.
    """
    lines = read_lines(spark, [f"{lake_uri}/{file.name}" for file in batch.files])
    counted = prepare(lines, batch.batch_id)
    try:
        counted.lines.write.parquet(into.uri(TABLE))
    except (PySparkException, Py4JJavaError) as error:
        raise _readable(error) from error
    measures = _measures(counted, files, into)
    require(measures)
    return measures


def _measures(counted: Counted, files: Sequence[CheckedFile], into: Staging) -> Measures:
    read, staged = counted.read.get, counted.staged.get
    return Measures(
        listed_rows=sum(checked.rows for checked in files),
        read=sums(read),
        accounted=sums(staged, "accounted_"),
        staged=sums(staged),
        written_rows=into.rows(TABLE),
        nulls={name: read[f"no_{name}"] for name in REQUIRED_COLUMNS},
        numbered_below_one=read["numbered_below_one"],
    )


def _readable(error: PySparkException | Py4JJavaError) -> LakeFileError:
    """Spark's error as one line, with the file it tells of."""
    text = str(error)
    found = _FILE_IN_MESSAGE.search(text)
    causes = [line.split(":", 1)[1] for line in text.splitlines() if line.startswith("Caused by:")]
    reason = (causes[-1] if causes else text.splitlines()[0]).strip()
    return LakeFileError(f"{found[1] if found else 'a file of the lake'} cannot be read: {reason}")
