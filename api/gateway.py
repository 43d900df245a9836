"""The API on the local API Gateway, made from the same description as on AWS.

The local API Gateway imports no description and knows no mapping templates: it is made
call by call, and an integration that shapes its event is made one that passes the request
as it is, which the function reads as well (``api.ingestion_event``).

Upstream: ``api.openapi``. Downstream: API Gateway.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

from api.openapi import document
from api.openapi_gateway import (
    ANY_METHOD,
    GATEWAY_RESPONSES,
    HISTORY_FUNCTION,
    INGESTION_FUNCTION,
    INTEGRATION,
    VALIDATOR,
    VALIDATORS,
)
from api.openapi_operations import INGEST_KEY
from api.openapi_schemas import LINES_SCHEMA
from invoices.json_schema import Json

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_apigateway.literals import GatewayResponseTypeType

API_NAME = "invoice-stream"
STAGE = "v1"

_ID_TAG = "ms-custom-id"
"""The emulator's own: the API gets this id, so its address stays the same."""

_JSON = "application/json"
_Object: TypeAlias = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Functions:
    """ARNs of the functions behind the API."""

    ingestion: str
    history: str


def deploy_api(client: "APIGatewayClient", region: str, functions: Functions, name: str) -> str:
    """Make the API anew, in place of one of this name.

    Args:
        client: Of the local API Gateway.
        region: Region of the functions.
        functions: What answers.
        name: Name of the API; its id too.

    Returns:
        The API's id.
    """
    for found in client.get_rest_apis(limit=500)["items"]:
        if found["name"] == name:
            client.delete_rest_api(restApiId=found["id"])
    api = client.create_rest_api(name=name, apiKeySource="HEADER", tags={_ID_TAG: name})
    _Deployment(client, api["id"], api["rootResourceId"], region, functions).make(document())
    client.create_deployment(restApiId=api["id"], stageName=STAGE)
    return api["id"]


class _Deployment:
    """Makes one API's parts."""

    def __init__(
        self,
        client: "APIGatewayClient",
        api_id: str,
        root_id: str,
        region: str,
        functions: Functions,
    ) -> None:
        self._client = client
        self._api_id = api_id
        self._resources = {"": root_id}
        self._validators: dict[str, str] = {}
        self._arns = {
            "AWS::Partition": "aws",
            "AWS::Region": region,
            INGESTION_FUNCTION: functions.ingestion,
            HISTORY_FUNCTION: functions.history,
        }

    def make(self, description: _Object) -> None:
        self._make_models(description)
        for name, validator in _objects(description, VALIDATORS):
            made = self._client.create_request_validator(
                restApiId=self._api_id,
                name=name,
                validateRequestBody=bool(validator["validateRequestBody"]),
                validateRequestParameters=bool(validator["validateRequestParameters"]),
            )
            self._validators[name] = made["id"]
        for kind, response in _objects(description, GATEWAY_RESPONSES):
            self._make_gateway_response(kind, response)
        for path, methods in _objects(description, "paths"):
            for method, operation in methods.items():
                name = "ANY" if method == ANY_METHOD else method.upper()
                self._make_method(self._resource(path), name, cast(_Object, operation))

    def _make_models(self, description: _Object) -> None:
        """Only what a request is validated against is a model here."""
        schemas = dict(_objects(cast(_Object, description["components"]), "schemas"))
        self._client.create_model(
            restApiId=self._api_id,
            name=LINES_SCHEMA,
            contentType=_JSON,
            schema=json.dumps(schemas[LINES_SCHEMA]),
        )

    def _make_gateway_response(self, kind: str, response: _Object) -> None:
        status = response.get("statusCode")
        self._client.put_gateway_response(
            restApiId=self._api_id,
            responseType=cast("GatewayResponseTypeType", kind),
            responseParameters=cast(dict[str, str], response["responseParameters"]),
            responseTemplates=cast(dict[str, str], response["responseTemplates"]),
            **({"statusCode": str(status)} if status else {}),
        )

    def _resource(self, path: str) -> str:
        """The resource of a path, made with those above it where they are missing."""
        path = path.rstrip("/")
        if path not in self._resources:
            parent, _, part = path.rpartition("/")
            self._resources[path] = self._client.create_resource(
                restApiId=self._api_id, parentId=self._resource(parent), pathPart=part
            )["id"]
        return self._resources[path]

    def _make_method(self, resource_id: str, method: str, operation: _Object) -> None:
        validator = str(operation.get(VALIDATOR, ""))
        self._client.put_method(
            restApiId=self._api_id,
            resourceId=resource_id,
            httpMethod=method,
            authorizationType="NONE",
            apiKeyRequired=operation.get("security") == [{INGEST_KEY: []}],
            requestModels={_JSON: LINES_SCHEMA} if validator else {},
            requestValidatorId=self._validators.get(validator, ""),
        )
        integration = cast(_Object, operation[INTEGRATION])
        uri = cast(_Object, integration["uri"])
        self._client.put_integration(
            restApiId=self._api_id,
            resourceId=resource_id,
            httpMethod=method,
            type="AWS_PROXY",
            integrationHttpMethod="POST",
            uri=self._substitute(str(uri["Fn::Sub"])),
        )

    def _substitute(self, text: str) -> str:
        for name, value in self._arns.items():
            text = text.replace(f"${{{name}}}", value)
        return text


def _objects(values: _Object, name: str) -> Iterator[tuple[str, _Object]]:
    yield from cast(Mapping[str, _Object], values[name]).items()
