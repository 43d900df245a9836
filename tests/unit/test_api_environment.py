"""A function that was deployed wrongly says so at once, everything at once."""

import pytest

from api.environment import (
    EnvironmentVariablesError,
    history_environment,
    ingestion_environment,
)

HISTORY = {
    "AWS_REGION": "eu-west-1",
    "CUSTOMERS_TABLE": "Customers",
    "INVOICES_TABLE": "Invoices",
    "CURSOR_KEY": "k" * 32,
    "TOKEN_ISSUER": "https://example.com",
    "TOKEN_CLIENT_IDS": "a, b",
    "TOKEN_KEYS_URL": "https://example.com/jwks.json",
}


def test_ingestion_s_variables_are_read() -> None:
    environment = ingestion_environment({"AWS_REGION": "eu-west-1", "STREAM": "invoice-lines"})
    assert (environment.region, environment.stream) == ("eu-west-1", "invoice-lines")


def test_history_s_variables_are_read() -> None:
    environment = history_environment(HISTORY | {"CORS_ORIGINS": "https://a.example, "})
    assert environment.token_client_ids == {"a", "b"}
    assert environment.cors_origins == ("https://a.example",)
    assert history_environment(HISTORY).cors_origins == ()


def test_all_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(EnvironmentVariablesError) as caught:
        history_environment({})
    for name in HISTORY:
        assert name in str(caught.value)
    with pytest.raises(EnvironmentVariablesError, match="STREAM"):
        ingestion_environment({"AWS_REGION": "eu-west-1"})


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"TOKEN_KEYS": "{}"}, "one of TOKEN_KEYS and TOKEN_KEYS_URL"),
        ({"TOKEN_KEYS_URL": ""}, "one of TOKEN_KEYS and TOKEN_KEYS_URL"),
        ({"CURSOR_KEY": "short"}, "CURSOR_KEY is shorter"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, str], named: str) -> None:
    with pytest.raises(EnvironmentVariablesError, match=named):
        history_environment(HISTORY | changes)
