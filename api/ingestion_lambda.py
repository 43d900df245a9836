"""What AWS starts for ``POST /invoice-lines``: environment, client, handler.

Upstream: Lambda. Downstream: ``api.ingestion_handler``.
"""

import os

import boto3
from botocore.config import Config

from api.environment import ingestion_environment
from api.ingestion import Ingestion
from api.ingestion_handler import SERVICE, ingestion_handler
from api.observability import Observability
from connectors.kinesis import KinesisRecordSink, RetryPolicy
from connectors.kinesis_connection import StreamAddress

RETRY = RetryPolicy(first_seconds=0.05, longest_seconds=1.0, give_up_seconds=5.0)
"""The caller waits: what is refused so long is better sent again later."""

CONFIG = Config(
    connect_timeout=1,
    read_timeout=3,
    parameter_validation=False,
    retries={"total_max_attempts": 1},
)
"""One try a call, since the sink tries again by itself and only with what failed."""

_environment = ingestion_environment(os.environ)

handler = ingestion_handler(
    Ingestion(
        KinesisRecordSink(
            boto3.client("kinesis", region_name=_environment.region, config=CONFIG),
            StreamAddress(_environment.stream, _environment.region),
            RETRY,
        )
    ),
    Observability.of(SERVICE),
)
