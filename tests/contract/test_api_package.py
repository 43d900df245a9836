"""The package as it is built for Lambda, dependencies and all."""

import zipfile
from pathlib import Path

import pytest

from api.package import Architecture, host_architecture, package

MAX_BYTES = 9 * 2**20
ELF_MACHINES = {Architecture.X86_64: 0x3E, Architecture.ARM64: 0xB7}


@pytest.fixture(scope="module", params=list(Architecture), ids=lambda found: found.value)
def built(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Architecture, Path]:
    return request.param, package(request.param, tmp_path_factory.mktemp("one"))


def test_it_is_small_and_for_its_processor(built: tuple[Architecture, Path]) -> None:
    architecture, path = built
    assert path.stat().st_size < MAX_BYTES
    with zipfile.ZipFile(path) as archive:
        libraries = [name for name in archive.namelist() if name.endswith(".so")]
        machines = {archive.read(name)[18] for name in libraries}
    assert libraries
    assert machines == {ELF_MACHINES[architecture]}


def test_built_anew_from_the_same_sources_it_has_the_same_bytes(
    built: tuple[Architecture, Path], tmp_path: Path
) -> None:
    architecture, path = built
    if architecture is not host_architecture():
        pytest.skip("built twice for this machine's processor only: it is the same code")
    again = package(architecture, tmp_path)
    assert again.read_bytes() == path.read_bytes()
    assert again.name == path.name


def test_what_lambda_s_runtime_brings_is_not_in_it(built: tuple[Architecture, Path]) -> None:
    with zipfile.ZipFile(built[1]) as archive:
        top = {name.split("/")[0] for name in archive.namelist()}
    assert not top & {"boto3", "botocore", "urllib3", "bin", "pycparser"}
    assert {"api", "connectors", "invoices", "jwt", "aws_lambda_powertools"} <= top


def test_every_dependency_s_licence_is_in_it(built: tuple[Architecture, Path]) -> None:
    with zipfile.ZipFile(built[1]) as archive:
        names = archive.namelist()
    infos = {name.split("/")[0] for name in names if ".dist-info/" in name}
    licensed = {
        name.split("/")[0]
        for name in names
        if ".dist-info/" in name and ("LICEN" in name.upper() or name.endswith("METADATA"))
    }
    assert infos == licensed
