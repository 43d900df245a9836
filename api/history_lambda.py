"""What AWS starts for the history's paths: environment, tables, keys, handler.

Upstream: Lambda. Downstream: ``api.history_handler``.
"""

import os
import time
from functools import partial

from api.cursor import Cursors
from api.environment import HistoryEnvironment, history_environment
from api.history import History
from api.history_handler import SERVICE, history_handler
from api.observability import Observability
from api.signing_keys import FetchedKeys, FixedKeys, SigningKeys, fetch_keys
from api.tokens import TokenRules, TokenVerifier
from connectors.dynamodb.history import PynamoHistory
from connectors.dynamodb.target import DynamoDBTarget


def _keys(environment: HistoryEnvironment) -> SigningKeys:
    if environment.token_keys is not None:
        return FixedKeys(environment.token_keys)
    return FetchedKeys(partial(fetch_keys, environment.token_keys_url or ""), time.monotonic)


_environment = history_environment(os.environ)

handler = history_handler(
    History(
        PynamoHistory(
            DynamoDBTarget(
                region=_environment.region,
                customers_table=_environment.customers_table,
                invoices_table=_environment.invoices_table,
            )
        ),
        Cursors(_environment.cursor_key),
    ),
    TokenVerifier(
        _keys(_environment),
        TokenRules(_environment.token_issuer, _environment.token_client_ids),
    ),
    _environment.cors_origins,
    Observability.of(SERVICE),
)
