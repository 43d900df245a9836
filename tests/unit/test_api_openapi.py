"""The API's description: as committed, valid, and what the functions do."""

import json
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
from jsonschema import Draft4Validator

from api import description_files, openapi, postman
from api.functions import TIMEOUT_SECONDS
from api.openapi_gateway import (
    ANY_METHOD,
    GATEWAY_RESPONSES,
    INTEGRATION,
    TIMEOUT_MILLISECONDS,
    VALIDATOR,
)
from api.openapi_schemas import ANSWERS, LINE_SCHEMA, LINES_SCHEMA
from api.problems import PROBLEMS
from invoices.contract import LINE_FIELDS, MAX_RECORD_LINES
from tests.api_cases import Json, wire_line

DOCUMENT = cast(Json, json.loads(json.dumps(openapi.document())))
SCHEMAS = cast(dict[str, Json], cast(Json, DOCUMENT["components"])["schemas"])
PATHS = cast(dict[str, dict[str, Json]], DOCUMENT["paths"])
OPERATIONS = {
    (path, method): operation
    for path, methods in PATHS.items()
    for method, operation in methods.items()
    if method != ANY_METHOD
}


def with_nulls(schema: object) -> object:
    """OpenAPI 3.0's ``nullable`` in JSON Schema's words."""
    if isinstance(schema, list):
        return [with_nulls(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: with_nulls(value) for name, value in schema.items() if name != "nullable"}
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") else made


def keeps(name: str, value: object) -> bool:
    """Whether a value keeps the schema of this name."""
    components = {"components": {"schemas": with_nulls(SCHEMAS)}}
    schema = {"$ref": f"#/components/schemas/{name}"} | components
    return bool(Draft4Validator(cast(Any, schema)).is_valid(cast(Any, value)))


def test_the_files_are_what_the_code_says() -> None:
    assert description_files.stale(description_files.DOCS) == [], "run `make docs`"


def test_a_stale_file_is_told_and_written_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert description_files.main(["--check"], tmp_path) == 1
    assert "make docs" in capsys.readouterr().err
    assert description_files.main([], tmp_path) == 0
    assert description_files.main(["--check"], tmp_path) == 0


def test_postman_has_every_operation_with_its_key_or_token() -> None:
    items = cast(list[dict[str, Json]], postman.collection()["item"])
    requests = [item["request"] for item in items]
    assert [cast(Json, request["url"])["raw"] for request in requests] == [
        "{{base_url}}" + path.replace("{", ":").replace("}", "") for path, _ in OPERATIONS
    ]
    assert [cast(Json, request["auth"])["type"] for request in requests] == [
        "apikey",
        "bearer",
        "bearer",
        "bearer",
    ]


def test_it_is_valid_openapi() -> None:
    schemathesis.openapi.from_dict(DOCUMENT).validate()


def test_every_schema_is_referred_to_or_is_the_line() -> None:
    text = json.dumps(DOCUMENT)
    unused = [name for name in SCHEMAS if f'"#/components/schemas/{name}"' not in text]
    assert unused == [LINE_SCHEMA]


def test_names_of_schemas_are_such_as_api_gateway_takes() -> None:
    assert [name for name in SCHEMAS if not name.isalnum()] == []


def test_a_line_s_schema_has_the_contract_s_fields() -> None:
    properties = cast(Json, SCHEMAS[LINE_SCHEMA]["properties"])
    assert list(properties) == [field.name for field in LINE_FIELDS]
    assert SCHEMAS[LINE_SCHEMA]["required"] == [
        field.name for field in LINE_FIELDS if not field.nullable
    ]


@pytest.mark.parametrize(
    "line",
    [
        wire_line(),
        wire_line(UnitPrice=2.55),
        wire_line(UnitPrice="-1.2500"),
        wire_line(CustomerID=None, Description=None),
        wire_line(CustomerID=...),
        wire_line(LineNo=2**53 - 1),
    ],
)
def test_a_good_line_keeps_its_schema(line: Json) -> None:
    assert keeps(LINE_SCHEMA, line)


@pytest.mark.parametrize(
    "line",
    [
        wire_line(Quantity=...),
        wire_line(Country=None),
        wire_line(UnitPrice=True),
        wire_line(UnitPrice="1.23456"),
        wire_line(UnitPrice=1e11),
        wire_line(LineNo=0),
        wire_line(SchemaVersion=2),
        wire_line(InvoiceDate="2011-08-30"),
        wire_line(CustomerId="17850"),
    ],
)
def test_a_bad_line_does_not(line: Json) -> None:
    assert not keeps(LINE_SCHEMA, line)


def test_the_envelope_is_validated_and_not_the_lines() -> None:
    good: list[object] = [{}, wire_line(), [5], [None, wire_line()], [{}] * MAX_RECORD_LINES]
    bad: list[object] = [[], 5, "x", None, True, [{}] * (MAX_RECORD_LINES + 1)]
    assert [keeps(LINES_SCHEMA, body) for body in good] == [True] * len(good)
    assert [keeps(LINES_SCHEMA, body) for body in bad] == [False] * len(bad)


def test_every_class_of_an_answer_has_its_fields_in_the_schema() -> None:
    for answer in ANSWERS:
        schema = SCHEMAS[answer.__name__.removesuffix("Answer")]
        assert schema["additionalProperties"] is False
        assert schema["description"]
        for name, prop in cast(dict[str, Json], schema["properties"]).items():
            assert prop.get("description"), f"{answer.__name__}.{name} is not explained"


def test_every_status_the_table_has_stands_in_some_operation() -> None:
    documented = {
        status for operation in OPERATIONS.values() for status in cast(Json, operation["responses"])
    } | {"405", "500"}
    assert {str(int(kind.status)) for kind in PROBLEMS.values()} <= documented


def test_each_path_answers_every_other_method_too() -> None:
    assert all(ANY_METHOD in methods and len(methods) == 2 for methods in PATHS.values())


def test_ingestion_wants_a_key_and_history_a_token() -> None:
    wanted = {
        operation["operationId"]: next(iter(cast(list[Json], operation["security"])[0]))
        for operation in OPERATIONS.values()
    }
    assert wanted == {
        "takeLines": "IngestKey",
        "listInvoices": "CustomerToken",
        "summarizeCustomer": "CustomerToken",
        "readInvoice": "CustomerToken",
    }


def test_ingestion_is_shaped_and_validated_by_api_gateway() -> None:
    operation = OPERATIONS["/invoice-lines", "post"]
    integration = cast(Json, operation[INTEGRATION])
    assert (integration["type"], integration["passthroughBehavior"]) == ("aws", "never")
    assert operation[VALIDATOR] == "envelope"
    assert "responseOverride.status" in json.dumps(integration["responses"])


def test_what_api_gateway_refuses_itself_is_a_problem_document() -> None:
    for response in cast(dict[str, Json], DOCUMENT[GATEWAY_RESPONSES]).values():
        template = cast(Json, response["responseTemplates"])["application/json"]
        problem = json.loads(str(template))
        assert {"type", "title", "detail"} <= set(problem)
        assert problem.get("status") == (int(str(response.get("statusCode", 0))) or None)
        parameters = cast(Json, response["responseParameters"])
        assert parameters["gatewayresponse.header.Content-Type"] == "'application/problem+json'"


def test_functions_are_named_by_what_the_deployment_substitutes() -> None:
    uris = {
        cast(Json, cast(Json, operation[INTEGRATION])["uri"])["Fn::Sub"]
        for methods in PATHS.values()
        for operation in methods.values()
    }
    prefix = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
    assert uris == {
        f"{prefix}${{IngestionFunction.Arn}}/invocations",
        f"{prefix}${{HistoryFunction.Arn}}/invocations",
    }


def test_a_function_gives_up_before_api_gateway_does() -> None:
    assert TIMEOUT_SECONDS * 1000 < TIMEOUT_MILLISECONDS
