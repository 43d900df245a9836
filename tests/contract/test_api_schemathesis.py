"""The running API against its own description, by schemathesis.

Whatever is sent, within the description or against it, the answer is one that the
description has, and never a fault.
"""

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from api import openapi
from connectors.dynamodb.pynamo import PynamoStore
from connectors.dynamodb.target import target_of
from tests.api_cases import fill, invoice_of
from tests.contract.test_api_history_http import DAY
from tests.running_api import RunningApi

CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {
            # Neither a cursor nor a customer can be guessed.
            "positive_data_acceptance": {"expected-statuses": ["2xx", "304", "400", "403", "404"]}
        },
        "operations": [
            {
                "include-operation-id": "takeLines",
                "checks": {
                    # Lines are judged one by one: good JSON may hold no good line.
                    "positive_data_acceptance": {"expected-statuses": ["2xx", "422"]},
                    # A bad line among good ones is accepted; the answer names it.
                    "negative_data_rejection": {"enabled": False},
                },
            }
        ],
    }
)

SCHEMA = schemathesis.openapi.from_dict(json.loads(json.dumps(openapi.document())), config=CONFIG)


@pytest.fixture(scope="module")
def api(running_api: RunningApi) -> RunningApi:
    """The running API with what the description's examples name."""
    store = PynamoStore(target_of(running_api.settings))
    fill(store, invoice_of("17850", "536365", DAY, lines=3))
    store.close()
    return running_api


@SCHEMA.parametrize()
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
def test_the_api_answers_as_described(case: schemathesis.Case[Any], api: RunningApi) -> None:
    headers = {
        "x-api-key": api.access.ingest_key,
        "Authorization": f"Bearer {api.access.support_token}",
    }
    response = case.call_and_validate(base_url=api.access.base_url, headers=headers)
    assert "Traceback" not in response.text
