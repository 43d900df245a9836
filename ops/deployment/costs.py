"""What an environment costs a month: at a load, and while nothing happens.

An estimate from list prices (``infra/prices.json``), the environment's parameters, and what
the project measured of itself. It leaves out free tiers, support, taxes and traffic.

Upstream: ``invoice-stream cost``. Each function is one concern, as the templates are.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from ops.deployment.environments import Environment
from ops.deployment.runtime import PROJECT
from ops.deployment.templates import parameter_defaults, read_template

PRICES = PROJECT / "infra/prices.json"
ROOT_TEMPLATE = PROJECT / "infra/cloudformation/root.yaml"

HOURS, SECONDS = Decimal(730), Decimal(730 * 3600)
MILLION, THOUSAND = Decimal(1_000_000), Decimal(1000)
GB = Decimal(1_000_000_000)

LINE_BYTES = Decimal(230)
"""Of a line on the stream, measured on the real file: JSON, one line a record."""
LINE_BYTES_IN_LAKE = Decimal(40)
"""Of a line in lines/ and invoices/ together, Parquet with snappy."""
WRITE_UNITS_A_LINE = Decimal("0.35")
"""Measured by ``make bench``: whole invoices, parts, and a customer's months."""
DOCUMENT_BYTES_A_LINE = Decimal(120)
"""Of a line in both tables."""
LAKE_FILES_A_CHECKPOINT = Decimal(3)
REQUESTS_A_FILE = Decimal(3)
"""A multipart upload is begun, written and completed."""
LOG_GB_WHILE_RUNNING = Decimal(2)
ALARMS = Decimal(15)
FLINK_STORAGE_GB_A_KPU = Decimal(50)
LOAD_MINUTES = Decimal(5)
MONTHS_KEPT = Decimal(12)

Prices = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What goes through in a month, on average.

    Attributes:
        lines_per_second: Line items.
        history_calls_per_second: Calls of the history API.
        ingested_by_api: Part of the lines that comes in through the API, 0 to 1.
        lines_per_call: Lines in such a call.
    """

    lines_per_second: Decimal
    history_calls_per_second: Decimal = Decimal(0)
    ingested_by_api: Decimal = Decimal(0)
    lines_per_call: Decimal = Decimal(100)

    @property
    def lines(self) -> Decimal:
        """Lines a month."""
        return self.lines_per_second * SECONDS

    @property
    def calls(self) -> Decimal:
        """Calls of the API a month."""
        ingestion = self.lines * self.ingested_by_api / self.lines_per_call
        return ingestion + self.history_calls_per_second * SECONDS


IDLE = Load(lines_per_second=Decimal(0))


@dataclass(frozen=True, slots=True)
class Cost:
    """What one thing costs a month.

    Attributes:
        concern: The template it stands in.
        item: What it is.
        usd: How much.
    """

    concern: str
    item: str
    usd: Decimal


Estimate = Callable[[Mapping[str, str], Load, Prices], Iterator[Cost]]


def read_prices(path: Path = PRICES) -> Prices:
    """Prices by name, in USD."""
    values = json.loads(path.read_text(encoding="utf-8"))["prices"]
    return {name: Decimal(price) for name, price in values.items()}


def environment_parameters(environment: Environment) -> dict[str, str]:
    """The root stack's parameters: the environment's own over the template's defaults."""
    return {**parameter_defaults(read_template(ROOT_TEMPLATE)), **environment.root}


def estimate(parameters: Mapping[str, str], load: Load, prices: Prices) -> list[Cost]:
    """Every cost above nothing, concern by concern."""
    found = [cost for concern in CONCERNS for cost in concern(parameters, load, prices)]
    return [cost for cost in found if cost.usd > 0]


def stream(parameters: Mapping[str, str], load: Load, prices: Prices) -> Iterator[Cost]:
    """Kinesis: on demand by volume, provisioned by shard."""
    gb = load.lines * LINE_BYTES / GB
    hours = Decimal(parameters["RetentionHours"])
    if parameters["StreamMode"] == "ON_DEMAND":
        kept = gb / HOURS * max(hours - 24, Decimal(0))
        yield Cost("stream", "stream", HOURS * prices["kinesis_on_demand_stream_hour"])
        yield Cost("stream", "data in", gb * prices["kinesis_on_demand_gb_in"])
        yield Cost("stream", "data out", gb * prices["kinesis_on_demand_gb_out"])
        yield Cost("stream", "retention", kept * prices["kinesis_on_demand_retained_gb_month"])
        return
    shards = Decimal(parameters["ShardCount"]) * HOURS
    yield Cost("stream", "shards", shards * prices["kinesis_shard_hour"])
    yield Cost("stream", "puts", load.lines / MILLION * prices["kinesis_put_million_units"])
    if hours > 24:  # noqa: PLR2004 - what a shard keeps without charge
        yield Cost("stream", "retention", shards * prices["kinesis_shard_retention_hour"])


def flink(parameters: Mapping[str, str], _load: Load, prices: Prices) -> Iterator[Cost]:
    """Managed Flink: the KPUs asked for and one more, whether or not there is anything to do."""
    asked = math.ceil(Decimal(parameters["Parallelism"]) / Decimal(parameters["ParallelismPerKpu"]))
    storage = asked * FLINK_STORAGE_GB_A_KPU * prices["flink_storage_gb_month"]
    yield Cost("flink", "KPUs", (asked + 1) * HOURS * prices["flink_kpu_hour"])
    yield Cost("flink", "running storage", storage)


