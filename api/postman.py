"""A Postman collection of the API, made from its description.

https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html

Upstream: ``api.openapi``. Downstream: ``docs/api.postman_collection.json``.
"""

import json
from collections.abc import Iterator, Mapping
from typing import cast

from api.openapi import document
from api.openapi_gateway import ANY_METHOD
from api.openapi_operations import INGEST_KEY
from api.openapi_schemas import JsonObject
from invoices.json_schema import Json

_SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"

BASE_URL, KEY_VARIABLE, TOKEN_VARIABLE = "base_url", "ingest_key", "token"
"""Variables of the collection: what `invoice-stream api up` prints."""


def collection() -> JsonObject:
    """One request an operation."""
    description = document()
    info = cast(JsonObject, description["info"])
    variables: list[Json] = [
        {"key": name, "value": ""} for name in (BASE_URL, KEY_VARIABLE, TOKEN_VARIABLE)
    ]
    return {
        "info": {
            "name": info["title"],
            "description": info["description"],
            "version": info["version"],
            "schema": _SCHEMA,
        },
        "item": list(_items(cast(Mapping[str, JsonObject], description["paths"]))),
        "variable": variables,
    }


def _items(paths: Mapping[str, JsonObject]) -> Iterator[Json]:
    for path, methods in paths.items():
        for method, operation in methods.items():
            if method != ANY_METHOD:
                yield _item(path, method.upper(), cast(JsonObject, operation))


def _item(path: str, method: str, operation: JsonObject) -> JsonObject:
    parameters = cast(list[JsonObject], operation["parameters"])
    named = path.replace("{", ":").replace("}", "")
    request: JsonObject = {
        "method": method,
        "description": operation.get("description", operation["summary"]),
        "url": {
            "raw": f"{{{{{BASE_URL}}}}}{named}",
            "host": [f"{{{{{BASE_URL}}}}}"],
            "path": list[Json](named.split("/")[1:]),
            "variable": _values(parameters, "path"),
            "query": _values(parameters, "query", disabled=True),
        },
        "header": _values(parameters, "header", disabled=True),
        "auth": _auth(operation),
    }
    if "requestBody" in operation:
        request["body"] = _body(operation)
    return {"name": operation["summary"], "request": request}


def _values(
    parameters: list[JsonObject], place: str, *, disabled: bool | None = None
) -> list[Json]:
    """Parameters of one place; those that need not be sent are switched off."""
    switch: JsonObject = {} if disabled is None else {"disabled": disabled}
    return [
        {
            "key": parameter["name"],
            "value": str(parameter.get("example", "")),
            "description": parameter["description"],
            **switch,
        }
        for parameter in parameters
        if parameter["in"] == place
    ]


def _auth(operation: JsonObject) -> JsonObject:
    if operation["security"] == [{INGEST_KEY: []}]:
        return {
            "type": "apikey",
            "apikey": [
                {"key": "key", "value": "x-api-key"},
                {"key": "value", "value": f"{{{{{KEY_VARIABLE}}}}}"},
                {"key": "in", "value": "header"},
            ],
        }
    return {
        "type": "bearer",
        "bearer": [{"key": "token", "value": f"{{{{{TOKEN_VARIABLE}}}}}"}],
    }


def _body(operation: JsonObject) -> JsonObject:
    content = cast(JsonObject, cast(JsonObject, operation["requestBody"])["content"])
    examples = cast(JsonObject, cast(JsonObject, content["application/json"])["examples"])
    example = cast(JsonObject, next(iter(examples.values())))
    return {
        "mode": "raw",
        "raw": json.dumps(example["value"], indent=2),
        "options": {"raw": {"language": "json"}},
    }
