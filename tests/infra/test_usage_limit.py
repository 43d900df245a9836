"""The one function that lives in a template: taken out of it, and run against stubs."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ops.deployment.templates import read_template

TEMPLATE = Path(__file__).resolve().parents[2] / "infra/cloudformation/redshift.yaml"
WORKGROUP = "arn:aws:redshift-serverless:eu-west-1:000000000000:workgroup/w"
MOST_INLINE_CHARS = 4096


def code() -> str:
    function = read_template(TEMPLATE)["Resources"]["UsageLimitFunction"]["Properties"]
    text: str = function["Code"]["ZipFile"]
    return text


class Scene:
    """The function with a stubbed client; what it answers CloudFormation is kept."""

    def __init__(self, module: ModuleType, stubber: Stubber, answers: list[Any]) -> None:
        self.module, self.stubber, self.answers = module, stubber, answers

    def call(self, request: str, amount: str = "8") -> None:
        self.module.handler(
            {
                "RequestType": request,
                "ResourceProperties": {"ResourceArn": WORKGROUP, "Amount": amount},
            },
            None,
        )

    def has_limit(self, *, there: bool) -> None:
        """Whether there is a daily one; a monthly one is somebody else's."""
        limits = [{"usageLimitId": "other", "period": "monthly"}]
        limits += [{"usageLimitId": "limit-1", "period": "daily"}] if there else []
        self.stubber.add_response("list_usage_limits", {"usageLimits": limits})


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    answers: list[Any] = []
    client = boto3.client("redshift-serverless", region_name="eu-west-1")
    response = SimpleNamespace(
        SUCCESS="SUCCESS",
        FAILED="FAILED",
        send=lambda _event, _context, status, *rest, **more: answers.append((status, rest, more)),
    )
    monkeypatch.setitem(sys.modules, "cfnresponse", response)
    monkeypatch.setattr(boto3, "client", lambda _name: client)
    module = ModuleType("usage_limit")
    exec(compile(code(), "usage_limit.py", "exec"), module.__dict__)  # noqa: S102 - our own template
    with Stubber(client) as stubber:
        yield Scene(module, stubber, answers)
        stubber.assert_no_pending_responses()


def test_it_fits_into_a_template() -> None:
    assert len(code()) < MOST_INLINE_CHARS


def test_a_limit_is_made_that_stops_queries(scene: Scene) -> None:
    scene.has_limit(there=False)
    scene.stubber.add_response(
        "create_usage_limit",
        {"usageLimit": {"usageLimitId": "limit-2"}},
        {
            "resourceArn": WORKGROUP,
            "usageType": "serverless-compute",
            "amount": 8,
            "period": "daily",
            "breachAction": "deactivate",
        },
    )
    scene.call("Create")
    assert scene.answers == [("SUCCESS", ({}, "limit-2"), {})]


def test_one_that_is_there_is_changed(scene: Scene) -> None:
    scene.has_limit(there=True)
    scene.stubber.add_response(
        "update_usage_limit",
        {},
        {"usageLimitId": "limit-1", "amount": 9, "breachAction": "deactivate"},
    )
    scene.call("Update", "9")
    assert scene.answers == [("SUCCESS", ({}, "limit-1"), {})]


@pytest.mark.parametrize("there", [True, False])
def test_deleting_it_twice_is_no_failure(scene: Scene, *, there: bool) -> None:
    scene.has_limit(there=there)
    if there:
        scene.stubber.add_response("delete_usage_limit", {}, {"usageLimitId": "limit-1"})
    scene.call("Delete")
    assert scene.answers[0][0] == "SUCCESS"


def test_a_failure_is_told_to_cloudformation_which_would_wait_for_an_hour(scene: Scene) -> None:
    scene.stubber.add_client_error("list_usage_limits", "AccessDenied", "not allowed")
    with pytest.raises(Exception, match="not allowed"):
        scene.call("Create")
    (status, _, more) = scene.answers[0]
    assert status == "FAILED"
    assert "not allowed" in more["reason"]