def tables(_parameters: Mapping[str, str], load: Load, prices: Prices) -> Iterator[Cost]:
    """DynamoDB: writes of the job, reads of the history, a year's documents and their backups."""
    writes = load.lines * WRITE_UNITS_A_LINE / MILLION
    reads = load.history_calls_per_second * SECONDS * 2 / MILLION
    gb = load.lines * MONTHS_KEPT * DOCUMENT_BYTES_A_LINE / GB
    yield Cost("tables", "writes", writes * prices["dynamodb_million_write_units"])
    yield Cost("tables", "reads", reads * prices["dynamodb_million_read_units"])
    yield Cost("tables", "storage", gb * prices["dynamodb_storage_gb_month"])
    yield Cost("tables", "backups", gb * prices["dynamodb_backup_gb_month"])


def storage(parameters: Mapping[str, str], load: Load, prices: Prices) -> Iterator[Cost]:
    """S3: a year's lake as if it were all in the standard class, and what checkpoints write."""
    gb = load.lines * MONTHS_KEPT * LINE_BYTES_IN_LAKE / GB
    checkpoints = SECONDS * 1000 / Decimal(parameters["CheckpointIntervalMs"])
    files = checkpoints * LAKE_FILES_A_CHECKPOINT * Decimal(parameters["Parallelism"])
    puts = files * REQUESTS_A_FILE if load.lines else Decimal(0)
    yield Cost("storage", "lake", gb * prices["s3_gb_month"])
    yield Cost("storage", "requests", puts / THOUSAND * prices["s3_thousand_puts"])
    yield Cost("storage", "key", prices["kms_key_month"])


def network(parameters: Mapping[str, str], _load: Load, prices: Prices) -> Iterator[Cost]:
    """The interface endpoint for Kinesis, in two zones, where Flink runs in the VPC."""
    if parameters["FlinkInVpc"] == "yes":
        yield Cost("network", "endpoint", 2 * HOURS * prices["interface_endpoint_hour"])


def api(parameters: Mapping[str, str], load: Load, prices: Prices) -> Iterator[Cost]:
    """API Gateway, its functions (half a GB, 50 ms a call), the firewall."""
    calls = load.calls / MILLION
    seconds = load.calls * Decimal("0.05") * Decimal("0.5")
    yield Cost("api", "calls", calls * prices["api_million_calls"])
    yield Cost("api", "functions", calls * prices["lambda_million_calls"])
    yield Cost("api", "functions' time", seconds * prices["lambda_gb_second"])
    yield Cost("api", "secret", prices["secret_month"])
    if parameters["Waf"] == "yes":
        rules = 3 * prices["waf_rule_month"]
        yield Cost("api", "firewall", prices["waf_acl_month"] + rules)
        yield Cost("api", "firewall's calls", calls * prices["waf_million_calls"])


def warehouse(parameters: Mapping[str, str], load: Load, prices: Prices) -> Iterator[Cost]:
    """Redshift and the load: serverless computes only while there is something to load."""
    kind = parameters["WarehouseKind"]
    loads = loads_a_day(parameters["LoadSchedule"]) * 30 if load.lines else Decimal(0)
    if kind == "provisioned":
        hourly = prices[f"redshift_{parameters['NodeType'].replace('.', '_')}_hour"]
        yield Cost("redshift", "nodes", Decimal(parameters["NodeCount"]) * HOURS * hourly)
    elif kind == "serverless":
        rpus = Decimal(parameters["BaseCapacityRpus"])
        most = Decimal(parameters["UsageLimitRpuHours"]) * 30
        hours = min(loads * LOAD_MINUTES / 60 * rpus, most)
        gb = load.lines * MONTHS_KEPT * LINE_BYTES_IN_LAKE / GB
        yield Cost("redshift", "RPUs while loading", hours * prices["redshift_rpu_hour"])
        yield Cost("redshift", "storage", gb * prices["redshift_storage_gb_month"])
    if kind != "none":
        dpus = Decimal(parameters["GlueWorkerCount"]) * LOAD_MINUTES / 60
        yield Cost("glue", "loads", loads * dpus * prices["glue_dpu_hour"])


def loads_a_day(schedule: str) -> Decimal:
    """How often a schedule such as ``cron(15 */6 * * ? *)`` comes round in a day, by its hours."""
    fields = schedule.removeprefix("cron(").rstrip(")").split()
    if not schedule.startswith("cron(") or len(fields) < 2:  # noqa: PLR2004 - minutes and hours
        return Decimal(24)
    every = fields[1].partition("/")[2]
    if fields[1] == "*":
        return Decimal(24)
    return Decimal(24) / Decimal(every) if every else Decimal(len(fields[1].split(",")))


def delivery(parameters: Mapping[str, str], load: Load, prices: Prices) -> Iterator[Cost]:
    """Firehose, which bills each record as 5 KB at least."""
    if parameters["Delivery"] == "yes":
        gb = load.lines * max(LINE_BYTES, Decimal(5000)) / GB
        yield Cost("delivery", "records", gb * prices["firehose_gb"])


def observability(_parameters: Mapping[str, str], load: Load, prices: Prices) -> Iterator[Cost]:
    """Alarms and logs."""
    logs = LOG_GB_WHILE_RUNNING if load.lines else LOG_GB_WHILE_RUNNING / 10
    yield Cost("observability", "alarms", ALARMS * prices["alarm_month"])
    yield Cost("observability", "logs", logs * (prices["logs_gb_in"] + prices["logs_gb_month"]))


CONCERNS: tuple[Estimate, ...] = (
    stream,
    flink,
    tables,
    storage,
    network,
    api,
    warehouse,
    delivery,
    observability,
)
