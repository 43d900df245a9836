"""Which tables, and where: the values that differ between a laptop and AWS.

Upstream: ``connectors.settings`` or the job's properties. Downstream:
``connectors.dynamodb.pynamo``, ``connectors.dynamodb.tables``.
"""

from dataclasses import dataclass

from connectors.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoDBTarget:
    """The two tables and the way to them.

    Attributes:
        region: AWS region.
        customers_table: Name of the table of purchases by customer.
        invoices_table: Name of the table of details by invoice.
        endpoint_url: Address of a stand-in, or None for AWS's own.
        access_key_id: Set for a stand-in only; None leaves it to AWS's credential chain.
        secret_access_key: As ``access_key_id``.
        connections: Most calls at a time.
    """

    region: str
    customers_table: str
    invoices_table: str
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None
    connections: int = 8

    @property
    def address(self) -> str:
        """Where it is, for messages."""
        return self.endpoint_url or f"region {self.region}"


def target_of(settings: Settings) -> DynamoDBTarget:
    """The target the settings name."""
    return DynamoDBTarget(
        region=settings.region,
        customers_table=settings.customers_table,
        invoices_table=settings.invoices_table,
        endpoint_url=settings.endpoint_url,
        access_key_id=settings.access_key_id,
        secret_access_key=settings.secret_access_key,
    )
