"""The one step that runs in Python: a batch of changed invoices to DynamoDB.

Upstream: ``RevisionBatcher`` (Java). Downstream: ``flink_job.write_documents``.
This is its frame in Flink: it opens the writer on the worker and counts.
"""

from pyflink.datastream import MapFunction, RuntimeContext

from connectors.dynamodb.discard import DiscardStore
from connectors.dynamodb.pynamo import PynamoStore
from connectors.dynamodb.store import DocumentStore
from connectors.dynamodb.target import DynamoDBTarget
from flink_job.config import Documents, JobConfig
from flink_job.metrics import Metric
from flink_job.write_documents import BatchOutcome, DocumentWriter


class WriteDocuments(MapFunction):
    """Writes each batch it gets; the result is how many revisions it held.

    Delivery: at least once, idempotent. Flink lets no checkpoint pass before ``map`` has
    returned for all it was given, and ``map`` returns when DynamoDB has acknowledged.
    """

    def __init__(self, config: JobConfig) -> None:
        self._config = config

    def open(self, runtime_context: RuntimeContext) -> None:
        """Connect, on the worker."""
        group = runtime_context.get_metrics_group()
        self._counters = {
            metric: group.counter(metric.value) for metric in _counts(_NOTHING_WRITTEN)
        }
        config = self._config
        self._writer = DocumentWriter(lambda: open_store(config), config.dynamodb_concurrency)
        self._writer.open()

    def map(self, value: bytes) -> int:
        """Write a batch.

        Raises:
            DynamoDBError: A write failed for good; the job goes back to its checkpoint.
        """
        outcome = self._writer.write_batch(value)
        for metric, count in _counts(outcome).items():
            self._counters[metric].inc(count)
        return outcome.revisions

    def close(self) -> None:
        """Give up connections."""
        self._writer.close()


def open_store(config: JobConfig) -> DocumentStore:
    """Where documents go; keys come from AWS's credential chain."""
    if config.documents is Documents.DISCARD:
        return DiscardStore()
    return PynamoStore(
        DynamoDBTarget(
            region=config.region,
            customers_table=config.customers_table,
            invoices_table=config.invoices_table,
            endpoint_url=config.endpoint_url,
            connections=config.dynamodb_concurrency,
        )
    )


def _counts(outcome: BatchOutcome) -> dict[Metric, int]:
    return {
        Metric.WRITES: outcome.writes,
        Metric.WRITE_UNITS: round(outcome.write_units),
        Metric.RETRIES: outcome.retries,
        Metric.MERGES: outcome.merges,
    }


_NOTHING_WRITTEN = BatchOutcome(
    invoices=0, revisions=0, writes=0, write_units=0.0, refused=0, retries=0, merges=0
)
