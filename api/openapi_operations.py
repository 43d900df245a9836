"""The API's operations, as OpenAPI describes them.

Upstream: the services' own constants, ``api.openapi_schemas``, ``api.openapi_gateway``.
Downstream: ``api.openapi``.
"""

from api import errors
from api.answers import (
    DetailedProblem,
    InvoiceAnswer,
    Problem,
    PurchasesAnswer,
    Receipt,
    SummaryAnswer,
)
from api.cursor import CURSOR
from api.history_query import DEFAULT_LIMIT, FROM, KIND, LIMIT, MAX_LIMIT, TO
from api.line_numbers import IDEMPOTENCY_KEY, MAX_KEY_CHARS
from api.openapi_gateway import history_integration, ingestion_extensions
from api.openapi_schemas import LINES_SCHEMA, JsonObject, reference
from api.problems import PROBLEM_JSON, PROBLEMS
from invoices.contract import BY_COLUMN, InvoiceKind
from invoices.json_schema import Json

_DETAILED = frozenset(
    {errors.InvalidParameterError, errors.MalformedBodyError, errors.NoGoodLineError}
)
"""Refusals whose problem document names what is wrong, one by one."""

INGEST_KEY, CUSTOMER_TOKEN = "IngestKey", "CustomerToken"


def take_lines() -> JsonObject:
    """``POST /invoice-lines``."""
    return {
        "operationId": "takeLines",
        "summary": "Take one line item, or several",
        "tags": ["ingestion"],
        "security": [{INGEST_KEY: []}],
        "parameters": [
            {
                "name": IDEMPOTENCY_KEY,
                "in": "header",
                "required": False,
                "description": (
                    "Numbers lines that come without `LineNo`: the same key and place in the"
                    " request are the same line, whenever it is sent again. A UUID at best."
                ),
                "schema": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": MAX_KEY_CHARS,
                    "pattern": "^[!-~]+$",
                },
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": reference(LINES_SCHEMA),
                    "examples": {
                        "one line": {"value": _line_example(1)},
                        "two lines": {"value": [_line_example(1), _line_example(2)]},
                    },
                }
            },
        },
        "responses": {
            "202": _json("What was accepted, and line by line what was not.", Receipt),
            **_problems(
                errors.InvalidParameterError,
                errors.MalformedBodyError,
                errors.BodyTooLargeError,
                errors.UnsupportedMediaTypeError,
                errors.NoGoodLineError,
                errors.NotTakenError,
            ),
            "403": _problem("The API key is missing or not known."),
            "429": _problem("Too many requests for this key, or its quota is used up.", retry=True),
        },
        **ingestion_extensions(),
    }


def list_purchases() -> JsonObject:
    """``GET /customers/{CustomerID}/invoices``."""
    return {
        "operationId": "listInvoices",
        "summary": "A customer's invoices, newest first",
        "tags": ["history"],
        "security": [{CUSTOMER_TOKEN: []}],
        "parameters": [
            _path_parameter("customer_id"),
            _query(
                LIMIT,
                "Most invoices of a page.",
                {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
            ),
            _query(CURSOR, "`next_cursor` of the page before.", {"type": "string", "minLength": 1}),
            _query(FROM, "First day, included.", {"type": "string", "format": "date"}),
            _query(TO, "Last day, included.", {"type": "string", "format": "date"}),
            _query(
                KIND,
                "Only invoices of this kind.",
                {"type": "string", "enum": [kind.value for kind in InvoiceKind]},
            ),
            _if_none_match(),
        ],
        "responses": _history_responses(
            "A page of invoices.", PurchasesAnswer, errors.InvalidParameterError
        ),
        **history_integration(),
    }


def summarize_customer() -> JsonObject:
    """``GET /customers/{CustomerID}/summary``."""
    return {
        "operationId": "summarizeCustomer",
        "summary": "Sums over all a customer bought",
        "tags": ["history"],
        "security": [{CUSTOMER_TOKEN: []}],
        "parameters": [_path_parameter("customer_id"), _if_none_match()],
        "responses": _history_responses("The sums.", SummaryAnswer, errors.InvalidParameterError),
        **history_integration(),
    }


def read_invoice() -> JsonObject:
    """``GET /invoices/{InvoiceNo}``."""
    responses = _history_responses("The invoice.", InvoiceAnswer, errors.InvalidParameterError)
    del responses["403"]
    return {
        "operationId": "readInvoice",
        "summary": "One invoice with its lines",
        "description": "Another customer's invoice looks like one that does not exist.",
        "tags": ["history"],
        "security": [{CUSTOMER_TOKEN: []}],
        "parameters": [_path_parameter("invoice_no"), _if_none_match()],
        "responses": responses,
        **history_integration(),
    }


def _history_responses(what: str, answer: type, *refusals: type[Exception]) -> JsonObject:
    found = _json(what, answer)
    found["headers"] = {"ETag": {"schema": {"type": "string"}}}
    return {
        "200": found,
        "304": {"description": "The caller has this answer already."},
        **_problems(
            errors.UnauthenticatedError,
            errors.ForbiddenError,
            errors.NotFoundError,
            errors.KeysUnavailableError,
            *refusals,
        ),
    }


def _problems(*refusals: type[Exception]) -> JsonObject:
    """Responses of what a request may be refused for, with the status the table has."""
    responses: JsonObject = {}
    meanings: dict[str, list[str]] = {}
    for refusal in refusals:
        kind = PROBLEMS[refusal]
        detailed = refusal in _DETAILED
        schema = DetailedProblem if detailed else Problem
        status = str(int(kind.status))
        meanings.setdefault(status, []).append((refusal.__doc__ or kind.title).strip())
        responses[status] = _problem(" ".join(meanings[status]), schema, retry=kind.retry)
    return dict(sorted(responses.items()))


def _problem(description: str, schema: type = Problem, *, retry: bool = False) -> JsonObject:
    response: JsonObject = {
        "description": description,
        "content": {PROBLEM_JSON: {"schema": reference(schema)}},
    }
    if retry:
        response["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}
        }
    return response


def _json(description: str, answer: type) -> JsonObject:
    return {
        "description": description,
        "content": {"application/json": {"schema": reference(answer)}},
    }


def _path_parameter(column: str) -> JsonObject:
    field = BY_COLUMN[column]
    return {
        "name": field.name,
        "in": "path",
        "required": True,
        "description": field.doc,
        "schema": {"type": "string", "minLength": 1, "maxLength": field.max_chars},
        "example": field.example,
    }


def _query(name: str, description: str, schema: JsonObject) -> JsonObject:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
    }


def _if_none_match() -> JsonObject:
    return {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "`ETag` of an answer the caller has: 304 when it is still the same.",
        "schema": {"type": "string"},
    }


def _line_example(line_no: int) -> dict[str, Json]:
    example: dict[str, Json] = {field.name: field.example for field in BY_COLUMN.values()}
    return example | {"LineNo": line_no}
