"""The forecast step as a batch job of its own, after the load.

Upstream: a schedule, or ``invoice-stream warehouse forecast``. Downstream: ``forecast.run``.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from connectors.warehouse_address import open_warehouse
from warehouse.attempt import new_attempt
from warehouse.errors import FAILURES
from warehouse.forecast.run import ForecastReport, forecast
from warehouse.parameters import JobParameters, read_parameters
from warehouse.staging import staging_of


def run(parameters: JobParameters) -> ForecastReport:
    """Forecast once.

    Raises:
        Exception: One of ``FAILURES``.
    """
    return forecast(open_warehouse(parameters), staging_of(parameters), new_attempt())


def report_json(report: ForecastReport) -> str:
    """The report for programs."""
    return json.dumps(asdict(report)) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Run the job; its report is one JSON object on stdout.

    Returns:
        Exit status: 0, or 1 with the reason on stderr.
    """
    try:
        report = run(read_parameters(arguments))
    except FAILURES as error:
        sys.stderr.write(f"forecast: {error}\n")
        return 1
    sys.stdout.write(report_json(report))
    return 0


if __name__ == "__main__" and (status := main(sys.argv)):
    sys.exit(status)  # not with 0: Glue takes any exit for a failure
