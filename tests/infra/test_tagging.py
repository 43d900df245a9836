"""Every resource that can be tagged is: by its stack's tags, which CloudFormation hands on.

What can be tagged is what the resource types' own schemas say; cfn-lint carries them.
"""

import json
import subprocess
from pathlib import Path

import pytest

from ops.deployment.environments import load_environment
from ops.deployment.templates import read_template, resources

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-infra/bin/python"
TEMPLATES = sorted((ROOT / "infra/cloudformation").glob("*.yaml"))

CANNOT_BE_TAGGED = frozenset(
    {
        "AWS::ApiGateway::Account",
        "AWS::ApiGateway::Deployment",
        "AWS::ApiGateway::UsagePlanKey",
        "AWS::Cognito::UserPoolClient",
        "AWS::Cognito::UserPoolGroup",
        "AWS::EC2::Route",
        "AWS::EC2::SecurityGroupIngress",
        "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::EC2::VPCGatewayAttachment",
        "AWS::Glue::Database",
        "AWS::Glue::SecurityConfiguration",
        "AWS::Glue::Table",
        "AWS::KMS::Alias",
        "AWS::KinesisAnalyticsV2::ApplicationCloudWatchLoggingOption",
        "AWS::Lambda::Permission",
        "AWS::Logs::LogStream",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::Subscription",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::QueuePolicy",
        "AWS::Scheduler::Schedule",
        "AWS::WAFv2::LoggingConfiguration",
        "AWS::WAFv2::WebACLAssociation",
        "Custom::RedshiftServerlessUsageLimit",
    }
)
"""Parts of another resource, settings, or catalog entries: AWS knows no tags on them."""

ASK = """
import json, sys
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER as schemas
found = {}
for name in json.load(sys.stdin):
    schema = schemas.get_resource_schema("eu-west-1", name).schema
    tagging = schema.get("tagging", {})
    found[name] = tagging.get("taggable", schema.get("taggable", "Tags" in schema["properties"]))
json.dump(found, sys.stdout)
"""


def types() -> set[str]:
    return {
        resource["Type"]
        for path in TEMPLATES
        for resource in resources(read_template(path)).values()
    }


@pytest.mark.skipif(not PYTHON.exists(), reason=".venv-infra is missing: `make check` installs it")
def test_what_is_not_tagged_cannot_be() -> None:
    asked = sorted(name for name in types() if name.startswith("AWS::"))
    done = subprocess.run(
        [str(PYTHON), "-c", ASK],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    untaggable = {name for name, taggable in json.loads(done.stdout).items() if not taggable}
    assert untaggable == CANNOT_BE_TAGGED & set(asked)


def test_no_exception_is_left_over() -> None:
    assert types() >= CANNOT_BE_TAGGED


@pytest.mark.parametrize("name", ["dev", "staging", "prod"])
def test_every_stack_that_is_deployed_has_the_tags_the_budget_filters_by(name: str) -> None:
    environment = load_environment(name)
    for component in ("storage", "tables", "root"):
        assert environment.all_tags(component)["Application"] == f"invoice-stream-{name}"
    budget = read_template(ROOT / "infra/cloudformation/cost.yaml")["Resources"]["Budget"]
    filters = budget["Properties"]["Budget"]["CostFilters"]["TagKeyValue"]
    assert filters == [{"Fn::Sub": "user:Application$invoice-stream-${Environment}"}]
