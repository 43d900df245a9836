"""What the functions are told by their environment variables, typed and checked.

Upstream: the deployment: ``api.gateway`` locally, the template on AWS. Downstream:
``api.ingestion_lambda``, ``api.history_lambda``, the only modules that read them. Where
the services are, boto reads for itself (``AWS_REGION``, ``AWS_ENDPOINT_URL``).
"""

from collections.abc import Mapping
from dataclasses import dataclass

STREAM = "STREAM"
CUSTOMERS_TABLE = "CUSTOMERS_TABLE"
INVOICES_TABLE = "INVOICES_TABLE"
CURSOR_KEY = "CURSOR_KEY"
TOKEN_ISSUER = "TOKEN_ISSUER"  # noqa: S105 - a variable's name
TOKEN_CLIENT_IDS = "TOKEN_CLIENT_IDS"  # noqa: S105 - a variable's name
TOKEN_KEYS = "TOKEN_KEYS"  # noqa: S105 - a variable's name
TOKEN_KEYS_URL = "TOKEN_KEYS_URL"  # noqa: S105 - a variable's name
CORS_ORIGINS = "CORS_ORIGINS"
REGION = "AWS_REGION"

MIN_CURSOR_KEY_CHARS = 32


class EnvironmentVariablesError(Exception):
    """The function was deployed with wrong variables; every one is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestionEnvironment:
    """Of the ingestion function.

    Attributes:
        region: AWS region.
        stream: Name of the Kinesis stream.
    """

    region: str
    stream: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEnvironment:
    """Of the history function.

    Attributes:
        region: AWS region.
        customers_table: DynamoDB's table of purchases by customer.
        invoices_table: DynamoDB's table of details by invoice.
        cursor_key: Secret that cursors are signed with.
        token_issuer: ``iss`` of good tokens.
        token_client_ids: ``client_id`` of good tokens, any of these.
        token_keys: JSON Web Key Set by value, or None.
        token_keys_url: Address of the key set, or None; one of the two is given.
        cors_origins: Origins that browsers may call from; none by default.
    """

    region: str
    customers_table: str
    invoices_table: str
    cursor_key: str
    token_issuer: str
    token_client_ids: frozenset[str]
    token_keys: str | None
    token_keys_url: str | None
    cors_origins: tuple[str, ...]


def ingestion_environment(variables: Mapping[str, str]) -> IngestionEnvironment:
    """The ingestion function's, from environment variables.

    Raises:
        EnvironmentVariablesError: Some are missing.
    """
    reading = _Reading(variables)
    environment = IngestionEnvironment(region=reading.text(REGION), stream=reading.text(STREAM))
    reading.finish()
    return environment


def history_environment(variables: Mapping[str, str]) -> HistoryEnvironment:
    """The history function's, from environment variables.

    Raises:
        EnvironmentVariablesError: Some are missing or wrong.
    """
    reading = _Reading(variables)
    environment = HistoryEnvironment(
        region=reading.text(REGION),
        customers_table=reading.text(CUSTOMERS_TABLE),
        invoices_table=reading.text(INVOICES_TABLE),
        cursor_key=reading.text(CURSOR_KEY),
        token_issuer=reading.text(TOKEN_ISSUER),
        token_client_ids=frozenset(_parts(reading.text(TOKEN_CLIENT_IDS))),
        token_keys=variables.get(TOKEN_KEYS) or None,
        token_keys_url=variables.get(TOKEN_KEYS_URL) or None,
        cors_origins=_parts(variables.get(CORS_ORIGINS, "")),
    )
    reading.refuse(
        (environment.token_keys is None) == (environment.token_keys_url is None),
        f"one of {TOKEN_KEYS} and {TOKEN_KEYS_URL} is wanted",
    )
    reading.refuse(
        0 < len(environment.cursor_key) < MIN_CURSOR_KEY_CHARS,
        f"{CURSOR_KEY} is shorter than {MIN_CURSOR_KEY_CHARS} characters",
    )
    reading.finish()
    return environment


class _Reading:
    """Reads on after the first problem, so that all are told at once."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._problems: list[str] = []

    def text(self, name: str) -> str:
        value = self._variables.get(name, "")
        self.refuse(not value, f"{name} is not set")
        return value

    def refuse(self, wrong: bool, problem: str) -> None:  # noqa: FBT001 - what is found
        if wrong:
            self._problems.append(problem)

    def finish(self) -> None:
        if self._problems:
            raise EnvironmentVariablesError(
                f"environment variables of the function: {'; '.join(self._problems)}"
            )


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in (piece.strip() for piece in text.split(",")) if part)
