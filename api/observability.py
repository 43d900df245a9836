"""What the functions tell about themselves: logs, metrics and traces, by Powertools.

Nothing here, and nothing that is logged, holds a token, a key, a customer's id or a word
of what was sent: a request is known by API Gateway's id of it. An exception is logged as
its kind and where it was raised; its words only when they are of a service of ours.
"""

import traceback
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from types import TracebackType

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit

from connectors.dynamodb.errors import DynamoDBError
from connectors.record_sink import SinkError

NAMESPACE = "InvoiceStream"


@dataclass(frozen=True, slots=True)
class _Definition:
    name: str
    unit: MetricUnit
    meaning: str


class Metric(Enum):
    """Every metric of the API, with its unit and meaning."""

    REQUESTS = _Definition("Requests", MetricUnit.Count, "Requests answered, however.")
    LINES_ACCEPTED = _Definition("LinesAccepted", MetricUnit.Count, "Lines put on the stream.")
    LINES_REJECTED = _Definition("LinesRejected", MetricUnit.Count, "Lines refused in a request.")
    NOT_TAKEN = _Definition(
        "RequestsNotTaken", MetricUnit.Count, "Requests the stream did not take whole: 503."
    )
    INVOICES_READ = _Definition("InvoicesRead", MetricUnit.Count, "Invoices in history answers.")
    UNAUTHENTICATED = _Definition(
        "RequestsUnauthenticated", MetricUnit.Count, "Requests without a good token: 401."
    )
    FORBIDDEN = _Definition(
        "RequestsForbidden", MetricUnit.Count, "Requests for what is another customer's: 403."
    )
    FAULTS = _Definition("Faults", MetricUnit.Count, "Requests answered with 500.")


@dataclass(frozen=True, slots=True)
class Observability:
    """Where a function's logs, metrics and traces go.

    Attributes:
        logger: JSON lines on stdout.
        metrics: Embedded metrics on stdout.
        tracer: X-Ray's segments.
    """

    logger: Logger
    metrics: Metrics
    tracer: Tracer

    @classmethod
    def of(cls, service: str) -> "Observability":
        """For the service of this name; Powertools reads the rest from its own variables."""
        return cls(
            Logger(service=service),
            Metrics(namespace=NAMESPACE, service=service),
            Tracer(service=service, patch_modules=["botocore"]),
        )

    def count(self, metric: Metric, value: int = 1) -> None:
        """Add to a metric."""
        definition = metric.value
        self.metrics.add_metric(definition.name, definition.unit, value)

    def refused(self, error: Exception, status: int) -> None:
        """Log that a request was answered with a problem that is the caller's, or passes."""
        ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        why = describe(error) if ours else {"kind": type(error).__qualname__}
        self.logger.info("refused", extra={"status": int(status), **why})

    def fault(self, error: Exception) -> None:
        """Log an error of ours, without the words of what was being handled."""
        self.logger.error("fault", extra=describe(error))
        self.count(Metric.FAULTS)


def describe(error: BaseException) -> dict[str, object]:
    """An exception for the log: its kinds and places; the words only where they are ours."""
    chain: list[dict[str, object]] = []
    found: BaseException | None = error
    while found is not None:
        entry: dict[str, object] = {
            "kind": type(found).__qualname__,
            "raised_at": _places(found.__traceback__),
        }
        if isinstance(found, (SinkError, DynamoDBError)):
            entry["message"] = str(found)
        chain.append(entry)
        found = found.__cause__
    return {"error": chain}


def _places(trace: TracebackType | None) -> list[str]:
    return [
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)
    ]
