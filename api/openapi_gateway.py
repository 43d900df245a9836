"""What API Gateway is told beside OpenAPI: validators, templates, integrations, its own errors.

Names in ``Fn::Sub`` are those of the template that deploys the API; ``api.gateway`` fills
them in for the local one.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html

Upstream: ``api/templates``, ``api.problems``. Downstream: ``api.openapi``.
"""

import json
from http import HTTPStatus
from pathlib import Path

from api.openapi_schemas import JsonObject
from api.problems import PROBLEM_JSON, PROBLEM_TYPE, RETRY_AFTER_SECONDS
from invoices.contract import MAX_RECORD_LINES
from invoices.json_schema import Json

ANY_METHOD = "x-amazon-apigateway-any-method"
INTEGRATION = "x-amazon-apigateway-integration"
VALIDATOR = "x-amazon-apigateway-request-validator"
VALIDATORS = "x-amazon-apigateway-request-validators"
GATEWAY_RESPONSES = "x-amazon-apigateway-gateway-responses"

INGESTION_FUNCTION, HISTORY_FUNCTION = "IngestionFunction.Arn", "HistoryFunction.Arn"
"""What stands for the functions' ARNs until the API is deployed."""

ENVELOPE_VALIDATOR = "envelope"

TIMEOUT_MILLISECONDS = 29_000
"""The longest API Gateway waits."""

_TEMPLATES = Path(__file__).parent / "templates"
_JSON = "application/json"


def gateway_extensions() -> JsonObject:
    """Extensions of the document as a whole."""
    return {
        "x-amazon-apigateway-api-key-source": "HEADER",
        VALIDATORS: {
            ENVELOPE_VALIDATOR: {"validateRequestBody": True, "validateRequestParameters": False}
        },
        GATEWAY_RESPONSES: _gateway_responses(),
    }


def ingestion_extensions() -> JsonObject:
    """Of ``POST /invoice-lines``: the envelope is validated, templates shape event and answer."""
    return {
        VALIDATOR: ENVELOPE_VALIDATOR,
        INTEGRATION: {
            **_lambda(INGESTION_FUNCTION),
            "type": "aws",
            "passthroughBehavior": "never",
            "requestTemplates": {_JSON: template("ingestion_request")},
            "responses": {
                "default": {
                    "statusCode": str(int(HTTPStatus.ACCEPTED)),
                    "responseTemplates": {_JSON: template("ingestion_response")},
                },
                "(?s).+": {
                    "statusCode": str(int(HTTPStatus.SERVICE_UNAVAILABLE)),
                    "responseTemplates": {_JSON: _no_answer()},
                },
            },
        },
    }


def history_integration() -> JsonObject:
    """Of the history's paths: the function gets the request as it is."""
    return {INTEGRATION: _proxy(HISTORY_FUNCTION)}


def any_method(taken: str) -> JsonObject:
    """Of every method but the one a path takes: the function says 405, or answers a preflight.

    Args:
        taken: The method the path takes.
    """
    function = INGESTION_FUNCTION if taken == "POST" else HISTORY_FUNCTION
    return {
        "responses": {"405": {"description": f"This path takes {taken}."}},
        INTEGRATION: _proxy(function),
    }


def template(name: str) -> str:
    """A mapping template's text."""
    return (_TEMPLATES / f"{name}.vtl").read_text(encoding="utf-8")


def _proxy(function: str) -> JsonObject:
    return {**_lambda(function), "type": "aws_proxy", "passthroughBehavior": "when_no_match"}


def _lambda(function: str) -> JsonObject:
    return {
        "httpMethod": "POST",
        "uri": {
            "Fn::Sub": (
                "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
                f"${{{function}}}/invocations"
            )
        },
        "timeoutInMillis": TIMEOUT_MILLISECONDS,
    }


def _no_answer() -> str:
    """What is said when the function failed without an answer, or took too long."""
    problem = _problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "not-taken",
        "No answer",
        "whether the lines were taken is not known: send the same request again, a line that was"
        " taken is not counted twice",
    )
    headers = {"Content-Type": PROBLEM_JSON, "Retry-After": str(RETRY_AFTER_SECONDS)}
    sets = "".join(
        f'#set($context.responseOverride.header["{name}"] = "{value}")\n'
        for name, value in headers.items()
    )
    return sets + json.dumps(problem)


def _gateway_responses() -> JsonObject:
    """API Gateway's own refusals, as problem documents too."""
    too_many = "the key's rate is used up: wait a moment"
    lines = f"one line item as a JSON object, or an array of 1 to {MAX_RECORD_LINES}"
    return {
        "BAD_REQUEST_BODY": _response(
            HTTPStatus.BAD_REQUEST,
            "malformed-body",
            "Malformed body",
            f"the body is {lines}",
            errors=[{"parameter": "body", "detail": f"is {lines}"}],
        ),
        "INVALID_API_KEY": _response(
            HTTPStatus.FORBIDDEN,
            "invalid-key",
            "Invalid API key",
            "the header x-api-key is missing, or its key is not known",
        ),
        "MISSING_AUTHENTICATION_TOKEN": _response(
            HTTPStatus.NOT_FOUND, "no-such-path", "No such path", "there is nothing at this path"
        ),
        "REQUEST_TOO_LARGE": _response(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "body-too-large",
            "Body too large",
            "the body is larger than is taken: send fewer lines at a time",
        ),
        "UNSUPPORTED_MEDIA_TYPE": _response(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "Unsupported media type",
            f"the body is {_JSON} in UTF-8",
        ),
        "THROTTLED": _response(
            HTTPStatus.TOO_MANY_REQUESTS, "too-many", "Too many requests", too_many, retry_after=1
        ),
        "QUOTA_EXCEEDED": _response(
            HTTPStatus.TOO_MANY_REQUESTS,
            "quota-used-up",
            "Quota used up",
            "the key's quota is used up until its next period",
            retry_after=3600,
        ),
        "INTEGRATION_TIMEOUT": _response(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "unavailable",
            "No answer in time",
            "send the same again",
            retry_after=RETRY_AFTER_SECONDS,
        ),
        "INTEGRATION_FAILURE": _response(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "unavailable",
            "Unavailable",
            "send the same again",
            retry_after=RETRY_AFTER_SECONDS,
        ),
        "DEFAULT_4XX": _response(None, "refused", "Refused", "the request was refused"),
        "DEFAULT_5XX": _response(
            None, "internal-error", "Internal error", "something is wrong on our side"
        ),
    }


def _response(
    status: HTTPStatus | None,
    slug: str,
    title: str,
    detail: str,
    *,
    retry_after: int | None = None,
    errors: list[Json] | None = None,
) -> JsonObject:
    """A gateway response; without a status each of its kind keeps its own."""
    problem = _problem(status, slug, title, detail) | ({"errors": errors} if errors else {})
    parameters: JsonObject = {"gatewayresponse.header.Content-Type": f"'{PROBLEM_JSON}'"}
    if retry_after is not None:
        parameters["gatewayresponse.header.Retry-After"] = f"'{retry_after}'"
    response: JsonObject = {} if status is None else {"statusCode": str(int(status))}
    return response | {
        "responseParameters": parameters,
        "responseTemplates": {_JSON: json.dumps(problem)},
    }


def _problem(status: HTTPStatus | None, slug: str, title: str, detail: str) -> JsonObject:
    problem: JsonObject = {"type": PROBLEM_TYPE + slug, "title": title}
    if status is not None:
        problem["status"] = int(status)
    return problem | {"detail": detail}
