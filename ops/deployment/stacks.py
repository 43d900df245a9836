"""CloudFormation stacks: what they are, what is in them, and why one failed.

Upstream: ``ops.deployment.change_sets``, ``deploy``, ``teardown``. Downstream: CloudFormation.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ops.errors import FailedError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

STACK_TYPE = "AWS::CloudFormation::Stack"
POLL_SECONDS = 3.0
STACK_SECONDS = 3600.0


class Stacks:
    """The stacks of an account and region."""

    def __init__(self, client: "CloudFormationClient", poll_seconds: float = POLL_SECONDS) -> None:
        self._client = client
        self._poll_seconds = poll_seconds

    def status(self, name: str) -> str | None:
        """CloudFormation's word for the state it is in, None when there is no such stack."""
        try:
            status: str = self._client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return status

    def outputs(self, name: str) -> dict[str, str]:
        """Its outputs; empty when there is no such stack."""
        if self.status(name) is None:
            return {}
        stack = self._client.describe_stacks(StackName=name)["Stacks"][0]
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}

    def parameters(self, name: str) -> dict[str, str]:
        """Values of its parameters; empty when there is no such stack."""
        if self.status(name) is None:
            return {}
        stack = self._client.describe_stacks(StackName=name)["Stacks"][0]
        return {
            each["ParameterKey"]: each.get("ParameterValue", "")
            for each in stack.get("Parameters", [])
        }

    def delete(self, name: str) -> None:
        """Delete a stack and wait until it is gone.

        Raises:
            FailedError: Something in it cannot be deleted.
        """
        if self.status(name) is None:
            return
        started = datetime.now(UTC)
        stack_id = self._client.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
        self._client.delete_stack(StackName=stack_id)
        status = self.wait_while_in_progress(stack_id)
        if status not in {None, "DELETE_COMPLETE"}:
            reason = self.failure(stack_id, started) or "no reason given"
            raise FailedError(f"stack {name} is {status}: {reason}")

    def resources(self, name: str) -> Iterator[tuple[str, str]]:
        """Type and physical id of all that is in a stack and in those nested in it."""
        pages = self._client.get_paginator("list_stack_resources").paginate(StackName=name)
        for page in pages:
            for resource in page["StackResourceSummaries"]:
                kind, physical = resource["ResourceType"], resource.get("PhysicalResourceId", "")
                yield kind, physical
                if kind == STACK_TYPE and physical:
                    yield from self.resources(physical)

    def failure(self, stack: str, since: datetime) -> str | None:
        """Why a change failed: the earliest resource's own reason, nested stacks looked into."""
        pages = self._client.get_paginator("describe_stack_events").paginate(StackName=stack)
        events = [event for page in pages for event in page["StackEvents"]]
        failed = [
            event
            for event in reversed(events)
            if event.get("ResourceStatus", "").endswith("_FAILED") and event["Timestamp"] >= since
        ]
        for event in failed:
            if event["LogicalResourceId"] != stack and event["PhysicalResourceId"] != stack:
                return self._reason(event, since)
        return None

    def _reason(self, event: "StackEventTypeDef", since: datetime) -> str:
        """A nested stack's own reason is only that something in it failed."""
        nested = event.get("PhysicalResourceId", "")
        if event["ResourceType"] == STACK_TYPE and nested not in {"", event["StackId"]}:
            inner = self.failure(nested, since)
            if inner is not None:
                return inner
        reason = event.get("ResourceStatusReason", "no reason given")
        return f"{event['LogicalResourceId']} ({event['ResourceType']}): {reason}"

    def wait_while_in_progress(self, name: str) -> str | None:
        """Wait until nothing is going on with it; returns its status, None when it is gone.

        Raises:
            FailedError: It takes too long.
        """
        deadline = time.monotonic() + STACK_SECONDS
        while (status := self.status(name)) is not None and status.endswith("_IN_PROGRESS"):
            if time.monotonic() > deadline:
                raise FailedError(f"stack {name} is still {status} after {STACK_SECONDS:.0f} s")
            time.sleep(self._poll_seconds)
        return status
