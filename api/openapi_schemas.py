"""OpenAPI 3.0 schemas: of answers from their classes, of a line item from the contract.

Upstream: ``api.answers``, ``invoices.json_schema``. Downstream: ``api.openapi``.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Union, get_args, get_origin, get_type_hints

from api import answers
from api.answers import About
from invoices.contract import LINE_FIELDS, MAX_RECORD_LINES, Field
from invoices.json_schema import Json, line_schema

JsonObject = dict[str, Json]

LINES_SCHEMA = "InvoiceLines"
"""The request's body as API Gateway validates it: the envelope, not the lines."""

LINE_SCHEMA = "InvoiceLine"
"""A line item as the contract wants it."""

ANSWERS: tuple[type, ...] = (
    answers.Receipt,
    answers.AcceptedLine,
    answers.RejectedLine,
    answers.PurchasesAnswer,
    answers.PurchaseAnswer,
    answers.SummaryAnswer,
    answers.KindSummary,
    answers.InvoiceAnswer,
    answers.LineAnswer,
    answers.Problem,
    answers.DetailedProblem,
    answers.FieldProblem,
)

_TYPES = {str: "string", int: "integer"}


def schemas() -> JsonObject:
    """Every schema of the API by its name."""
    return {
        LINES_SCHEMA: _lines(),
        LINE_SCHEMA: _contract_line(),
        **{_name(answer): _answer(answer) for answer in ANSWERS},
    }


def reference(answer: type | str) -> JsonObject:
    """A reference to a schema, by its name or its class."""
    name = answer if isinstance(answer, str) else _name(answer)
    return {"$ref": f"#/components/schemas/{name}"}


def _name(answer: type) -> str:
    return answer.__name__.removesuffix("Answer")


def _lines() -> JsonObject:
    """One line or several, whatever they are: a bad line must not refuse the others."""
    properties: JsonObject = {field.name: _loose_field(field) for field in LINE_FIELDS}
    return {
        "description": (
            f"One line item, or an array of 1 to {MAX_RECORD_LINES}. What a line may hold says the"
            f" schema {LINE_SCHEMA}; each is checked by itself, so that a bad one does not refuse"
            " the others. `LineNo` may be left out when the header `Idempotency-Key` is sent."
        ),
        "oneOf": [
            {"type": "object", "properties": properties},
            {
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_RECORD_LINES,
                "items": {"properties": properties},
            },
        ],
    }


def _loose_field(field: Field) -> JsonObject:
    return {"description": field.doc, "example": field.example}


def _contract_line() -> JsonObject:
    """The contract's own schema, in OpenAPI 3.0's words; unknown fields are refused here."""
    schema = line_schema()
    properties = schema["properties"]
    if not isinstance(properties, dict):
        raise TypeError("the contract's schema has no properties")
    return {
        "type": "object",
        "description": "A line item that keeps the data contract.",
        "required": schema["required"],
        "properties": {name: _openapi(field) for name, field in properties.items()},
        "additionalProperties": False,
    }


def _openapi(field: Json) -> JsonObject:
    """Lists of types and of examples, as 2020-12 has them, in the words of 3.0."""
    if not isinstance(field, dict):
        raise TypeError("a field's schema is an object")
    schema = dict(field)
    examples = schema.pop("examples", None)
    if isinstance(examples, list):
        schema["example"] = examples[0]
    types = schema.pop("type")
    names = [types] if isinstance(types, str) else types
    if not isinstance(names, list):
        raise TypeError("a type is a name or a list of names")
    if "null" in names:
        schema["nullable"] = True
    known = [name for name in names if name != "null"]
    if len(known) == 1:
        return {"type": known[0], **schema}
    return _one_of(known, schema)


def _one_of(names: list[Json], schema: JsonObject) -> JsonObject:
    """A number or a text; each has the limits that speak of its type."""
    of_number = {"minimum", "maximum"}
    limits = {*of_number, "pattern", "minLength", "maxLength"}
    either: list[Json] = [
        {"type": name}
        | {
            key: value
            for key, value in schema.items()
            if key in limits and (key in of_number) == (name != "string")
        }
        for name in names
    ]
    return {key: value for key, value in schema.items() if key not in limits} | {"oneOf": either}


def _answer(answer: type) -> JsonObject:
    properties = dict(_properties(answer))
    return {
        "type": "object",
        "description": (answer.__doc__ or "").strip(),
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


def _properties(answer: type) -> Iterator[tuple[str, Json]]:
    hints = get_type_hints(answer, include_extras=True)
    for field in fields(answer):
        yield field.name, _property(hints[field.name])


def _property(hint: object) -> JsonObject:
    """The schema of an annotated field."""
    kind, about = get_args(hint)[:2] if get_origin(hint) is Annotated else (hint, None)
    schema = _of_type(kind)
    if isinstance(about, About):
        schema = {"allOf": [schema]} if "$ref" in schema else schema
        schema["description"] = about.text
        if about.format is not None:
            schema["format"] = about.format
        if about.example is not None:
            schema["example"] = about.example
    return schema


def _of_type(kind: object) -> JsonObject:
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _of_type(get_args(kind)[0])}
    if get_origin(kind) in {Union, UnionType}:
        known = [part for part in get_args(kind) if part is not NoneType]
        if len(known) < len(get_args(kind)):
            return _of_type(known[0]) | {"nullable": True}
        return {"oneOf": [_of_type(part) for part in known]}
    if isinstance(kind, type) and is_dataclass(kind):
        return reference(kind)
    if isinstance(kind, type) and kind in _TYPES:
        return {"type": _TYPES[kind]}
    raise TypeError(f"no schema for {kind}")
