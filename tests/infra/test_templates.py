"""What the templates say to each other, to the code, and to whoever reads the runbook."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.environment import (
    CORS_ORIGINS,
    CURSOR_KEY,
    CUSTOMERS_TABLE,
    INVOICES_TABLE,
    STREAM,
    TOKEN_CLIENT_IDS,
    TOKEN_ISSUER,
    TOKEN_KEYS_URL,
)
from connectors.dynamodb.tables import CUSTOMERS_KEYS, INVOICES_KEYS, TableKeys
from connectors.lake import INVOICES_SCHEMA, LINES_SCHEMA, REJECTED_SCHEMA
from flink_job.config import DEFAULTS, PROPERTY_GROUP, JobConfig, job_config
from ops.deployment.environments import load_environment
from ops.deployment.managed_flink import RUN_OPTIONS, RUN_OPTIONS_GROUP
from ops.deployment.runtime import RUNTIMES
from ops.deployment.templates import Template, parameter_defaults, read_template, resources
from warehouse.parameters import JobParameters

INFRA = Path(__file__).resolve().parents[2] / "infra"
PATHS = sorted((INFRA / "cloudformation").glob("*.yaml"))
TEMPLATES = {path.stem: read_template(path) for path in PATHS}
ENVIRONMENTS = sorted(path.stem for path in (INFRA / "parameters").glob("*.json"))
ALONE = ("storage", "tables", "root")
STACK = "AWS::CloudFormation::Stack"

each_template = pytest.mark.parametrize("name", TEMPLATES)
each_environment = pytest.mark.parametrize("environment", ENVIRONMENTS)


def properties_of(name: str, logical_id: str) -> dict[str, Any]:
    found: dict[str, Any] = TEMPLATES[name]["Resources"][logical_id]["Properties"]
    return found


def nested() -> Iterator[tuple[str, dict[str, Any]]]:
    """Name of each nested template, and the parameters the root stack gives it."""
    for stack in resources(TEMPLATES["root"], STACK).values():
        url = stack["Properties"]["TemplateURL"]["Fn::Sub"]
        yield url.rpartition("/")[2].removesuffix(".yaml"), stack["Properties"]["Parameters"]


def outcomes(value: Any) -> Iterator[Any]:  # noqa: ANN401 - a template's own structure
    """The value, or both outcomes where a condition decides."""
    if isinstance(value, dict) and "Fn::If" in value:
        for outcome in value["Fn::If"][1:]:
            yield from outcomes(outcome)
    elif value != {"Ref": "AWS::NoValue"}:
        yield value


def statements(role: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for listed in role["Properties"]["Policies"]:
        for policy in outcomes(listed):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield from outcomes(statement)


def granted_actions(role: dict[str, Any]) -> set[str]:
    found = set[str]()
    for statement in statements(role):
        for actions in outcomes(statement["Action"]):
            found |= {actions} if isinstance(actions, str) else set(actions)
    return found


def roles() -> list[tuple[str, str]]:
    return [
        (name, logical_id)
        for name, template in TEMPLATES.items()
        for logical_id in resources(template, "AWS::IAM::Role")
    ]


def test_the_root_stack_holds_every_template_that_does_not_stand_alone() -> None:
    assert {name for name, _ in nested()} == TEMPLATES.keys() - set(ALONE)


def test_the_root_stack_gives_each_nested_one_the_parameters_it_takes() -> None:
    for name, given in nested():
        assert given.keys() == TEMPLATES[name]["Parameters"].keys(), name


@each_environment
def test_an_environment_names_only_parameters_there_are(environment: str) -> None:
    chosen = load_environment(environment)
    for template, given in (
        ("storage", chosen.storage),
        ("tables", chosen.tables),
        ("root", chosen.root),
    ):
        assert given.keys() <= TEMPLATES[template]["Parameters"].keys(), template


@each_environment
def test_an_environments_values_are_ones_the_templates_take(environment: str) -> None:
    chosen = load_environment(environment)
    for template, given in (
        ("storage", chosen.storage),
        ("tables", chosen.tables),
        ("root", chosen.root),
    ):
        for name, value in given.items():
            parameter = TEMPLATES[template]["Parameters"][name]
            allowed = [str(each) for each in parameter.get("AllowedValues", [value])]
            assert value in allowed, name
            if parameter["Type"] == "Number":
                assert float(value) >= parameter.get("MinValue", float("-inf")), name
                assert float(value) <= parameter.get("MaxValue", float("inf")), name


@each_environment
def test_lake_files_are_archived_after_they_became_infrequent(environment: str) -> None:
    values = parameter_defaults(TEMPLATES["storage"]) | dict(load_environment(environment).storage)
    assert int(values["LakeArchiveAfterDays"]) >= int(values["LakeInfrequentAfterDays"]) + 30


def test_uploads_are_kept_longer_than_snapshots_by_default_too() -> None:
    default = int(parameter_defaults(TEMPLATES["storage"])["AbortUploadsAfterDays"])
    assert default > 14


def test_the_jobs_properties_are_those_it_reads() -> None:
    """Made into a configuration by the job's own code, which refuses unknown and missing keys."""
    groups = properties_of("flink", "Application")["ApplicationConfiguration"][
        "EnvironmentProperties"
    ]["PropertyGroups"]
    by_id = {group["PropertyGroupId"]: group["PropertyMap"] for group in groups}
    assert by_id.keys() == {RUN_OPTIONS_GROUP, PROPERTY_GROUP}
    assert by_id[RUN_OPTIONS_GROUP] == RUN_OPTIONS
    ours = by_id[PROPERTY_GROUP]
    timestamp = {key for key, value in ours.items() if "Fn::If" in value}
    assert timestamp == {"source.initial.timestamp"}, "given with AT_TIMESTAMP alone"
    values = {key: DEFAULTS.get(key, "x") for key in ours.keys() - timestamp}
    assert isinstance(job_config(values, "the template"), JobConfig)
    from_then = {"source.initial.position": "AT_TIMESTAMP", "source.initial.timestamp": "0"}
    assert isinstance(job_config(values | from_then, "the template"), JobConfig)
    assert DEFAULTS.keys() <= ours.keys(), "what has a default is a parameter of the template too"


