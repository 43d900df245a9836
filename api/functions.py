"""The functions on the local services: made from the package, or brought up to date.

Upstream: ``api.bring_up``. Downstream: Lambda.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.package import RUNTIME, Architecture

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

TIMEOUT_SECONDS = 25
"""Below API Gateway's own 29, so that the function's answer comes first."""

MEMORY_MB = 512
"""A third of a processor: start-up is what takes one."""

_ROLE = "arn:aws:iam::000000000000:role/invoice-stream-api"
_READY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class FunctionCode:
    """What a function runs.

    Attributes:
        zip_bytes: The package.
        architecture: Processor it is for.
        handler: Name of the handler in it.
    """

    zip_bytes: bytes
    architecture: Architecture
    handler: str


def deploy_function(
    client: "LambdaClient", name: str, code: FunctionCode, variables: Mapping[str, str]
) -> str:
    """Make the function, or give the one of this name the code and variables.

    Returns:
        Its ARN.
    """
    try:
        client.get_function(FunctionName=name)
    except client.exceptions.ResourceNotFoundException:
        arn = _create(client, name, code, variables)
    else:
        arn = _update(client, name, code, variables)
    client.get_waiter("function_active_v2").wait(
        FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": _READY_SECONDS}
    )
    return arn


def _create(
    client: "LambdaClient", name: str, code: FunctionCode, variables: Mapping[str, str]
) -> str:
    return client.create_function(
        FunctionName=name,
        Runtime=RUNTIME,
        Architectures=[code.architecture.value],
        Role=_ROLE,
        Handler=code.handler,
        Code={"ZipFile": code.zip_bytes},
        Timeout=TIMEOUT_SECONDS,
        MemorySize=MEMORY_MB,
        Environment={"Variables": variables},
    )["FunctionArn"]


def _update(
    client: "LambdaClient", name: str, code: FunctionCode, variables: Mapping[str, str]
) -> str:
    client.update_function_code(
        FunctionName=name, ZipFile=code.zip_bytes, Architectures=[code.architecture.value]
    )
    return client.update_function_configuration(
        FunctionName=name, Handler=code.handler, Environment={"Variables": variables}
    )["FunctionArn"]
