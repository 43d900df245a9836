"""What many tests need: an emulator for the session, fresh names for every test.

No test can reach an AWS account: the keys in the environment are false ones.
"""

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from connectors.settings import Settings
from ops.emulator import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, Emulator, start
from ops.resources import create_resources
from tests.running_api import RunningApi, run_api

MakeSettings = Callable[..., Settings]

_NUMBERS = itertools.count(1)

hypothesis_settings.register_profile("any machine", deadline=None)
hypothesis_settings.load_profile("any machine")


@pytest.fixture(scope="session", autouse=True)
def no_aws_account() -> Iterator[None]:
    """Keys, profiles and regions of the person who runs the tests are out of reach."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_ACCESS_KEY_ID", "false")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "false")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        yield


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """Kinesis, DynamoDB and S3 on a free port of the loopback interface."""
    running = start(tmp_path_factory.mktemp("emulator"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def make_settings(emulator: Emulator) -> MakeSettings:
    """Makes ``Settings`` with names nobody used before; ``create=False`` makes names only.

    Arguments: ``shards=2``, ``create=True``.
    """

    def make(*, shards: int = 2, create: bool = True) -> Settings:
        settings = settings_for(emulator, f"t{next(_NUMBERS)}")
        if create:
            create_resources(settings, shards)
        return settings

    return make


@pytest.fixture
def settings(make_settings: MakeSettings) -> Settings:
    """A fresh stream of two shards, fresh tables, a fresh bucket."""
    return make_settings()


@pytest.fixture
def unused_settings(make_settings: MakeSettings) -> Settings:
    """Fresh names; neither stream nor tables nor bucket exist."""
    return make_settings(create=False)


def settings_for(emulator: Emulator, name: str) -> Settings:
    """Settings whose every name starts with ``name``, on this emulator."""
    return Settings(
        region=REGION,
        stream=f"{name}-invoice-lines",
        stream_arn=f"arn:aws:kinesis:{REGION}:000000000000:stream/{name}-invoice-lines",
        lake=f"s3://{name}-invoice-lake",
        customers_table=f"{name}-Customers",
        invoices_table=f"{name}-Invoices",
        endpoint_url=emulator.url,
        access_key_id=ACCESS_KEY_ID,
        secret_access_key=SECRET_ACCESS_KEY,
    )


@pytest.fixture(scope="session")
def running_api(
    make_settings: MakeSettings, tmp_path_factory: pytest.TempPathFactory
) -> RunningApi:
    """The HTTP API on a stream and tables of its own."""
    return run_api(make_settings(), tmp_path_factory.mktemp("api"), f"api-t{next(_NUMBERS)}")


@pytest.fixture(scope="session")
def real_file() -> Path:
    """The real data, where it is: named by INVOICE_STREAM_DATA, or beside the project."""
    beside = Path(__file__).resolve().parents[2] / "shared/data"
    folder = Path(os.environ.get("INVOICE_STREAM_DATA", beside))
    found = sorted(folder.glob("online-retail-*.csv.gz")) if folder.is_dir() else [folder]
    if not found or not found[0].is_file():
        pytest.skip(f"no real data at {folder}: name its file or folder in INVOICE_STREAM_DATA")
    return found[0]
