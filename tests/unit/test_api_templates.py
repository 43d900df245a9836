"""The mapping templates, rendered by a Velocity engine as API Gateway would.

The local API Gateway knows no templates, so this is where they are tried: against what
API Gateway documents of ``$input``, ``$util`` and ``$context``, and together with the
function that reads and writes what they make.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import airspeed
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ingestion import Ingestion
from api.ingestion_event import request_of
from api.ingestion_handler import ingestion_handler
from api.openapi_gateway import INTEGRATION, ingestion_extensions, template
from connectors.record_sink import MemoryRecordSink
from tests.api_cases import FunctionCaller, Json, shaped_event, wire_line

CONTEXT: Json = {
    "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
    "stage": "v1",
    "identity": {"apiKeyId": "k1", "sourceIp": "192.0.2.1"},
}
"""A captured ``$context``, as far as AWS documents it for an API key."""


class JavaText(str):
    """Text with the methods of Java's that a template calls."""

    __slots__ = ()

    def toLowerCase(self) -> str:  # noqa: N802 - Java's name
        return self.lower()


class JavaMap(dict[str, object]):
    """A map whose keys are such texts."""

    def keySet(self) -> list[JavaText]:  # noqa: N802 - Java's name
        return [JavaText(key) for key in self]

    def put(self, key: str, value: object) -> str:
        self[key] = value
        return ""


@dataclass
class Input:
    """``$input``: the request, or the function's answer."""

    body: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def params(self) -> Json:
        return {"header": JavaMap(self.headers), "querystring": {}, "path": {}}

    def path(self, path: str) -> object:
        assert path == "$"
        return json.loads(self.body, object_hook=JavaMap)


class Util:
    """``$util``."""

    def base64Encode(self, text: str) -> str:  # noqa: N802 - API Gateway's name
        return base64.b64encode(text.encode()).decode()


def render(text: str, given_input: Input, context: Json) -> str:
    """The template rendered; airspeed sets no element of a map, so it is put instead."""
    put = re.sub(
        r"#set\((\$context\.responseOverride\.header)\[(.+?)\] = (.+)\)\n",
        r"#set($ignored = \1.put(\2, \3))\n",
        text,
    )
    names = {"input": given_input, "util": Util(), "context": context}
    return cast(str, airspeed.Template(put).merge(names))


def shaped(body: str, headers: Mapping[str, str], context: Json = CONTEXT) -> Json:
    return cast(
        Json, json.loads(render(template("ingestion_request"), Input(body, headers), context))
    )


@dataclass
class Unfolded:
    """What API Gateway answers."""

    status: object
    headers: Json
    body: str


def unfolded(text: str, answer: str) -> Unfolded:
    override: Json = {"header": JavaMap()}
    body = render(text, Input(answer), {"responseOverride": override})
    return Unfolded(override.get("status"), cast(Json, override["header"]), body)


def test_the_request_template_makes_the_event_the_function_reads() -> None:
    body = json.dumps(wire_line(Description="é 'quoted' \"twice\" \\ $context #set"))
    headers = {"Content-Type": "application/json", "Idempotency-Key": "it's"}
    assert shaped(body, headers) == shaped_event(body, headers)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(max_size=20))
def test_whatever_is_sent_arrives_as_it_was_sent(body: str, key: str) -> None:
    key = key.encode("utf-8", "replace").decode()
    request = request_of(shaped(body, {"IDEMPOTENCY-KEY": key, "content-type": "a/b"}))
    assert request.body == body.encode()
    assert request.idempotency_key == (key or None)
    assert request.content_type == "a/b"
    assert (request.method, request.caller, request.stage) == ("POST", "k1", "v1")


def test_what_was_not_sent_is_not_there() -> None:
    request = request_of(shaped("{}", {}, {"requestId": "r", "stage": "v1", "identity": {}}))
    assert (request.content_type, request.idempotency_key, request.caller) == (None, None, None)


@pytest.mark.parametrize(
    ("body", "status"), [(wire_line(Description="é\n"), 202), ({}, 422), ([], 400)]
)
def test_an_answer_goes_through_both_templates(body: object, status: int) -> None:
    caller = FunctionCaller(lambda seen: ingestion_handler(Ingestion(MemoryRecordSink()), seen))
    called = caller.call(shaped(json.dumps(body), {"Content-Type": "application/json"}))
    folded = {"status": called.status, "headers": called.headers, "body": called.body}
    answer = unfolded(template("ingestion_response"), json.dumps(folded))
    assert answer.status == status
    assert answer.headers == called.headers
    assert json.loads(answer.body) == called.json


def test_a_function_that_fails_is_a_503_to_be_sent_again() -> None:
    integration = cast(Json, ingestion_extensions()[INTEGRATION])
    responses = cast(dict[str, Json], integration["responses"])
    (pattern,) = [name for name in responses if name != "default"]
    assert re.fullmatch(pattern, "2026-01-01 Task timed out\nafter 25.00 seconds")
    assert not re.fullmatch(pattern, "")
    assert responses[pattern]["statusCode"] == "503"
    templates = cast(Json, responses[pattern]["responseTemplates"])
    answer = unfolded(str(templates["application/json"]), "{}")
    assert json.loads(answer.body)["status"] == 503
    assert answer.headers == {"Content-Type": "application/problem+json", "Retry-After": "2"}
