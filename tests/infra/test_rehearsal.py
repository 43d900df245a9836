"""The artifact that will be deployed, run as Managed Flink would: exact, or refused its way."""

import os
from pathlib import Path

import pytest
from rich.console import Console

from connectors.settings import Settings
from ops.deployment.flink_cluster import (
    ClusterPlan,
    FlinkCluster,
    clean_environment,
    write_properties,
)
from ops.deployment.managed_flink import RUN_OPTIONS
from ops.deployment.package import build_package
from ops.deployment.package_checks import verify
from ops.deployment.rehearsal import RehearsalOptions, allow_writing, rehearse, unpack
from ops.deployment.runtime import DEFAULT_RUNTIME, RUNTIMES
from ops.deployment.runtime_python import make_runtime_python
from ops.errors import FailedError
from tests.package_builder import PackageBuilder

RUNTIME = RUNTIMES[DEFAULT_RUNTIME]
LINES = 8_000
REAL_LINES = 50_000

SETS_WHAT_THE_SERVICE_DECIDES = """
from pyflink.common import Configuration
from pyflink.datastream import StreamExecutionEnvironment

configuration = Configuration()
configuration.set_string("execution." + "checkpointing.unaligned", "true")
flink = StreamExecutionEnvironment.get_execution_environment(configuration)
flink.from_collection([1]).print()
flink.execute_async("forbidden")
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real one, made from this tree."""
    return build_package(RUNTIME, tmp_path_factory.mktemp("dist") / "package.zip")


def rehearsal(package: Path, source: Path | None, lines: int) -> RehearsalOptions:
    return RehearsalOptions(
        package=package, source=source, lines=lines, seed=3, task_managers=1, properties={}
    )


@pytest.mark.e2e
@pytest.mark.timeout(1200)
def test_the_package_is_right_and_what_goes_through_it_reconciles(
    package: Path, tmp_path: Path
) -> None:
    assert verify(package) == []
    root = tmp_path / "rehearsal"
    report = rehearse(root, rehearsal(package, None, LINES), os.environ, Console(quiet=True))
    allow_writing(root / "content")
    assert (report.source_lines, report.accepted_lines) == (LINES, LINES)
    assert report.mismatches == []


@pytest.mark.e2e
@pytest.mark.timeout(600)
def test_a_setting_the_service_decides_is_refused_in_its_words(
    settings: Settings, tmp_path: Path
) -> None:
    """Put together at run time, so that reading the source does not find it."""
    package = PackageBuilder().with_files({"main.py": SETS_WHAT_THE_SERVICE_DECIDES})
    content = unpack(package.write(tmp_path / "hidden.zip"), tmp_path / "content")
    plan = ClusterPlan(
        directory=tmp_path / "cluster",
        python=make_runtime_python(RUNTIME, tmp_path / "python"),
        services=settings,
        task_managers=1,
    )
    write_properties(tmp_path / "properties.json", [])
    properties = tmp_path / "properties.json"
    with (
        FlinkCluster(plan, clean_environment(settings)) as cluster,
        pytest.raises(FailedError) as failure,
    ):
        cluster.submit(content, RUN_OPTIONS, properties)
    allow_writing(content)
    assert "Not allowed configuration change(s) were detected" in str(failure.value)
    assert "Configuration execution.checkpointing.unaligned" in str(failure.value)


def test_a_wrong_package_is_not_rehearsed(tmp_path: Path) -> None:
    package = PackageBuilder().without("main.py").write(tmp_path / "wrong.zip")
    with pytest.raises(FailedError, match=r"main\.py is missing"):
        rehearse(tmp_path / "r", rehearsal(package, None, 1), os.environ, Console(quiet=True))
    assert not (tmp_path / "r").exists()