def test_the_jobs_defaults_are_the_templates() -> None:
    defaults = parameter_defaults(TEMPLATES["root"])
    assert {
        "dynamodb.concurrency": defaults["DynamoDbConcurrency"],
        "group.interval.ms": defaults["GroupIntervalMs"],
        "batch.interval.ms": defaults["BatchIntervalMs"],
        "batch.revisions": defaults["BatchRevisions"],
        "state.ttl.hours": defaults["StateTtlHours"],
        "source.initial.position": defaults["InitialPosition"],
    }.items() <= DEFAULTS.items()


def test_every_runtime_that_is_packaged_for_can_be_deployed() -> None:
    for name in ("flink", "root"):
        allowed = TEMPLATES[name]["Parameters"]["RuntimeEnvironment"]["AllowedValues"]
        assert set(allowed) == RUNTIMES.keys()


@pytest.mark.parametrize(
    ("logical_id", "names"),
    [
        ("IngestionFunction", {STREAM}),
        (
            "HistoryFunction",
            {
                CUSTOMERS_TABLE,
                INVOICES_TABLE,
                CURSOR_KEY,
                TOKEN_ISSUER,
                TOKEN_CLIENT_IDS,
                TOKEN_KEYS_URL,
                CORS_ORIGINS,
            },
        ),
    ],
)
def test_functions_get_the_variables_they_read(logical_id: str, names: set[str]) -> None:
    assert properties_of("api", logical_id)["Environment"]["Variables"].keys() == names


def test_the_api_refers_to_functions_the_template_has() -> None:
    text = (INFRA.parent / "docs/openapi.json").read_text(encoding="utf-8")
    named = set(re.findall(r"functions/\$\{(\w+)\.Arn\}", text))
    assert named == {"IngestionFunction", "HistoryFunction"}
    assert named <= resources(TEMPLATES["api"], "AWS::Lambda::Function").keys()


def test_users_cannot_write_whose_purchases_they_see() -> None:
    client = properties_of("api", "UserPoolClient")
    assert "custom:customer_id" in client["ReadAttributes"]
    assert "custom:customer_id" not in client["WriteAttributes"]


def test_the_load_gets_the_arguments_it_must_have() -> None:
    arguments = properties_of("glue", "Job")["DefaultArguments"].keys()
    fields = JobParameters.__dataclass_fields__.keys()
    assert {f"--{name}" for name in ("lake", "warehouse", "region")} <= arguments
    assert {"lake", "warehouse", "region"} <= fields


@pytest.mark.parametrize(
    ("logical_id", "keys"), [("Customers", CUSTOMERS_KEYS), ("Invoices", INVOICES_KEYS)]
)
def test_tables_have_the_keys_the_code_writes(logical_id: str, keys: TableKeys) -> None:
    table = properties_of("tables", logical_id)
    types = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}
    assert [each["KeyType"] for each in table["KeySchema"]] == ["HASH", "RANGE"]
    found = [(name, types[name]) for name in (e["AttributeName"] for e in table["KeySchema"])]
    assert found == [keys.hash_key, keys.range_key]


