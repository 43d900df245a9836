"""The estimate: what costs while idle, what grows with the load, and every price is used."""

from decimal import Decimal

import pytest

from ops.deployment.costs import (
    IDLE,
    Load,
    environment_parameters,
    estimate,
    loads_a_day,
    read_prices,
)
from ops.deployment.environments import load_environment

PRICES = read_prices()
BUSY = Load(lines_per_second=Decimal(100), history_calls_per_second=Decimal(5))
ENVIRONMENTS = ("dev", "staging", "prod")


def costs(name: str, load: Load, **changes: str) -> dict[tuple[str, str], Decimal]:
    parameters = environment_parameters(load_environment(name)) | changes
    return {(c.concern, c.item): c.usd for c in estimate(parameters, load, PRICES)}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_load_costs_more_than_none_item_by_item(name: str) -> None:
    idle, busy = costs(name, IDLE), costs(name, BUSY)
    assert all(busy[item] >= usd for item, usd in idle.items())
    assert sum(busy.values()) > sum(idle.values()) > 0


def test_one_kpu_more_than_asked_for_is_billed() -> None:
    found = costs("dev", IDLE, Parallelism="4", ParallelismPerKpu="2")
    assert found["flink", "KPUs"] == 3 * 730 * PRICES["flink_kpu_hour"]


def test_parts_of_a_kpu_are_whole_ones() -> None:
    found = costs("dev", IDLE, Parallelism="5", ParallelismPerKpu="2")
    assert found["flink", "KPUs"] == 4 * 730 * PRICES["flink_kpu_hour"]


def test_a_provisioned_stream_costs_its_shards_and_their_retention() -> None:
    found = costs("dev", IDLE, StreamMode="PROVISIONED", ShardCount="3", RetentionHours="48")
    assert found["stream", "shards"] == 3 * 730 * PRICES["kinesis_shard_hour"]
    assert found["stream", "retention"] == 3 * 730 * PRICES["kinesis_shard_retention_hour"]
    assert ("stream", "retention") not in costs("dev", IDLE, RetentionHours="24")


def test_a_serverless_warehouse_costs_nothing_while_idle_and_no_more_than_its_limit() -> None:
    assert not [item for item in costs("prod", IDLE) if item[0] in {"redshift", "glue"}]
    bounded = costs("prod", BUSY, UsageLimitRpuHours="1")
    assert bounded["redshift", "RPUs while loading"] == 30 * PRICES["redshift_rpu_hour"]


@pytest.mark.parametrize("node", ["ra3.large", "ra3.xlplus", "ra3.4xlarge", "ra3.16xlarge"])
def test_every_node_type_has_a_price(node: str) -> None:
    found = costs("prod", IDLE, WarehouseKind="provisioned", NodeType=node, NodeCount="2")
    assert found["redshift", "nodes"] > 0


@pytest.mark.parametrize(
    ("schedule", "times"),
    [
        ("cron(15 * * * ? *)", 24),
        ("cron(15 */6 * * ? *)", 4),
        ("cron(15 3 * * ? *)", 1),
        ("cron(0 6,18 * * ? *)", 2),
        ("rate(1 hour)", 24),
    ],
)
def test_loads_follow_the_schedule(schedule: str, times: int) -> None:
    assert loads_a_day(schedule) == times


def test_nothing_is_listed_that_costs_nothing() -> None:
    parameters = environment_parameters(load_environment("dev"))
    assert min(cost.usd for cost in estimate(parameters, IDLE, PRICES)) > 0
