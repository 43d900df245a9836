"""A sender's key and the usage plan it falls under.

Upstream: ``api.bring_up``; the deployment's template is tested against ``USAGE_PLAN``.
Downstream: API Gateway.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.gateway import STAGE

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_apigateway.literals import QuotaPeriodTypeType


@dataclass(frozen=True, slots=True)
class UsagePlan:
    """What one key may use.

    Attributes:
        requests_per_second: Steady rate.
        burst_requests: Requests at once.
        quota_requests: Requests in all a period.
        quota_period: The period.
    """

    requests_per_second: float
    burst_requests: int
    quota_requests: int
    quota_period: "QuotaPeriodTypeType"


USAGE_PLAN = UsagePlan(
    requests_per_second=50, burst_requests=100, quota_requests=1_000_000, quota_period="DAY"
)
"""At 500 lines a request 25,000 lines a second: what some 25 shards take."""


def make_key(
    client: "APIGatewayClient", api_id: str, name: str, value: str, plan: UsagePlan = USAGE_PLAN
) -> None:
    """Make a key with this value under a plan of its own, in place of ones of this name."""
    _remove(client, name)
    key = client.create_api_key(name=name, value=value, enabled=True)
    made = client.create_usage_plan(
        name=name,
        apiStages=[{"apiId": api_id, "stage": STAGE}],
        throttle={"rateLimit": plan.requests_per_second, "burstLimit": plan.burst_requests},
        quota={"limit": plan.quota_requests, "period": plan.quota_period},
    )
    client.create_usage_plan_key(usagePlanId=made["id"], keyId=key["id"], keyType="API_KEY")


def _remove(client: "APIGatewayClient", name: str) -> None:
    for plan in client.get_usage_plans(limit=500)["items"]:
        if plan.get("name") == name:
            client.delete_usage_plan(usagePlanId=plan["id"])
    for key in client.get_api_keys(limit=500)["items"]:
        if key.get("name") == name:
            client.delete_api_key(apiKey=key["id"])
