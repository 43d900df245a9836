"""Change sets: what a deployment would change is known before it is changed.

Upstream: ``ops.deployment.deploy``, ``application_updates``. Downstream: CloudFormation.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from ops.deployment.stacks import POLL_SECONDS, Stacks
from ops.errors import FailedError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import (
        CreateChangeSetInputTypeDef,
        DescribeChangeSetOutputTypeDef,
        ResourceChangeTypeDef,
    )

CHANGE_SET_SECONDS = 600.0
NOTHING = ("didn't contain changes", "No updates are to be performed")
CAPABILITIES: "list[Literal['CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND']]" = [
    "CAPABILITY_NAMED_IAM",
    "CAPABILITY_AUTO_EXPAND",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StackRequest:
    """What a stack is to be.

    Attributes:
        name: Its name.
        template: Its template's text, or the https address of one in S3.
        parameters: Values of its parameters; what is left out keeps the template's default.
        tags: Tags of it and of all that is in it.
    """

    name: str
    template: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One resource that would change.

    Attributes:
        where: Name of the nested stack it is in, empty for the stack itself.
        resource: Its logical id.
        kind: Its type.
        action: ``Add``, ``Modify``, ``Remove``, ...
        replaces: Whether the resource is made anew: what it holds may go with the old one.
    """

    where: str
    resource: str
    kind: str
    action: str
    replaces: bool


@dataclass(frozen=True, slots=True)
class PreparedChange:
    """A change set that waits to be executed.

    Attributes:
        stack: Name of the stack.
        change_set: Its ARN.
        is_new: Whether the stack does not exist yet.
        changes: What would change; never empty.
    """

    stack: str
    change_set: str
    is_new: bool
    changes: Sequence[Change]


class ChangeSets:
    """Changes of stacks, looked at before they are made."""

    def __init__(
        self, client: "CloudFormationClient", stacks: Stacks, poll_seconds: float = POLL_SECONDS
    ) -> None:
        self._client = client
        self._stacks = stacks
        self._poll_seconds = poll_seconds

    def prepare(self, request: StackRequest) -> PreparedChange | None:
        """Find out what would change, without changing it; None for nothing.

        Raises:
            FailedError: CloudFormation refuses the template or its parameters, or the stack is
                in a state in which it cannot be changed.
        """
        status = self._stacks.status(request.name)
        is_new = status is None or status == "REVIEW_IN_PROGRESS"
        if status == "ROLLBACK_COMPLETE":
            raise FailedError(
                f"stack {request.name} could not be created and is empty: delete it"
                f" (`invoice-stream teardown`), then deploy again"
            )
        change_set = self._create_change_set(request, "CREATE" if is_new else "UPDATE")
        answer = self._wait_for_change_set(change_set)
        if answer["Status"] == "FAILED":
            reason = answer.get("StatusReason", "no reason given")
            self._forget(request.name, change_set, is_new=is_new)
            if any(text in reason for text in NOTHING):
                return None
            raise FailedError(f"stack {request.name} cannot be changed so: {reason}")
        changes = sorted(self._changes(answer, ""))
        if not changes:
            self._forget(request.name, change_set, is_new=is_new)
            return None
        return PreparedChange(request.name, change_set, is_new, changes)

    def apply(self, prepared: PreparedChange) -> None:
        """Make the change, and wait until it is made.

        Raises:
            FailedError: It failed, and CloudFormation has gone back to what was; the message is
                the first resource's that failed.
        """
        started = datetime.now(UTC)
        self._client.execute_change_set(ChangeSetName=prepared.change_set)
        status = self._stacks.wait_while_in_progress(prepared.stack)
        if status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            reason = self._stacks.failure(prepared.stack, started) or "no reason given"
            raise FailedError(f"stack {prepared.stack} is {status}: {reason}")

    def discard(self, prepared: PreparedChange) -> None:
        """Forget a change that was not wanted."""
        self._forget(prepared.stack, prepared.change_set, is_new=prepared.is_new)

    def _create_change_set(self, request: StackRequest, kind: Literal["CREATE", "UPDATE"]) -> str:
        values: CreateChangeSetInputTypeDef = {
            "StackName": request.name,
            "ChangeSetName": f"deploy-{datetime.now(UTC):%Y%m%dT%H%M%S%f}",
            "ChangeSetType": kind,
            "Parameters": [
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in request.parameters.items()
            ],
            "Tags": [{"Key": key, "Value": value} for key, value in request.tags.items()],
            "Capabilities": CAPABILITIES,
        }
        if request.template.startswith("https://"):
            values["TemplateURL"] = request.template
            values["IncludeNestedStacks"] = True
        else:
            values["TemplateBody"] = request.template
        return self._client.create_change_set(**values)["Id"]

    def _wait_for_change_set(self, change_set: str) -> "DescribeChangeSetOutputTypeDef":
        deadline = time.monotonic() + CHANGE_SET_SECONDS
        while True:
            answer = self._client.describe_change_set(ChangeSetName=change_set)
            if answer["Status"] in {"CREATE_COMPLETE", "FAILED"}:
                return answer
            if time.monotonic() > deadline:
                raise FailedError(f"no change set after {CHANGE_SET_SECONDS:.0f} s")
            time.sleep(self._poll_seconds)

    def _changes(self, answer: "DescribeChangeSetOutputTypeDef", where: str) -> Iterator[Change]:
        while True:
            for change in answer["Changes"]:
                found = change["ResourceChange"]
                if "ChangeSetId" in found:
                    nested = self._wait_for_change_set(found["ChangeSetId"])
                    yield from self._changes(nested, found["LogicalResourceId"])
                else:
                    yield _change(found, where)
            token = answer.get("NextToken")
            if token is None:
                return
            answer = self._client.describe_change_set(
                ChangeSetName=answer["ChangeSetId"], NextToken=token
            )

    def _forget(self, stack: str, change_set: str, *, is_new: bool) -> None:
        """A stack that exists only for a change set to be looked at goes with it."""
        with suppress(ClientError):
            self._client.delete_change_set(ChangeSetName=change_set)
            if is_new and self._stacks.status(stack) == "REVIEW_IN_PROGRESS":
                self._client.delete_stack(StackName=stack)


def _change(found: "ResourceChangeTypeDef", where: str) -> Change:
    return Change(
        where,
        found["LogicalResourceId"],
        found["ResourceType"],
        found["Action"],
        found.get("Replacement") in {"True", "Conditional"},
    )
