"""Cognito's trigger that puts the customer's id into access tokens.

An access token carries none of the user's attributes by itself. The user pool calls this
before it issues one (pre token generation, event version 2), and the claim it adds is
signed with the rest. The attribute must be one the application client may not write.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html

Upstream: Cognito. Downstream: ``api.tokens``.
"""

from collections.abc import Mapping
from typing import TypedDict

from api.token_claim_names import CUSTOMER_ATTRIBUTE, CUSTOMER_CLAIM


class _Request(TypedDict):
    userAttributes: Mapping[str, str]


class TokenEvent(TypedDict):
    """The part of Cognito's event that matters here."""

    request: _Request
    response: dict[str, object]


def handler(event: TokenEvent, _context: object) -> TokenEvent:
    """The event, with the claim added; whoever has no customer gets none."""
    customer_id = event["request"]["userAttributes"].get(CUSTOMER_ATTRIBUTE)
    if customer_id:
        event["response"]["claimsAndScopeOverrideDetails"] = {
            "accessTokenGeneration": {"claimsToAddOrOverride": {CUSTOMER_CLAIM: customer_id}}
        }
    return event
