"""Where the services are: one set of values, read by every command.

``invoice-stream up`` writes these for the local services; for AWS they name
what was deployed. Only values differ between the two, never the code.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Protocol

SETTINGS_VARIABLE = "INVOICE_STREAM_SETTINGS"
DEFAULT_SETTINGS_PATH = Path("var/settings.json")
DEFAULT_WAREHOUSE = "embedded:var/warehouse"


class ServiceAddress(Protocol):
    """How AWS's services, or those that stand in for them, are reached."""

    @property
    def region(self) -> str:
        """AWS region."""

    @property
    def endpoint_url(self) -> str | None:
        """One address for all services, or None for AWS's own."""

    @property
    def access_key_id(self) -> str | None:
        """Set for local services only."""

    @property
    def secret_access_key(self) -> str | None:
        """As ``access_key_id``."""


class LakeAddress(ServiceAddress, Protocol):
    """Where the lake is."""

    @property
    def lake(self) -> str:
        """Its URI, no slash at the end."""


class SettingsError(Exception):
    """The settings cannot be used; the message says what to do, in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Names and addresses of the services.

    Attributes:
        region: AWS region of everything.
        stream: Name of the Kinesis stream of line items.
        stream_arn: Its ARN.
        lake: URI of the lake, ``s3://bucket`` or ``s3://bucket/prefix``, no slash at the end.
        customers_table: Name of DynamoDB's table of purchases by customer.
        invoices_table: Name of DynamoDB's table of details by invoice.
        endpoint_url: One address for all services, or None for AWS's own.
        access_key_id: Set for local services only; None leaves it to AWS's credential chain.
        secret_access_key: As ``access_key_id``.
        warehouse: Address of the warehouse, as ``connectors.warehouse_address`` takes it.
    """

    region: str
    stream: str
    stream_arn: str
    lake: str
    customers_table: str
    invoices_table: str
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None
    warehouse: str = DEFAULT_WAREHOUSE

    def to_json(self) -> str:
        """The file ``load_settings`` reads."""
        return json.dumps(asdict(self), indent=2) + "\n"


def load_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from the file that ``INVOICE_STREAM_SETTINGS`` names, or ``var/settings.json``.

    Raises:
        SettingsError: The file is missing or not whole; every wrong key is named at once.
    """
    path = Path(environment.get(SETTINGS_VARIABLE, DEFAULT_SETTINGS_PATH))
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(
            f"no settings at {path}: run `invoice-stream up` first, or name a file in"
            f" {SETTINGS_VARIABLE}"
        ) from error
    except ValueError as error:
        raise SettingsError(f"{path} is not JSON: {error}") from error
    return _from_mapping(values, path)


def _from_mapping(values: object, path: Path) -> Settings:
    if not isinstance(values, dict):
        raise SettingsError(f"{path} does not hold a JSON object")
    known = {field.name: field for field in fields(Settings)}
    problems = [f"unknown key {key}" for key in values if key not in known]
    for name, field in known.items():
        value = values.get(name)
        if value is None and field.default is MISSING:
            problems.append(f"missing key {name}")
        elif value is not None and not isinstance(value, str):
            problems.append(f"{name} is not a string")
    if problems:
        raise SettingsError(f"{path}: {'; '.join(problems)}")
    return Settings(**values)
