"""A package that is right is let through; each way to be wrong is refused, and named."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.deployment.package_checks import FLINK_ITSELF, verify
from ops.deployment.runtime import RUNTIMES
from ops.deployment.wheels import tag_problem
from ops.errors import UserError
from tests.package_builder import WHEEL, PackageBuilder, jar, manifest

FLINK_1 = RUNTIMES["FLINK-1_20"]
JAR = "lib/invoice-stream-flink.jar"

Spoil = Callable[[PackageBuilder], PackageBuilder]


def added(name: str, content: bytes | str = b"") -> Spoil:
    return lambda package: package.with_files({name: content})


def wheel(tag: str) -> Spoil:
    return lambda package: package.with_files(
        {"dep/orjson_stub-3.0.dist-info/WHEEL": WHEEL.format(tag=tag)}
    )


def module(text: str) -> Spoil:
    return lambda package: package.with_files(
        {"dep/flink_job/main.py": f"import pyflink\n{text}\n"}
    )


def test_a_right_package_has_no_findings(tmp_path: Path) -> None:
    assert verify(PackageBuilder().write(tmp_path / "right.zip")) == []


@pytest.mark.parametrize(
    ("spoil", "finding"),
    [
        pytest.param(
            added("lib/second.jar", jar()),
            "there must be one jar, lib/invoice-stream-flink.jar; also found: lib/second.jar",
            id="a second jar",
        ),
        pytest.param(
            added("dep/orjson_stub/bundled.jar", jar()),
            "also found: dep/orjson_stub/bundled.jar",
            id="a jar within a dependency",
        ),
        pytest.param(
            lambda package: package.without(JAR),
            "lib/invoice-stream-flink.jar is missing, which kinesis.analytics.flink.run.options"
            " names as jarfile",
            id="no jar",
        ),
        pytest.param(
            lambda package: package.without("main.py"),
            "main.py is missing, which kinesis.analytics.flink.run.options names as python",
            id="no entry script",
        ),
        pytest.param(
            lambda package: PackageBuilder(
                {n: t for n, t in package.files.items() if not n.startswith("dep/")}
            ),
            "dep/ is missing, which kinesis.analytics.flink.run.options names as pyFiles",
            id="no dependencies",
        ),
        pytest.param(
            added("dep/pyflink/__init__.py"),
            "pyflink is in it, which the runtime brings",
            id="PyFlink inside",
        ),
        pytest.param(
            added(
                "dep/apache_flink-1.20.5.dist-info/WHEEL",
                WHEEL.format(tag="cp311-cp311-manylinux2014_x86_64"),
            ),
            "apache_flink-1.20.5.dist-info is in it, which the runtime brings",
            id="apache-flink inside",
        ),
        pytest.param(
            wheel("cp312-cp312-manylinux_2_17_x86_64"),
            "orjson_stub-3.0 is for cp312 (cp312), the runtime has Python 3.11",
            id="a wheel for another Python",
        ),
        pytest.param(
            wheel("cp311-cp311-macosx_11_0_arm64"),
            "orjson_stub-3.0 is for macosx_11_0_arm64, the runtime for manylinux on x86_64",
            id="a wheel for another platform",
        ),
        pytest.param(
            added("dep/orjson_stub/speed.cpython-312-x86_64-linux-gnu.so"),
            "speed.cpython-312-x86_64-linux-gnu.so is for cpython-312, the runtime has Python 3.11",
            id="a compiled module for another Python",
        ),
        pytest.param(
            module("def f(e): e.enable_checkpointing(1000)"),
            "dep/flink_job/main.py:2 sets enable_checkpointing(), which Managed Flink forbids",
            id="a forbidden method",
        ),
        pytest.param(
            module("KEY = 'execution.checkpointing.interval'"),
            "sets execution.checkpointing.interval, which Managed Flink forbids",
            id="a forbidden setting",
        ),
        pytest.param(
            module('SQL = """SET \'state.backend.type\' = \'rocksdb\';"""'),
            "sets state.backend.type, which Managed Flink forbids",
            id="a forbidden setting in SQL",
        ),
        pytest.param(
            added(JAR, jar(java=61)),
            "has classes of version 61, too new for Java 11",
            id="a jar for a later Java",
        ),
        pytest.param(
            added(JAR, jar(more={FLINK_ITSELF: b""})),
            "has Flink itself in it, which the runtime brings",
            id="Flink in the jar",
        ),
        pytest.param(
            added(JAR, b"PK, but no zip"),
            "lib/invoice-stream-flink.jar is not a jar",
            id="a jar that is none",
        ),
        pytest.param(
            added("../outside.py"),
            "../outside.py leads out of the zip",
            id="a way out",
        ),
        pytest.param(
            module("def broken(:"), "dep/flink_job/main.py is not Python", id="a syntax error"
        ),
    ],
)
def test_a_wrong_package_is_refused(spoil: Spoil, finding: str, tmp_path: Path) -> None:
    findings = verify(spoil(PackageBuilder()).write(tmp_path / "wrong.zip"))
    assert [line for line in findings if finding in line], findings


