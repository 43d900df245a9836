"""``invoice-stream api up``: the API on the local services, and what one needs to call it.

Upstream: ``api.cli``. Downstream: ``api.functions``, ``api.gateway``, ``api.access_keys``;
``access.json`` for whoever calls the API.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from api import environment
from api.access_keys import make_key
from api.functions import FunctionCode, deploy_function
from api.gateway import STAGE, Functions, deploy_api
from api.local_identity import ISSUER, LOCAL_CLIENT_ID, LocalIdentity, kept_identity
from api.package import HISTORY_HANDLER, INGESTION_HANDLER, host_architecture, package
from api.setup_errors import SetupError
from connectors.aws import apigateway_client, lambda_client
from connectors.dynamodb.pynamo import PynamoStore
from connectors.dynamodb.reader import DocumentReader
from connectors.dynamodb.target import target_of
from connectors.settings import Settings

DEFAULT_NAME = "invoice-stream"

TOKEN_LIFETIME = timedelta(days=7)
"""Of a demo's tokens; a real one's is an hour."""

DEMO_CUSTOMERS = 3
NOBODYS_CUSTOMERS = ("17850", "13047", "12583")
"""Whose tokens are made while there are no purchases; they find nothing yet."""

_OWNER_ONLY = 0o600
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class ApiFiles:
    """Where the local API keeps what it needs, in the folder of the local services.

    Attributes:
        folder: That folder.
    """

    folder: Path

    @property
    def access(self) -> Path:
        """Address, key and tokens, for whoever calls the API."""
        return self.folder / "api.json"

    @property
    def signing_key(self) -> Path:
        """What signs tokens."""
        return self.folder / "api/signing-key.pem"

    @property
    def secrets(self) -> Path:
        """The sender's key, and what cursors are signed with."""
        return self.folder / "api/secrets.json"


@dataclass(frozen=True, slots=True)
class ApiAccess:
    """What one needs to call the API.

    Attributes:
        base_url: Its address; paths of the API follow.
        ingest_key: Key of a sender.
        tokens: Tokens by customer.
        support_token: A token that shows everybody's purchases.
    """

    base_url: str
    ingest_key: str
    tokens: Mapping[str, str]
    support_token: str

    def to_json(self) -> str:
        """The file's content."""
        return json.dumps(asdict(self), indent=2) + "\n"


@dataclass(frozen=True, slots=True)
class _Secrets:
    ingest_key: str
    cursor_key: str


def bring_up(
    settings: Settings,
    files: ApiFiles,
    now: datetime,
    customers: Sequence[str] = (),
    name: str = DEFAULT_NAME,
) -> ApiAccess:
    """Make the API on the local services, or bring it up to date, and write how to call it.

    The sender's key and the key that signs tokens stay the same from one time to the next.

    Args:
        settings: Where the services are.
        files: Where to keep keys and tokens.
        now: Time the tokens are issued at.
        customers: Whose tokens to make; some that bought something by default.
        name: Name of the API and beginning of its functions' names.

    Raises:
        SetupError: The settings are those of AWS, or the package cannot be built.
    """
    if settings.endpoint_url is None:
        raise SetupError(
            "the settings are those of AWS, where the deployment makes the API; for the local"
            " services run `invoice-stream up` first"
        )
    identity = kept_identity(files.signing_key)
    kept = _kept_secrets(files.secrets)
    client = apigateway_client(settings)
    functions = _deploy_functions(settings, identity, kept, name)
    api_id = deploy_api(client, settings.region, functions, name)
    make_key(client, api_id, name, kept.ingest_key)
    access = ApiAccess(
        base_url=f"{settings.endpoint_url}/restapis/{api_id}/{STAGE}/_user_request_",
        ingest_key=kept.ingest_key,
        tokens={
            customer: identity.customer_token(customer, now, TOKEN_LIFETIME)
            for customer in customers or demo_customers(settings)
        },
        support_token=identity.support_token(now, TOKEN_LIFETIME),
    )
    _write_secret(files.access, access.to_json())
    return access


def demo_customers(settings: Settings) -> Sequence[str]:
    """Some customers that bought something, or some that may."""
    reader = DocumentReader(PynamoStore(target_of(settings)), segments=1)
    found: dict[str, None] = {}
    for purchase in islice(reader.all_purchases(), 1000):
        found[purchase.customer_id] = None
        if len(found) == DEMO_CUSTOMERS:
            break
    return (*found, *NOBODYS_CUSTOMERS)[: max(len(found), DEMO_CUSTOMERS)]


def _deploy_functions(
    settings: Settings, identity: LocalIdentity, kept: _Secrets, name: str
) -> Functions:
    client = lambda_client(settings)
    architecture = host_architecture()
    zip_bytes = package(architecture).read_bytes()
    powertools = {"POWERTOOLS_TRACE_DISABLED": "true"}
    ingestion = powertools | {environment.STREAM: settings.stream}
    history = powertools | {
        environment.CUSTOMERS_TABLE: settings.customers_table,
        environment.INVOICES_TABLE: settings.invoices_table,
        environment.CURSOR_KEY: kept.cursor_key,
        environment.TOKEN_ISSUER: ISSUER,
        environment.TOKEN_CLIENT_IDS: LOCAL_CLIENT_ID,
        environment.TOKEN_KEYS: identity.key_set,
    }
    return Functions(
        deploy_function(
            client,
            f"{name}-ingestion",
            FunctionCode(zip_bytes, architecture, INGESTION_HANDLER),
            ingestion,
        ),
        deploy_function(
            client,
            f"{name}-history",
            FunctionCode(zip_bytes, architecture, HISTORY_HANDLER),
            history,
        ),
    )


def _kept_secrets(path: Path) -> _Secrets:
    if not path.exists():
        made = _Secrets(secrets.token_urlsafe(_SECRET_BYTES), secrets.token_urlsafe(_SECRET_BYTES))
        _write_secret(path, json.dumps(asdict(made)) + "\n")
    try:
        return _Secrets(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise SetupError(
            f"{path} is not what was written: remove it, keys are made anew"
        ) from error


def _write_secret(path: Path, text: str) -> None:
    """Only its owner may read the file, from the moment it is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.half")
    half.touch(mode=_OWNER_ONLY)
    half.write_text(text, encoding="utf-8")
    half.replace(path)
