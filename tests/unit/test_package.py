"""The package holds what the job reaches, and its bytes depend on nothing else."""

import os
import zipfile
from pathlib import Path

import pytest

from ops.deployment.import_closure import reached_modules
from ops.deployment.package import JOB_MODULE, build_package, write_zip
from ops.deployment.runtime import PROJECT, RUNTIMES, Runtime
from ops.errors import UserError


def make_tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_the_job_reaches_the_core_and_its_connectors_and_no_other_entry_point() -> None:
    reached = reached_modules(JOB_MODULE, PROJECT)
    tops = {name.partition(".")[0] for name in reached}
    assert tops == {"flink_job", "connectors", "invoices"}
    assert {"invoices.contract", "connectors.flink_tables", "flink_job.config"} <= reached.keys()


def test_imports_of_every_form_are_followed(tmp_path: Path) -> None:
    root = make_tree(
        tmp_path,
        {
            "app/__init__.py": "",
            "app/main.py": "import os\nfrom app import a\nfrom app.b import value\n",
            "app/a.py": "def late():\n    import lib.c\n",
            "app/b.py": "value = 1\n",
            "app/unused.py": "import app.main\n",
            "lib/__init__.py": "from lib import d\n",
            "lib/c.py": "",
            "lib/d.py": "",
        },
    )
    assert sorted(reached_modules("app.main", root)) == [
        "app",
        "app.a",
        "app.b",
        "app.main",
        "lib",
        "lib.c",
        "lib.d",
    ]
    with pytest.raises(FileNotFoundError, match=r"no module app\.gone"):
        reached_modules("app.gone", root)


def test_the_same_files_make_the_same_bytes(tmp_path: Path) -> None:
    files = {"b.py": "b", "a/x.py": "x" * 10_000, "lib/j.jar": "jar", "a/y.txt": ""}
    first = make_tree(tmp_path / "first", files)
    second = make_tree(tmp_path / "second", dict(reversed(files.items())))
    for path in second.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    (second / "b.py").chmod(0o755)
    write_zip(first, tmp_path / "first.zip")
    write_zip(second, tmp_path / "second.zip")
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()


def test_the_zip_unpacks_to_the_files(tmp_path: Path) -> None:
    files = {"main.py": "print()", "dep/m/__init__.py": "m", "lib/j.jar": "jar"}
    write_zip(make_tree(tmp_path / "tree", files), tmp_path / "tree.zip")
    with zipfile.ZipFile(tmp_path / "tree.zip") as archive:
        assert {name: archive.read(name).decode() for name in archive.namelist()} == files
        assert archive.namelist() == sorted(files)


def test_a_jar_that_is_not_built_is_said_so(tmp_path: Path) -> None:
    runtime = Runtime(name="X", flink="1.20", python=(3, 11), java=11, target="nowhere")
    with pytest.raises(UserError, match=r"no jar at .*nowhere.*: run `make jars`"):
        build_package(runtime, tmp_path / "x.zip")
    assert list(tmp_path.iterdir()) == []


def test_every_runtime_says_how_its_jar_is_built() -> None:
    assert {runtime.make_jar for runtime in RUNTIMES.values()} == {
        "make jars",
        "make jars RUNTIME=FLINK-2_2",
        "make jars RUNTIME=FLINK-2_3",
    }
