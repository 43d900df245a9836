"""Tokens: whoever's are good, and every way there is to make a bad one."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from api.errors import KeysUnavailableError, UnauthenticatedError
from api.local_identity import ISSUER, LOCAL_CLIENT_ID, LocalIdentity
from api.signing_keys import FRESH_SECONDS, REFETCH_SECONDS, FetchedKeys, FixedKeys, read_keys
from api.token_claims import TokenEvent
from api.token_claims import handler as add_claims
from api.tokens import Reader, TokenRules, TokenVerifier
from tests.api_cases import HOUR, IDENTITY
from tests.token_attacks import STRANGER, bad_tokens, claims
from tests.token_attacks import signed as signed_by

RULES = TokenRules(ISSUER, frozenset({LOCAL_CLIENT_ID}))
VERIFIER = TokenVerifier(FixedKeys(IDENTITY.key_set), RULES)


def signed(content: dict[str, object]) -> str:
    return signed_by(content, IDENTITY)


BAD_TOKENS = bad_tokens(IDENTITY) | {"too long": "x" * 10_000}


def reader_of(token: str) -> Reader:
    return VERIFIER.reader(f"Bearer {token}")


@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
def test_a_bad_token_is_nobodys(token: str) -> None:
    with pytest.raises(UnauthenticatedError) as caught:
        reader_of(token)
    assert token not in str(caught.value)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic eDp5", signed(claims())])
def test_a_header_that_is_no_bearer_token_is_nobodys(header: str | None) -> None:
    with pytest.raises(UnauthenticatedError):
        VERIFIER.reader(header)


def test_a_good_token_tells_its_customer() -> None:
    assert reader_of(signed(claims())) == Reader("90001", is_support=False)
    assert VERIFIER.reader(f"bearer  {signed(claims())} ").customer_id == "90001"


def test_a_clock_that_is_a_little_off_is_forgiven() -> None:
    now = datetime.now(UTC)
    late = signed(claims(iat=now - HOUR, exp=now - timedelta(seconds=10)))
    assert reader_of(late).customer_id == "90001"


@pytest.mark.parametrize("customer_id", [..., None, "", 90001, ["90001"]])
def test_a_token_without_a_customer_shows_nothing(customer_id: object) -> None:
    reader = reader_of(signed(claims(customer_id=customer_id)))
    assert not reader.may_read("90001")
    assert not reader.may_read(None)
    assert not reader.may_read("")


def test_what_a_user_writes_is_not_the_claim() -> None:
    token = signed(claims(**{"customer_id": ..., "custom:customer_id": "90001"}))
    assert reader_of(token).customer_id is None


def test_a_reader_sees_their_own_and_no_guests() -> None:
    reader = reader_of(signed(claims()))
    assert reader.may_read("90001")
    assert not reader.may_read("90002")
    assert not reader.may_read(None)


def test_the_support_sees_everybody() -> None:
    reader = reader_of(IDENTITY.support_token(datetime.now(UTC), HOUR))
    assert reader.is_support
    assert reader.may_read("90001")
    assert reader.may_read(None)


@pytest.mark.parametrize("groups", ["support", ["supporters"], {"support": True}, None])
def test_only_the_group_is_the_support(groups: object) -> None:
    assert not reader_of(signed(claims(**{"cognito:groups": groups}))).is_support


class Issuer:
    """Serves a key set, counts how often, and may be down."""

    def __init__(self, *identities: LocalIdentity) -> None:
        self.identities = identities
        self.down = False
        self.fetched = 0
        self.now = 0.0

    def fetch(self) -> str:
        self.fetched += 1
        if self.down:
            raise KeysUnavailableError("down")
        sets = [json.loads(identity.key_set)["keys"] for identity in self.identities]
        return json.dumps({"keys": [key for keys in sets for key in keys]})

    @property
    def keys(self) -> FetchedKeys:
        return FetchedKeys(self.fetch, lambda: self.now)


def test_a_fetched_set_is_kept() -> None:
    issuer = Issuer(IDENTITY)
    keys = issuer.keys
    assert all(keys.find(IDENTITY.key_id) for _ in range(5))
    assert issuer.fetched == 1
    issuer.now = FRESH_SECONDS + 1
    assert keys.find(IDENTITY.key_id)
    assert issuer.fetched == 2


def test_a_new_key_is_found_and_invented_ones_do_not_fetch_each() -> None:
    issuer = Issuer(IDENTITY)
    keys = issuer.keys
    keys.find(IDENTITY.key_id)
    issuer.identities = (IDENTITY, STRANGER)
    assert keys.find(STRANGER.key_id) is None
    issuer.now = REFETCH_SECONDS + 1
    assert keys.find(STRANGER.key_id) is not None
    for number in range(100):
        assert keys.find(f"invented-{number}") is None
    assert issuer.fetched == 2


def test_a_set_that_cannot_be_renewed_is_used_on() -> None:
    issuer = Issuer(IDENTITY)
    keys = issuer.keys
    keys.find(IDENTITY.key_id)
    issuer.down, issuer.now = True, FRESH_SECONDS + 1
    assert keys.find(IDENTITY.key_id)


def test_without_any_set_nobody_is_called_a_liar() -> None:
    issuer = Issuer(IDENTITY)
    issuer.down = True
    verifier = TokenVerifier(issuer.keys, RULES)
    with pytest.raises(KeysUnavailableError):
        verifier.reader(f"Bearer {signed(claims())}")


def test_keys_for_other_uses_are_passed_over() -> None:
    key = json.loads(IDENTITY.key_set)["keys"][0]
    others = [key | {"use": "enc"}, key | {"alg": "RS512"}, {"kty": "EC", "kid": "x"}]
    assert read_keys(json.dumps({"keys": others})) == {}
    assert list(read_keys(json.dumps({"keys": [*others, key]}))) == [IDENTITY.key_id]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"keys": {}}', '{"keys": [{"kty": "RSA"}]}'])
def test_what_is_no_key_set_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own, or ours
        read_keys(text)


def token_event(**attributes: str) -> TokenEvent:
    """Cognito's event before it issues tokens, version 2."""
    return {
        "request": {"userAttributes": {"sub": "1", "email": "a@example.com"} | attributes},
        "response": {},
    }


def test_cognito_is_told_the_customer_of_a_user() -> None:
    answered = add_claims(token_event(**{"custom:customer_id": "90001"}), None)
    assert answered["response"] == {
        "claimsAndScopeOverrideDetails": {
            "accessTokenGeneration": {"claimsToAddOrOverride": {"customer_id": "90001"}}
        }
    }


def test_a_user_without_a_customer_gets_no_claim() -> None:
    assert add_claims(token_event(), None)["response"] == {}
