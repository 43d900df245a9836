"""JSON Schema (2020-12) of a line item and of a record, made from the contract.

Upstream: ``invoices.contract``. Downstream: ``docs/*.schema.json`` (by
``invoices.contract_page``) and whoever checks a line before sending it.

A schema accepts every line ``invoices.record`` accepts. What JSON Schema cannot
say is left to the decoder: a field that stands twice, ``1.0`` for an integer, a
number's decimal places, the 30th of February.
"""

from typing import TypeAlias

from invoices.contract import (
    LINE_FIELDS,
    MAX_PRICE,
    MAX_RECORD_LINES,
    PRICE_PRECISION,
    PRICE_SCALE,
    SCHEMA_VERSION,
    Field,
    FieldType,
)

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"

DIALECT = "https://json-schema.org/draft/2020-12/schema"

TEXT = r"^[^\u0000]*$"
LOCAL_TIME = (
    r"^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?$"
)
PLAIN_DECIMAL = rf"-?0*[0-9]{{1,{PRICE_PRECISION - PRICE_SCALE}}}(\.[0-9]{{1,{PRICE_SCALE}}}0*)?"
DECIMAL_WITH_EXPONENT = r"-?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+"


def line_schema() -> dict[str, Json]:
    """Schema of one line item; fields it does not name are allowed and kept."""
    return {
        "$schema": DIALECT,
        "$id": f"urn:invoice-stream:line:{SCHEMA_VERSION}",
        "title": "A line item",
        **_line(),
    }


def record_schema() -> dict[str, Json]:
    """Schema of a record of the stream: one line item, or an array of one invoice's."""
    return {
        "$schema": DIALECT,
        "$id": f"urn:invoice-stream:record:{SCHEMA_VERSION}",
        "title": "A record of the stream",
        "anyOf": [
            {"$ref": "#/$defs/line"},
            {
                "type": "array",
                "items": {"$ref": "#/$defs/line"},
                "minItems": 1,
                "maxItems": MAX_RECORD_LINES,
            },
        ],
        "$defs": {"line": _line()},
    }


def _line() -> dict[str, Json]:
    return {
        "type": "object",
        "properties": {field.name: _field(field) for field in LINE_FIELDS},
        "required": [field.name for field in LINE_FIELDS if not field.nullable],
        "propertyNames": {"pattern": TEXT},
    }


def _field(field: Field) -> dict[str, Json]:
    value = _value(field)
    if field.nullable:
        value["type"] = [value["type"], "null"]
    return {"description": field.doc, **value, "examples": [field.example]}


def _value(field: Field) -> dict[str, Json]:
    match field.type:
        case FieldType.STRING:
            return _with_limit("maxLength", field.max_chars, _string(TEXT))
        case FieldType.INT | FieldType.BIGINT:
            lowest = _with_limit("minimum", field.min_value, {"type": "integer"})
            return _with_limit("maximum", field.max_value, lowest)
        case FieldType.DECIMAL:
            return _decimal()
        case FieldType.TIMESTAMP:
            return {"type": "string", "pattern": LOCAL_TIME}


def _string(pattern: str) -> dict[str, Json]:
    return {"type": "string", "minLength": 1, "pattern": pattern}


def _decimal() -> dict[str, Json]:
    return {
        "type": ["number", "string"],
        "minimum": float(-MAX_PRICE),
        "maximum": float(MAX_PRICE),
        "pattern": f"^({PLAIN_DECIMAL}|{DECIMAL_WITH_EXPONENT})$",
    }


def _with_limit(keyword: str, limit: int | None, schema: dict[str, Json]) -> dict[str, Json]:
    return schema if limit is None else {**schema, keyword: limit}
