"""The API as it runs on the local services, called over HTTP."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from urllib.parse import quote

import urllib3

from api.bring_up import ApiAccess, ApiFiles, bring_up
from api.local_identity import LocalIdentity, read_identity
from connectors.settings import Settings
from tests.api_cases import HOUR, Json

TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class HttpAnswer:
    """An answer that came over HTTP."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def json(self) -> Json:
        """The body."""
        return cast(Json, json.loads(self.body))

    @property
    def is_problem(self) -> bool:
        """Whether it is a problem document that says its own status."""
        kind = self.headers.get("Content-Type", "")
        return kind == "application/problem+json" and self.json.get("status") == self.status


@dataclass(frozen=True)
class RunningApi:
    """An API over services of its own names."""

    settings: Settings
    access: ApiAccess
    identity: LocalIdentity
    pool: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(timeout=TIMEOUT_SECONDS, retries=False)
    )

    def call(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> HttpAnswer:
        """One request."""
        answer = self.pool.request(
            method, self.access.base_url + path, headers=dict(headers or {}), body=body
        )
        return HttpAnswer(answer.status, answer.headers, answer.data.decode())

    def post(self, body: object, **headers: str) -> HttpAnswer:
        """Lines, with a good key; header names have ``_`` for ``-``."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.call(
            "POST",
            "/invoice-lines",
            {"x-api-key": self.access.ingest_key, "Content-Type": "application/json"} | given,
            content,
        )

    def get(self, path: str, customer_id: str | None = None, **query: str) -> HttpAnswer:
        """A GET as this customer, or as the support; ``from_`` is the parameter ``from``."""
        now = datetime.now(UTC)
        token = (
            self.identity.support_token(now, HOUR)
            if customer_id is None
            else self.identity.customer_token(customer_id, now, HOUR)
        )
        parameters = "&".join(
            f"{name.rstrip('_')}={quote(value, safe='')}" for name, value in query.items()
        )
        url = f"{path}?{parameters}" if parameters else path
        return self.call("GET", url, {"Authorization": f"Bearer {token}"})


def run_api(settings: Settings, folder: Path, name: str) -> RunningApi:
    """Bring an API of this name up on these services."""
    files = ApiFiles(folder)
    access = bring_up(settings, files, datetime.now(UTC), ("90001", "90002"), name)
    return RunningApi(settings, access, read_identity(files.signing_key))