def test_an_import_that_the_runtime_does_not_bring_is_refused(tmp_path: Path) -> None:
    package = PackageBuilder().with_files({"dep/flink_job/main.py": "import pyflink, typer\n"})
    assert verify(package.write(tmp_path / "wrong.zip")) == [
        "main.py does not import: ModuleNotFoundError: No module named 'typer'"
    ]


def test_what_the_runtime_brings_can_be_imported(tmp_path: Path) -> None:
    text = "import pyflink.datastream, pyarrow, numpy, pandas\n"
    package = PackageBuilder().with_files({"dep/flink_job/main.py": text})
    assert verify(package.write(tmp_path / "right.zip")) == []


def test_settings_that_code_may_set_are_let_through(tmp_path: Path) -> None:
    text = "import pyflink\nKEYS = ['pipeline.name', 'table.exec.state.ttl', 'state.ttl.hours']\n"
    package = PackageBuilder().with_files({"dep/flink_job/main.py": text})
    assert verify(package.write(tmp_path / "right.zip")) == []


def test_a_package_says_what_it_is_for(tmp_path: Path) -> None:
    unknown = PackageBuilder().with_files({"package.json": manifest("FLINK-9")})
    with pytest.raises(UserError, match="is for FLINK-9, not one of FLINK-1_20"):
        verify(unknown.write(tmp_path / "unknown.zip"))
    silent = PackageBuilder().without("package.json").write(tmp_path / "silent.zip")
    with pytest.raises(UserError, match="say the runtime with --runtime"):
        verify(silent)
    assert verify(silent, FLINK_1) == []


def test_a_file_that_is_no_package_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no package at"):
        verify(tmp_path / "missing.zip")
    path = tmp_path / "text.zip"
    path.write_text("text")
    with pytest.raises(UserError, match="is not a zip"):
        verify(path)


def test_a_file_twice_in_the_zip_is_refused(tmp_path: Path) -> None:
    path = PackageBuilder().write(tmp_path / "twice.zip")
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("main.py", "other")
    assert "main.py is in it 2 times" in verify(path)


@pytest.mark.parametrize(
    "tag",
    [
        "py3-none-any",
        "py311-none-any",
        "cp311-cp311-manylinux_2_17_x86_64",
        "cp311-cp311-manylinux2014_x86_64",
        "cp311-cp311-manylinux_2_5_x86_64",
        "cp39-abi3-manylinux1_x86_64",
    ],
)
def test_wheels_that_fit(tag: str) -> None:
    assert tag_problem(tag, FLINK_1) is None


@pytest.mark.parametrize(
    ("tag", "why"),
    [
        ("cp310-cp310-manylinux_2_17_x86_64", "is for cp310"),
        ("cp312-abi3-manylinux_2_17_x86_64", "is for cp312"),
        ("cp311-cp311-manylinux_2_28_x86_64", "needs glibc 2.28"),
        ("cp311-cp311-musllinux_1_2_x86_64", "is for musllinux_1_2_x86_64"),
        ("cp311-cp311-manylinux_2_17_aarch64", "is for manylinux_2_17_aarch64"),
        ("py2-none-any", "is for py2"),
    ],
)
def test_wheels_that_do_not_fit(tag: str, why: str) -> None:
    assert why in (tag_problem(tag, FLINK_1) or "")
