"""The package: the same files make the same bytes, and only what is needed is in it."""

import importlib.util
import io
import marshal
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from types import CodeType

import pytest

from api import package
from api.package import CLAIMS_HANDLER, HISTORY_HANDLER, INGESTION_HANDLER, own_modules, zip_bytes
from api.setup_errors import SetupError


def write(folder: Path, *names: str) -> dict[str, Path]:
    """Files with a function and a set of texts each."""
    files = {}
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            "WORDS = {'a', 'b', 'c'}\n\ndef known(word):\n    return word in {'x', 'y'}\n"
        )
        files[name] = path
    return files


def test_the_same_files_make_the_same_bytes(tmp_path: Path) -> None:
    one = write(tmp_path / "one", "b.py", "a/c.py", "d.txt")
    other = write(tmp_path / "other", "d.txt", "a/c.py", "b.py")
    for path in one.values():
        os.utime(path, (0, 0))
        path.chmod(0o600)
    assert zip_bytes(one) == zip_bytes(other)


def test_another_process_makes_the_same_bytes(tmp_path: Path) -> None:
    files = write(tmp_path, "b.py", "c.py")
    code = (
        "import sys; from pathlib import Path; from api.package import zip_bytes;"
        "sys.stdout.buffer.write(zip_bytes({Path(p).name: Path(p) for p in sys.argv[1:]}))"
    )
    made = subprocess.run(
        [sys.executable, "-c", code, *map(str, files.values())],
        cwd=package.ROOT,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": str(package.ROOT)},
        capture_output=True,
        check=True,
    ).stdout
    assert made == zip_bytes(files)


def test_modules_are_compiled_for_the_place_they_run_at(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(zip_bytes(write(tmp_path, "b.py")))) as archive:
        assert archive.namelist() == ["__pycache__/b.cpython-311.pyc", "b.py"]
        compiled = archive.read("__pycache__/b.cpython-311.pyc")
    assert compiled[:4] == importlib.util.MAGIC_NUMBER
    assert compiled[4:8] == b"\1\0\0\0"
    code = marshal.loads(compiled[16:])  # noqa: S302 - what was just compiled
    assert isinstance(code, CodeType)
    assert code.co_filename == "/var/task/b.py"


def test_of_our_modules_only_those_the_functions_import_are_in_it() -> None:
    names = set(own_modules((INGESTION_HANDLER, HISTORY_HANDLER, CLAIMS_HANDLER)))
    assert {"api/__init__.py", "api/ingestion.py", "api/tokens.py", "invoices/record.py"} <= names
    assert not [name for name in names if name.startswith(("ops/", "producer/", "flink_job/"))]
    assert not names & {"api/cli.py", "api/gateway.py", "api/package.py", "connectors/lake.py"}


def test_what_installers_note_is_left_out(tmp_path: Path) -> None:
    names = [
        "x/a.py",
        "x-1.dist-info/METADATA",
        "x-1.dist-info/licenses/LICENSE",
        "x-1.dist-info/RECORD",
        "x-1.dist-info/INSTALLER",
        "x-1.dist-info/WHEEL",
        "bin/x",
        "x/a.pyi",
    ]
    write(tmp_path, *names)
    assert sorted(package.dependency_files(tmp_path)) == sorted(names[:3])


def test_dependencies_that_cannot_be_installed_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        package, "_install_command", lambda *_: [sys.executable, "-c", "exit('no such wheel')"]
    )
    with pytest.raises(SetupError, match="no such wheel"):
        package.install_dependencies(package.Architecture.X86_64, tmp_path / "build")