@pytest.mark.parametrize(
    ("logical_id", "schema"),
    [("Lines", LINES_SCHEMA), ("Invoices", INVOICES_SCHEMA), ("Rejected", REJECTED_SCHEMA)],
)
def test_athenas_tables_have_the_lakes_columns(logical_id: str, schema: Any) -> None:  # noqa: ANN401 - pyarrow has no types
    columns = properties_of("glue", logical_id)["TableInput"]["StorageDescriptor"]["Columns"]
    assert [each["Name"] for each in columns] == [*schema.names]
    for column, field in zip(columns, schema, strict=True):
        assert column["Type"] == athena_type(field.type), column["Name"]


def athena_type(arrow: Any) -> str:  # noqa: ANN401 - pyarrow has no types
    text = str(arrow)
    if text.startswith("list"):
        fields = ",".join(f"{each.name}:{athena_type(each.type)}" for each in arrow.value_type)
        return f"array<struct<{fields}>>"
    if text.startswith("decimal128"):
        return f"decimal({arrow.precision},{arrow.scale})"
    if text.startswith("timestamp"):
        return "timestamp"
    return {"int32": "int", "int64": "bigint", "string": "string"}[text]


@pytest.mark.parametrize(("name", "logical_id"), roles())
def test_each_grant_that_is_not_recorded_has_its_reason(name: str, logical_id: str) -> None:
    """And no reason is left over from a grant that went."""
    role = TEMPLATES[name]["Resources"][logical_id]
    reasons = role.get("Metadata", {}).get("NotRecorded", {})
    assert reasons.keys() <= granted_actions(role)
    assert all(len(reason) > 20 for reason in reasons.values())


RECORDED = {
    ("flink", "Role"): {
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    },
    ("api", "IngestionRole"): {"kinesis:PutRecords"},
    ("api", "HistoryRole"): {"dynamodb:Query"},
    ("glue", "Role"): {
        "redshift-data:BatchExecuteStatement",
        "redshift-data:DescribeStatement",
        "redshift-data:ExecuteStatement",
        "redshift-data:GetStatementResult",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    },
    ("redshift", "UsageLimitRole"): {
        "redshift-serverless:CreateUsageLimit",
        "redshift-serverless:DeleteUsageLimit",
        "redshift-serverless:ListUsageLimits",
        "redshift-serverless:UpdateUsageLimit",
    },
}
"""What our own code calls, role by role."""


@pytest.mark.parametrize(("name", "logical_id"), roles())
def test_a_role_grants_what_our_code_calls_and_what_has_a_reason(
    name: str, logical_id: str
) -> None:
    role = TEMPLATES[name]["Resources"][logical_id]
    reasons = role.get("Metadata", {}).get("NotRecorded", {}).keys()
    assert granted_actions(role) - reasons == RECORDED.get((name, logical_id), set())


def alarms() -> list[str]:
    return [
        alarm["Properties"]["AlarmName"]["Fn::Sub"].partition("${Environment}-")[2]
        for alarm in resources(TEMPLATES["observability"], "AWS::CloudWatch::Alarm").values()
    ]


@pytest.mark.parametrize("alarm", [*alarms(), "budget"])
def test_each_alarm_has_its_page_in_the_runbook(alarm: str) -> None:
    text = (INFRA.parent / "docs/runbook.md").read_text(encoding="utf-8")
    pages = dict(re.findall(r"^## ([\w-]+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    assert alarm in pages
    for part in ("**Means.**", "**Look at.**", "**Do.**", "**Threshold.**"):
        assert part in pages[alarm], part


def test_an_alarms_page_is_the_one_it_names() -> None:
    for alarm in resources(TEMPLATES["observability"], "AWS::CloudWatch::Alarm").values():
        name = alarm["Properties"]["AlarmName"]["Fn::Sub"].partition("${Environment}-")[2]
        assert alarm["Properties"]["AlarmDescription"].endswith(f"docs/runbook.md#{name}")


@each_template
def test_each_excused_finding_has_its_reason(name: str) -> None:
    for resource in resources(TEMPLATES[name]).values():
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", []):
            assert len(skip["comment"]) > 20, skip["id"]


@each_template
def test_nothing_is_excused_for_a_template_as_a_whole(name: str) -> None:
    assert TEMPLATES[name].get("Metadata", {}).keys() <= {"AWS::CloudFormation::Interface"}


def test_raw_delivery_is_off_by_default_and_so_is_the_way_in() -> None:
    defaults = parameter_defaults(TEMPLATES["root"])
    assert (defaults["Delivery"], defaults["DeliveryToRedshift"]) == ("no", "no")
    network: Template = TEMPLATES["network"]
    for logical_id in ("InternetGateway", "RouteToFirehose", "FirehoseToWarehouse"):
        assert network["Resources"][logical_id]["Condition"] == "FirehoseReachesWarehouse"
