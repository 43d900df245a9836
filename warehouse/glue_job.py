r"""The batch job as Glue 5.1 or ``spark-submit`` starts it: loads what is new in the lake.

Upstream: a schedule. Downstream: ``warehouse.load``. Spark is the one its environment gives.

    spark-submit warehouse/glue_job.py --lake s3://invoice-lake --region eu-west-1 \
        --warehouse 'redshift-serverless://invoices/dev?copy_role=arn:aws:iam::1:role/copy'
"""

import json
import sys
from collections.abc import Callable, Sequence

from pyspark.sql import SparkSession

from warehouse.attempt import new_attempt
from warehouse.errors import FAILURES
from warehouse.load import Days, LoadReport, backfill, load
from warehouse.parameters import JobParameters, read_parameters
from warehouse.places import open_places
from warehouse.spark import starter


def run(
    parameters: JobParameters, spark: Callable[[], SparkSession], tell: Callable[[str], None]
) -> LoadReport:
    """Load once.

    Args:
        parameters: Where, and which days if not what is new.
        spark: Starts Spark.
        tell: Called with the name of each stage.

    Raises:
        Exception: One of ``FAILURES``.
    """
    places = open_places(parameters, spark)
    attempt = new_attempt()
    if parameters.days is None:
        return load(places, attempt, tell)
    return backfill(places, attempt, Days(*parameters.days), tell)


def main(arguments: Sequence[str]) -> int:
    """Run the job; its report is one JSON object on stdout.

    Returns:
        Exit status: 0, or 1 with the reason on stderr.
    """
    try:
        report = run(read_parameters(arguments), starter({}), lambda stage: _say(f"{stage} ..."))
    except FAILURES as error:
        _say(str(error))
        return 1
    sys.stdout.write(report_json(report))
    return 0


def report_json(report: LoadReport) -> str:
    """The report for programs; money as text."""
    values = {
        "message": report.message,
        "audit": report.audit,
        "files": report.files,
        "seconds": report.seconds,
    }
    return json.dumps(values, default=str) + "\n"


def _say(text: str) -> None:
    sys.stderr.write(f"warehouse: {text}\n")


if __name__ == "__main__" and (status := main(sys.argv)):
    sys.exit(status)  # not with 0: Glue takes any exit for a failure
