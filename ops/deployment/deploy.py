"""``deploy``: what holds data, then the code, then everything that works on it.

CloudFormation reads nested templates and code from S3, so the stack with the buckets comes
first, and the tables' beside it: both outlive the rest. Artifacts are put there, each under
a key of its own content; then the root stack, which names those keys, makes the rest, the
Flink application included. Each change is shown before it is made.

Upstream: ``invoice-stream deploy``. Downstream: ``change_sets``, ``artifacts``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.settings import Settings
from ops.deployment.account import Account
from ops.deployment.artifacts import ArtifactBucket, read_templates
from ops.deployment.change_sets import Change, ChangeSets, StackRequest
from ops.deployment.environments import Environment
from ops.deployment.load_package import LoadPackage
from ops.deployment.runtime import PROJECT
from ops.deployment.stacks import POLL_SECONDS, Stacks
from ops.errors import InterruptedByUserError, UserError

TEMPLATES = PROJECT / "infra/cloudformation"
DESCRIPTION = PROJECT / "docs/openapi.json"
STORAGE_TEMPLATE, TABLES_TEMPLATE, ROOT_TEMPLATE = "storage.yaml", "tables.yaml", "root.yaml"

FROM_STORAGE = (
    "DataKeyArn",
    "LakeBucketName",
    "LakeBucketArn",
    "ArtifactBucketName",
    "ArtifactBucketArn",
)
"""Outputs of the storage stack that are parameters of the root stack, by the same name."""

FROM_TABLES = (
    "CustomersTableName",
    "CustomersTableArn",
    "InvoicesTableName",
    "InvoicesTableArn",
)
"""The same of the tables stack."""

CODE_PARAMETERS = (
    "FlinkCodeKey",
    "RuntimeEnvironment",
    "ApiCodeKey",
    "OpenApiKey",
    "GlueCodePrefix",
)
"""Parameters of the root stack that say which code runs; they stay as they are unless given."""

Approve = Callable[[str, Sequence[Change]], bool]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What is to run; what is None stays as it is deployed, or is not there yet.

    Attributes:
        package: The Flink application's zip.
        runtime: Name of the runtime it is for.
        functions: The API's functions' zip.
        load: The warehouse's load.
    """

    package: Path | None = None
    runtime: str | None = None
    functions: Path | None = None
    load: LoadPackage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Everything a deployment wants to know.

    Attributes:
        environment: What to deploy.
        account: Where to.
        approve: Shown what a stack's change would do, says whether to make it.
        tell: Told what goes on.
        templates: Folder of the templates.
        description: The API's OpenAPI document.
        poll_seconds: How often CloudFormation is asked how far it is.
    """

    environment: Environment
    account: Account
    approve: Approve
    tell: Tell
    templates: Path = TEMPLATES
    description: Path = DESCRIPTION
    poll_seconds: float = POLL_SECONDS

    def stacks(self) -> Stacks:
        """The stacks of the account."""
        return Stacks(self.account.cloudformation(), self.poll_seconds)

    def bucket(self) -> ArtifactBucket:
        """The environment's artifact bucket.

        Raises:
            UserError: The environment is not deployed.
        """
        name = self.stacks().outputs(self.environment.storage_stack).get("ArtifactBucketName")
        if name is None:
            raise UserError(
                f"{self.environment.name} is not deployed in {self.account.region}:"
                f" `invoice-stream deploy {self.environment.name}`"
            )
        return ArtifactBucket(self.account.s3(), name, self.account.region)


def deploy(deployment: Deployment, code: Code) -> Settings:
    """Deploy.

    Returns:
        Settings that point every command at what was deployed.

    Raises:
        FailedError: CloudFormation cannot make it so; it has gone back to what was.
        InterruptedByUserError: A change was not approved. What was made before it stays.
    """
    change(deployment, storage_request(deployment))
    change(deployment, tables_request(deployment))
    change(deployment, root_request(deployment, put_code(deployment, code)))
    return deployed_settings(deployment)


def storage_request(deployment: Deployment) -> StackRequest:
    """The stack of buckets and their key as it is to be."""
    environment = deployment.environment
    return StackRequest(
        name=environment.storage_stack,
        template=(deployment.templates / STORAGE_TEMPLATE).read_text(encoding="utf-8"),
        parameters={"Environment": environment.name, **environment.storage},
        tags=environment.all_tags("storage"),
    )


def tables_request(deployment: Deployment) -> StackRequest:
    """The stack of tables as it is to be."""
    environment = deployment.environment
    key = deployment.stacks().outputs(environment.storage_stack)["DataKeyArn"]
    return StackRequest(
        name=environment.tables_stack,
        template=(deployment.templates / TABLES_TEMPLATE).read_text(encoding="utf-8"),
        parameters={"Environment": environment.name, "DataKeyArn": key, **environment.tables},
        tags=environment.all_tags("tables"),
    )


def put_code(deployment: Deployment, code: Code) -> dict[str, str]:
    """Put code into the artifact bucket; returns the parameters that name it."""
    bucket = deployment.bucket()
    named: dict[str, str] = {}
    if code.package is not None and code.runtime is not None:
        deployment.tell(f"uploading {code.package.name}")
        named["FlinkCodeKey"] = bucket.put_package(code.package)
        named["RuntimeEnvironment"] = code.runtime
    if code.functions is not None:
        deployment.tell(f"uploading {code.functions.name}")
        keys = bucket.put_api(code.functions, deployment.description)
        named["ApiCodeKey"], named["OpenApiKey"] = keys
    if code.load is not None:
        named["GlueCodePrefix"] = bucket.put_load(code.load)
    return named


def root_request(deployment: Deployment, named: Mapping[str, str]) -> StackRequest:
    """The root stack as it is to be, with its templates put where CloudFormation finds them.

    Args:
        deployment: What is deployed.
        named: Code parameters that change; the others stay as they are deployed.
    """
    environment, stacks = deployment.environment, deployment.stacks()
    storage = stacks.outputs(environment.storage_stack)
    tables = stacks.outputs(environment.tables_stack)
    deployed = stacks.parameters(environment.full_name)
    code = {name: deployed[name] for name in CODE_PARAMETERS if deployed.get(name)} | dict(named)
    templates = read_templates(deployment.templates, code.get("OpenApiKey", ""))
    url = deployment.bucket().put_templates(templates)
    return StackRequest(
        name=environment.full_name,
        template=f"{url}/{ROOT_TEMPLATE}",
        parameters={
            "Environment": environment.name,
            "TemplatesUrl": url,
            **{name: storage[name] for name in FROM_STORAGE},
            **{name: tables[name] for name in FROM_TABLES},
            **environment.root,
            **code,
        },
        tags=environment.all_tags("root"),
    )


def change(deployment: Deployment, request: StackRequest) -> bool:
    """Make a stack what it is to be, once that was approved; returns whether it changed.

    Raises:
        FailedError: CloudFormation cannot make it so.
        InterruptedByUserError: It was not approved.
    """
    client = deployment.account.cloudformation()
    change_sets = ChangeSets(client, deployment.stacks(), deployment.poll_seconds)
    deployment.tell(f"asking what would change in {request.name}")
    prepared = change_sets.prepare(request)
    if prepared is None:
        deployment.tell(f"{request.name}: nothing to change")
        return False
    if not deployment.approve(request.name, prepared.changes):
        change_sets.discard(prepared)
        raise InterruptedByUserError
    deployment.tell(f"changing {request.name}")
    change_sets.apply(prepared)
    return True


def deployed_settings(deployment: Deployment) -> Settings:
    """Settings of what is deployed.

    Raises:
        UserError: Nothing is.
    """
    environment, stacks = deployment.environment, deployment.stacks()
    names = (environment.storage_stack, environment.tables_stack, environment.full_name)
    outputs = {key: value for name in names for key, value in stacks.outputs(name).items()}
    if "StreamName" not in outputs:
        raise UserError(
            f"{environment.name} is not deployed: `invoice-stream deploy {environment.name}`"
        )
    return Settings(
        region=environment.region,
        stream=outputs["StreamName"],
        stream_arn=outputs["StreamArn"],
        lake=f"s3://{outputs['LakeBucketName']}",
        customers_table=outputs["CustomersTableName"],
        invoices_table=outputs["InvoicesTableName"],
        **({"warehouse": outputs["Warehouse"]} if "Warehouse" in outputs else {}),
    )
