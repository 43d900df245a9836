"""The ingestion function: one event in, one answer out, whatever happens.

Upstream: API Gateway. Downstream: ``api.ingestion``.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeAlias, cast

from aws_lambda_powertools.utilities.typing import LambdaContext

from api.answers import Receipt, to_json
from api.errors import NoGoodLineError, NotTakenError
from api.ingestion import Ingestion
from api.ingestion_event import Answer, Event, IngestionRequest, request_of, response_for
from api.observability import Metric, Observability
from api.problems import problem_answer

Handler: TypeAlias = Callable[[Event, LambdaContext], dict[str, object]]

SERVICE = "ingestion"


def ingestion_handler(ingestion: Ingestion, seen: Observability) -> Handler:
    """The function AWS calls."""

    @seen.metrics.log_metrics(capture_cold_start_metric=True)
    @seen.tracer.capture_lambda_handler(capture_response=False, capture_error=False)
    def handler(event: Event, _context: LambdaContext) -> dict[str, object]:
        seen.count(Metric.REQUESTS)
        try:
            answer = _receipt(ingestion, request_of(event), seen)
        except Exception as error:  # noqa: BLE001 - the table has an answer to every exception
            answer = _problem(error, seen)
        finally:
            seen.logger.clear_state()
        return response_for(event, answer)

    return cast(Handler, handler)


def _receipt(ingestion: Ingestion, request: IngestionRequest, seen: Observability) -> Answer:
    seen.logger.append_keys(
        request_id=request.request_id, caller=request.caller, stage=request.stage
    )
    receipt: Receipt = ingestion.take(request)
    rejected = len(receipt.rejected)
    seen.count(Metric.LINES_ACCEPTED, receipt.accepted)
    seen.count(Metric.LINES_REJECTED, rejected)
    seen.logger.info("taken", extra={"accepted": receipt.accepted, "rejected": rejected})
    return Answer(HTTPStatus.ACCEPTED, {"Content-Type": "application/json"}, to_json(receipt))


def _problem(error: Exception, seen: Observability) -> Answer:
    problem = problem_answer(error)
    if problem.kind.status is HTTPStatus.INTERNAL_SERVER_ERROR:
        seen.fault(error)
    else:
        seen.refused(error, problem.kind.status)
    if isinstance(error, NoGoodLineError):
        seen.count(Metric.LINES_REJECTED, len(error.errors))
    if isinstance(error, NotTakenError):
        seen.count(Metric.NOT_TAKEN)
    return Answer(problem.kind.status, problem.headers, to_json(problem.document))
