"""An account on the emulator: every service it stands in for, kept for one module of tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ops.deployment.account import Account
from ops.deployment.environments import Environment, load_environment
from ops.emulator import start


@dataclass(frozen=True, slots=True)
class EmulatedAccount:
    """An empty account, and the environment that is deployed into it."""

    account: Account
    environment: Environment


@pytest.fixture(scope="module")
def emulated_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAccount]:
    """Services of its own: a deployment is told from what others left by being alone there."""
    running = start(tmp_path_factory.mktemp("account"), services=())
    environment = load_environment("dev")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", running.url)
        yield EmulatedAccount(Account(environment.region), environment)
    running.stop()


@pytest.fixture(scope="module")
def templates() -> Path:
    """Folder of the templates as they are deployed to AWS."""
    return Path(__file__).resolve().parents[2] / "infra/cloudformation"
