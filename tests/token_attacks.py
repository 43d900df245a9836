"""Every way there is to make a bad token, for tests of the function and of the running API."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.local_identity import ISSUER, LOCAL_CLIENT_ID, LocalIdentity, new_identity
from tests.api_cases import HOUR, Json

STRANGER = new_identity()


def claims(**changes: object) -> Json:
    """Claims of a good token; ``...`` leaves one out."""
    now = datetime.now(UTC)
    good: Json = {
        "iss": ISSUER,
        "sub": "1",
        "token_use": "access",
        "client_id": LOCAL_CLIENT_ID,
        "iat": now,
        "exp": now + HOUR,
        "customer_id": "90001",
    }
    return {name: value for name, value in (good | changes).items() if value is not ...}


def signed(
    content: Json, identity: LocalIdentity, algorithm: str = "RS256", **header: object
) -> str:
    """A token that this identity signs and names itself in, unless ``kid`` says otherwise."""
    headers = {"kid": identity.key_id} | header
    return jwt.encode(content, identity.private_key, algorithm, headers=headers)


def bad_tokens(identity: LocalIdentity) -> dict[str, str]:
    """Attacks on whoever trusts this identity, by name."""
    known, yesterday = identity.key_id, datetime.now(UTC) - timedelta(days=1)
    return {
        "expired": signed(claims(iat=yesterday, exp=yesterday + HOUR), identity),
        "no expiry": signed(claims(exp=...), identity),
        "not yet issued": signed(claims(iat=datetime.now(UTC) + HOUR), identity),
        "another issuer": signed(claims(iss="https://example.com"), identity),
        "no issuer": signed(claims(iss=...), identity),
        "another client": signed(claims(client_id="another"), identity),
        "no client": signed(claims(client_id=...), identity),
        "an id token": signed(claims(token_use="id", aud=LOCAL_CLIENT_ID), identity),
        "no use": signed(claims(token_use=...), identity),
        "no subject": signed(claims(sub=...), identity),
        "alg none": _by_hand({"alg": "none", "kid": known}, claims()),
        "alg None": _by_hand({"alg": "None", "kid": known}, claims()),
        "no alg": _by_hand({"kid": known}, claims()),
        "signature cut off": signed(claims(), identity).rpartition(".")[0] + ".",
        "HS256 with the public key": _signed_with_the_public_key(claims(), identity),
        "RS512": signed(claims(), identity, "RS512"),
        "PS256": signed(claims(), identity, "PS256"),
        "another's key": signed(claims(), STRANGER, kid=known),
        "an unknown key id": signed(claims(), STRANGER),
        "no key id": _by_hand({"alg": "RS256"}, claims(), b"x"),
        "a key id that is no text": _by_hand({"alg": "RS256", "kid": 5}, claims(), b"x"),
        "a key in the header": signed(
            claims(), STRANGER, jwk=json.loads(STRANGER.key_set)["keys"][0]
        ),
        "a key's address in the header": signed(
            claims(), STRANGER, jku="https://example.com/jwks.json"
        ),
        "other claims": _altered(signed(claims(), identity), customer_id="90002"),
        "no token": "x",
        "two dots": "..",
    }


def _by_hand(header: Json, content: Json, signature: bytes = b"") -> str:
    """A token no library would make."""
    numbers = {
        name: int(value.timestamp()) if isinstance(value, datetime) else value
        for name, value in content.items()
    }
    parts = [json.dumps(part).encode() for part in (header, numbers)]
    return ".".join(_base64(part) for part in (*parts, signature))


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _signed_with_the_public_key(content: Json, identity: LocalIdentity) -> str:
    """HS256 with what everybody knows as the secret."""
    public = identity.private_key.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    unsigned = _by_hand({"alg": "HS256", "typ": "JWT", "kid": identity.key_id}, content)[:-1]
    return f"{unsigned}.{_base64(hmac.digest(public, unsigned.encode(), hashlib.sha256))}"


def _altered(token: str, **changes: object) -> str:
    """The token with other claims under the old signature."""
    header, content, signature = token.split(".")
    read = json.loads(base64.urlsafe_b64decode(content + "=="))
    return f"{header}.{_base64(json.dumps(read | changes).encode())}.{signature}"
