"""Who asks: a bearer token is checked and becomes a reader.

The token is an access token of a Cognito user pool, or one like it. Such a token has no
audience; instead ``token_use`` says what it is for and ``client_id`` which application
it was given to, and both are checked. Whose purchases the reader may see is a claim that
the pool adds when it issues the token (``api.token_claims``) from an attribute only its
administrators write.
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html

Upstream: header ``Authorization``. Downstream: ``api.history_handler``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import jwt

from api.errors import ForbiddenError, UnauthenticatedError
from api.signing_keys import ALGORITHM, SigningKeys
from api.token_claim_names import (
    ACCESS,
    CLIENT_ID,
    CUSTOMER_CLAIM,
    GROUPS_CLAIM,
    SUPPORT_GROUP,
    TOKEN_USE,
)

Claims: TypeAlias = Mapping[str, object]

LEEWAY_SECONDS = 30
"""How far apart the issuer's clock and ours may be."""

MAX_TOKEN_CHARS = 8192

_REQUIRED = ("exp", "iat", "iss", "sub", TOKEN_USE, CLIENT_ID)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks.

    Attributes:
        customer_id: Whose purchases are theirs; None for nobody's.
        is_support: Whether they may read everybody's.
    """

    customer_id: str | None
    is_support: bool

    def may_read(self, customer_id: str | None) -> bool:
        """Whether what belongs to this customer, or to a guest (None), is theirs to read."""
        return self.is_support or (customer_id is not None and customer_id == self.customer_id)

    def require(self, customer_id: str) -> None:
        """Refuse what is another's, whether or not it is there.

        Raises:
            ForbiddenError: It is not theirs to read.
        """
        if not self.may_read(customer_id):
            raise ForbiddenError("this is not the customer of your token")


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What a good token says.

    Attributes:
        issuer: ``iss``.
        client_ids: ``client_id``, any of these.
    """

    issuer: str
    client_ids: frozenset[str]


class TokenVerifier:
    """Checks tokens."""

    def __init__(self, keys: SigningKeys, rules: TokenRules) -> None:
        self._keys = keys
        self._rules = rules

    def reader(self, authorization: str | None) -> Reader:
        """The reader whose token stands in this header.

        Raises:
            UnauthenticatedError: There is none, or not a good one.
            KeysUnavailableError: It cannot be checked at present.
        """
        token = _bearer_token(authorization)
        try:
            claims = self._claims(token)
        except jwt.InvalidTokenError as error:
            raise UnauthenticatedError("the token is not valid", presented=True) from error
        return _reader(claims)

    def _claims(self, token: str) -> Claims:
        key_id = jwt.get_unverified_header(token).get("kid")
        key = self._keys.find(key_id) if isinstance(key_id, str) else None
        if key is None:
            raise jwt.InvalidTokenError("no such key")
        claims: Claims = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            issuer=self._rules.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": list(_REQUIRED), "verify_aud": False},
        )
        if claims[TOKEN_USE] != ACCESS or claims[CLIENT_ID] not in self._rules.client_ids:
            raise jwt.InvalidTokenError("not an access token for this application")
        return claims


def _bearer_token(authorization: str | None) -> str:
    if not authorization:
        raise UnauthenticatedError(
            "a token is wanted: the header Authorization, `Bearer` and the token", presented=False
        )
    scheme, _, token = authorization.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > MAX_TOKEN_CHARS:
        raise UnauthenticatedError("the header Authorization is not a Bearer token", presented=True)
    return token


def _reader(claims: Claims) -> Reader:
    customer_id = claims.get(CUSTOMER_CLAIM)
    groups = claims.get(GROUPS_CLAIM)
    return Reader(
        customer_id=customer_id if isinstance(customer_id, str) and customer_id else None,
        is_support=isinstance(groups, list) and SUPPORT_GROUP in groups,
    )
