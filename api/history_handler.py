"""The history function: routes, who may ask, and the form of the answers.

Upstream: API Gateway, its proxy event. Downstream: ``api.tokens``, ``api.history``.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256
from http import HTTPStatus
from typing import TypeAlias, cast

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig, Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from aws_lambda_powertools.utilities.typing import LambdaContext

from api.answers import to_json
from api.errors import (
    ForbiddenError,
    MethodNotAllowedError,
    NotFoundError,
    UnauthenticatedError,
)
from api.history import History, no_such_invoice
from api.history_query import read_no_query, read_query
from api.observability import Metric, Observability
from api.problems import problem_answer
from api.tokens import Reader, TokenVerifier

Handler: TypeAlias = Callable[[dict[str, object], LambdaContext], dict[str, object]]

SERVICE = "history"
METHOD = "GET"

PURCHASES_PATH = "/customers/<customer_id>/invoices"
SUMMARY_PATH = "/customers/<customer_id>/summary"
INVOICE_PATH = "/invoices/<invoice_no>"

_COUNTED = {UnauthenticatedError: Metric.UNAUTHENTICATED, ForbiddenError: Metric.FORBIDDEN}


def history_handler(
    history: History, verifier: TokenVerifier, origins: tuple[str, ...], seen: Observability
) -> Handler:
    """The function AWS calls.

    Args:
        history: What is read.
        verifier: Tells who asks.
        origins: Origins that browsers may call from; none closes CORS.
        seen: Where it tells about itself.
    """
    app = APIGatewayRestResolver(cors=_cors(origins))
    _Routes(app, history, verifier, seen)

    @seen.metrics.log_metrics(capture_cold_start_metric=True)
    @seen.tracer.capture_lambda_handler(capture_response=False, capture_error=False)
    def handler(event: dict[str, object], context: LambdaContext) -> dict[str, object]:
        request = APIGatewayProxyEvent(event).request_context
        seen.logger.append_keys(request_id=request.request_id, stage=request.stage)
        seen.count(Metric.REQUESTS)
        try:
            return app.resolve(event, context)
        finally:
            seen.logger.clear_state()

    return cast(Handler, handler)


class _Routes:
    """One method a use case; each tells first who asks, then whether they may."""

    def __init__(
        self,
        app: APIGatewayRestResolver,
        history: History,
        verifier: TokenVerifier,
        seen: Observability,
    ) -> None:
        self._app = app
        self._history = history
        self._verifier = verifier
        self._seen = seen
        app.get(PURCHASES_PATH)(self.purchases)
        app.get(SUMMARY_PATH)(self.summary)
        app.get(INVOICE_PATH)(self.invoice)
        app.not_found(self.refuse_route)
        app.exception_handler(Exception)(self.problem)

    def purchases(self, customer_id: str) -> Response[str]:
        """A page of a customer's invoices."""
        self._reader().require(customer_id)
        query = read_query(self._parameters)
        page = self._history.purchases(customer_id, query)
        return self._answer(page, PURCHASES_PATH, len(page.invoices))

    def summary(self, customer_id: str) -> Response[str]:
        """Sums over a customer's invoices."""
        self._reader().require(customer_id)
        read_no_query(self._parameters)
        summary = self._history.summary(customer_id)
        return self._answer(summary, SUMMARY_PATH, summary.invoices)

    def invoice(self, invoice_no: str) -> Response[str]:
        """An invoice; another's looks like one that is not there."""
        reader = self._reader()
        read_no_query(self._parameters)
        invoice = self._history.invoice(invoice_no)
        if not reader.may_read(invoice.customer_id):
            raise no_such_invoice()
        return self._answer(invoice, INVOICE_PATH, 1)

    def refuse_route(self, _error: Exception) -> Response[str]:
        """API Gateway sends paths there are: mostly it is the method that is not."""
        if self._app.current_event.http_method == METHOD:
            return self.problem(NotFoundError("there is nothing at this path"))
        return self.problem(MethodNotAllowedError((METHOD,)))

    def problem(self, error: Exception) -> Response[str]:
        """The problem document of whatever was raised."""
        problem = problem_answer(error)
        if problem.kind.status is HTTPStatus.INTERNAL_SERVER_ERROR:
            self._seen.fault(error)
        else:
            self._seen.refused(error, problem.kind.status)
        if type(error) in _COUNTED:
            self._seen.count(_COUNTED[type(error)])
        return _response(problem.kind.status, to_json(problem.document), problem.headers)

    @property
    def _parameters(self) -> Mapping[str, list[str]]:
        return self._app.current_event.resolved_query_string_parameters

    def _reader(self) -> Reader:
        return self._verifier.reader(self._header("authorization"))

    def _header(self, name: str) -> str | None:
        return self._app.current_event.headers.get(name)

    def _answer(self, answer: object, path: str, invoices: int) -> Response[str]:
        """The answer, or that the caller has it already."""
        self._seen.count(Metric.INVOICES_READ, invoices)
        self._seen.logger.info("read", extra={"path": path, "invoices": invoices})
        body = to_json(answer)
        etag = f'"{sha256(body.encode()).hexdigest()[:32]}"'
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if _matches(self._header("if-none-match"), etag):
            return _response(HTTPStatus.NOT_MODIFIED, "", headers)
        return _response(HTTPStatus.OK, body, {"Content-Type": "application/json"} | headers)


def _cors(origins: tuple[str, ...]) -> CORSConfig | None:
    if not origins:
        return None
    return CORSConfig(
        allow_origin=origins[0],
        extra_origins=list(origins[1:]),
        allow_headers=["If-None-Match"],
        expose_headers=["ETag", "Retry-After"],
        max_age=600,
    )


def _response(status: HTTPStatus, body: str, headers: Mapping[str, str]) -> Response[str]:
    return Response(status_code=int(status), body=body, headers=dict(headers))


def _matches(header: str | None, etag: str) -> bool:
    """Whether ``If-None-Match`` names what would be answered (RFC 9110, weakly compared)."""
    if header is None:
        return False
    named = {part.strip().removeprefix("W/") for part in header.split(",")}
    return "*" in named or etag in named
