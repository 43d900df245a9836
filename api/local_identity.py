"""The local stand-in of a user pool: a key pair that signs tokens like Cognito's.

Upstream: ``api.bring_up``, ``invoice-stream api token``. Downstream: ``api.tokens`` checks
them, with the public half it is given by value.
"""

import base64
import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from jwt.algorithms import RSAAlgorithm

from api.setup_errors import SetupError
from api.signing_keys import ALGORITHM
from api.token_claim_names import (
    ACCESS,
    CLIENT_ID,
    CUSTOMER_CLAIM,
    GROUPS_CLAIM,
    SUPPORT_GROUP,
    TOKEN_USE,
)

ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/local"
LOCAL_CLIENT_ID = "local-demo"

_KEY_BITS = 2048
_KEY_ID_CHARS = 16
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class LocalIdentity:
    """A signing key.

    Attributes:
        private_key: It.
    """

    private_key: rsa.RSAPrivateKey

    @property
    def key_id(self) -> str:
        """Told from the public half, so that another key has another id."""
        public = self.private_key.public_key()
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.urlsafe_b64encode(sha256(der).digest()).decode()[:_KEY_ID_CHARS]

    @property
    def key_set(self) -> str:
        """The public half as a JSON Web Key Set."""
        public = RSAAlgorithm.to_jwk(self.private_key.public_key(), as_dict=True)
        entry = public | {"kid": self.key_id, "use": "sig", "alg": ALGORITHM}
        entry.pop("key_ops", None)
        return json.dumps({"keys": [entry]})

    def customer_token(self, customer_id: str, now: datetime, lifetime: timedelta) -> str:
        """A token that shows this customer's purchases."""
        return self._token({CUSTOMER_CLAIM: customer_id}, now, lifetime)

    def support_token(self, now: datetime, lifetime: timedelta) -> str:
        """A token that shows everybody's."""
        return self._token({GROUPS_CLAIM: [SUPPORT_GROUP]}, now, lifetime)

    def _token(self, claims: dict[str, object], now: datetime, lifetime: timedelta) -> str:
        subject = str(uuid.uuid4())
        return jwt.encode(
            {
                "iss": ISSUER,
                "sub": subject,
                "username": subject,
                "jti": str(uuid.uuid4()),
                TOKEN_USE: ACCESS,
                CLIENT_ID: LOCAL_CLIENT_ID,
                "iat": now,
                "exp": now + lifetime,
                **claims,
            },
            self.private_key,
            ALGORITHM,
            headers={"kid": self.key_id},
        )


def new_identity() -> LocalIdentity:
    """One with a new key."""
    return LocalIdentity(rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS))


def kept_identity(path: Path) -> LocalIdentity:
    """The one whose key is kept in this file; made when there is no file.

    Raises:
        SetupError: The file holds no such key.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=_OWNER_ONLY)
        path.write_bytes(_private_bytes(new_identity()))
    return read_identity(path)


def read_identity(path: Path) -> LocalIdentity:
    """The one whose key is in this file.

    Raises:
        SetupError: There is no file, or no such key in it.
    """
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError as error:
        raise SetupError(f"no key at {path}: run `invoice-stream api up` first") from error
    except ValueError as error:
        raise SetupError(f"{path} holds no private key: remove it and bring the API up") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise SetupError(f"{path} holds no RSA key: remove it and bring the API up")
    return LocalIdentity(key)


def _private_bytes(identity: LocalIdentity) -> bytes:
    return identity.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
