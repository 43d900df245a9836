"""The public keys tokens are checked with: a JSON Web Key Set, by value or from its address.

Upstream: Cognito's ``jwks.json``, or the local key's set in the environment. Downstream:
``api.tokens``.
"""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from threading import Lock
from typing import Protocol, cast

import urllib3
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import InvalidKeyError

from api.errors import KeysUnavailableError

ALGORITHM = "RS256"

FRESH_SECONDS = 3600.0
"""A set so old is fetched again: a key that was withdrawn is not trusted for ever."""

REFETCH_SECONDS = 60.0
"""An unknown key id fetches the set again, but no more often: ids are the caller's to invent."""

_FETCH_TIMEOUT = urllib3.Timeout(connect=1.0, read=2.0)


class SigningKeys(Protocol):
    """Finds the key a token says it is signed with."""

    def find(self, key_id: str) -> RSAPublicKey | None:
        """The key, or None when there is none of that id.

        Raises:
            KeysUnavailableError: The set cannot be fetched, and none is held.
        """


class FixedKeys:
    """A key set given by value."""

    def __init__(self, text: str) -> None:
        """Read the set.

        Raises:
            ValueError: It is not a JSON Web Key Set.
        """
        self._keys = read_keys(text)

    def find(self, key_id: str) -> RSAPublicKey | None:
        """See ``SigningKeys.find``."""
        return self._keys.get(key_id)


class FetchedKeys:
    """A key set that is fetched when it is wanted, and kept.

    Args:
        fetch: Fetches the set's text; raises ``KeysUnavailableError``.
        clock: Seconds that only grow.
    """

    def __init__(self, fetch: Callable[[], str], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: Mapping[str, RSAPublicKey] | None = None
        self._tried_at = 0.0
        self._lock = Lock()

    def find(self, key_id: str) -> RSAPublicKey | None:
        """See ``SigningKeys.find``."""
        with self._lock:
            age = self._clock() - self._tried_at
            known = self._keys is not None and key_id in self._keys
            if self._keys is None or age > (FRESH_SECONDS if known else REFETCH_SECONDS):
                self._renew()
            return (self._keys or {}).get(key_id)

    def _renew(self) -> None:
        """A set that is held stays when no other can be fetched."""
        self._tried_at = self._clock()
        try:
            self._keys = read_keys(self._fetch())
        except (KeysUnavailableError, ValueError) as error:
            if self._keys is None:
                raise KeysUnavailableError(
                    "tokens cannot be checked at present; send the same again"
                ) from error


def fetch_keys(url: str) -> str:
    """The text of a key set.

    Raises:
        KeysUnavailableError: No answer, or another one than the set.
    """
    try:
        answer = urllib3.request("GET", url, timeout=_FETCH_TIMEOUT, retries=1)
    except urllib3.exceptions.HTTPError as error:
        raise KeysUnavailableError("the key set cannot be reached") from error
    if answer.status != HTTPStatus.OK:
        raise KeysUnavailableError(f"the key set's address answers {answer.status}")
    return answer.data.decode()


def read_keys(text: str) -> Mapping[str, RSAPublicKey]:
    """RSA signing keys of a set by id; others in it are passed over.

    Raises:
        ValueError: It is not a JSON Web Key Set.
    """
    values = json.loads(text)
    entries = values.get("keys") if isinstance(values, dict) else None
    if not isinstance(entries, list):
        raise ValueError("not a JSON Web Key Set: there is no list of keys")  # noqa: TRY004 - as json's
    try:
        return {entry["kid"]: _read_key(entry) for entry in entries if _is_for_signing(entry)}
    except (KeyError, InvalidKeyError) as error:
        raise ValueError(f"not a JSON Web Key Set: {type(error).__name__}") from error


def _is_for_signing(entry: Mapping[str, str]) -> bool:
    return (
        entry.get("kty") == "RSA"
        and entry.get("use", "sig") == "sig"
        and entry.get("alg", ALGORITHM) == ALGORITHM
    )


def _read_key(entry: Mapping[str, str]) -> RSAPublicKey:
    public = {name: entry[name] for name in ("kty", "n", "e")}
    return cast(RSAPublicKey, RSAAlgorithm.from_jwk(public))
