"""API Gateway's event becomes a request, and an answer what API Gateway wants back.

Two kinds of event arrive. On AWS the integration's mapping template
(``templates/ingestion_request.vtl``) shapes one of its own, and another template
unfolds the answer; the local API Gateway knows no templates and hands over the proxy
event, as it does for a method the path does not take. The request is the same.

Upstream: API Gateway. Downstream: ``api.ingestion``.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypedDict, cast

Event: TypeAlias = Mapping[str, object]

SHAPED = "invoice-lines/1"
"""What the mapping template writes in ``shape``."""


@dataclass(frozen=True, slots=True)
class IngestionRequest:
    """A request to take lines.

    Attributes:
        method: HTTP method.
        body: The body's bytes.
        content_type: Header ``Content-Type``, or None.
        idempotency_key: Header ``Idempotency-Key``, or None.
        caller: Id of the API key, never the key; None where API Gateway does not tell.
        request_id: API Gateway's id of the request.
        stage: Stage of the API.
    """

    method: str
    body: bytes
    content_type: str | None
    idempotency_key: str | None
    caller: str | None
    request_id: str
    stage: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, before it takes the form API Gateway wants."""

    status: int
    headers: Mapping[str, str]
    body: str


class ShapedEvent(TypedDict):
    """What the mapping template makes; what the caller wrote is base64, so nothing escapes."""

    shape: str
    body: str
    contentType: str
    idempotencyKey: str
    caller: str
    requestId: str
    stage: str


def is_shaped(event: Event) -> bool:
    """Whether the mapping template made the event."""
    return event.get("shape") == SHAPED


def request_of(event: Event) -> IngestionRequest:
    """The request in either kind of event."""
    return _of_shaped(cast(ShapedEvent, event)) if is_shaped(event) else _of_proxy(event)


def response_for(event: Event, answer: Answer) -> dict[str, object]:
    """The answer, in the form the integration that sent the event expects."""
    status = "status" if is_shaped(event) else "statusCode"
    return {status: answer.status, "headers": dict(answer.headers), "body": answer.body}


def _of_shaped(event: ShapedEvent) -> IngestionRequest:
    return IngestionRequest(
        method="POST",
        body=base64.b64decode(event["body"]),
        content_type=_text(event["contentType"]),
        idempotency_key=_text(event["idempotencyKey"]),
        caller=event["caller"] or None,
        request_id=event["requestId"],
        stage=event["stage"],
    )


def _text(encoded: str) -> str | None:
    return base64.b64decode(encoded).decode("utf-8", "replace") if encoded else None


def _of_proxy(event: Event) -> IngestionRequest:
    headers = {name.lower(): value for name, value in _mapping(event, "headers").items()}
    context = _mapping(event, "requestContext")
    caller = _mapping(context, "identity").get("apiKeyId")
    return IngestionRequest(
        method=str(event.get("httpMethod")),
        body=_proxy_body(event),
        content_type=_string(headers.get("content-type")),
        idempotency_key=_string(headers.get("idempotency-key")),
        caller=_string(caller),
        request_id=str(context.get("requestId", "")),
        stage=str(context.get("stage", "")),
    )


def _proxy_body(event: Event) -> bytes:
    body = event.get("body") or ""
    return base64.b64decode(str(body)) if event.get("isBase64Encoded") else str(body).encode()


def _mapping(values: Event, name: str) -> Event:
    return cast(Event, values.get(name) or {})


def _string(value: object) -> str | None:
    return value if isinstance(value, str) else None
