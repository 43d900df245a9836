"""The commands as a person runs them: a lake on S3, Spark with its jars, the embedded warehouse."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from connectors.lake import open_lake
from connectors.settings import Settings
from tests.warehouse.lakes import LakeBuilder, line
from warehouse.spark import JARS

COMMAND = [str(Path(sys.executable).with_name("invoice-stream"))]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(settings: Settings) -> Iterator[Path]:
    """A folder of ``--var`` whose warehouse the database's own user may enter."""
    with tempfile.TemporaryDirectory(prefix="invoice-stream-") as name:
        own = replace(settings, warehouse=f"embedded:{name}/warehouse")
        Path(name, "settings.json").write_text(own.to_json(), encoding="utf-8")
        yield Path(name)


@pytest.fixture
def run(folder: Path) -> Run:
    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, "--var", str(folder), "warehouse", *arguments],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    return command


@pytest.mark.skipif(not list(JARS.glob("*.jar")), reason="Spark's jars are not installed")
def test_a_lake_on_s3_is_loaded_asked_and_loaded_no_more(run: Run, settings: Settings) -> None:
    LakeBuilder(open_lake(settings)).write(
        [line(), line(line_no=2, invoice_date=datetime(2011, 1, 3))]
    )

    loaded = run("load", "--json")
    assert loaded.returncode == 0, loaded.stderr
    assert json.loads(loaded.stdout)["audit"]["amount_merged"] == "30.6000"

    asked = run("query", "SELECT total FROM fact_invoice", "--csv")
    assert asked.stdout == "total\n30.6000\n"
    again = run("load")
    assert again.stdout.startswith("nothing new: all 1 files of the lake are loaded")
    few = run("forecast")
    assert few.returncode == 1
    assert "are too few to test a forecast: 268 are needed" in few.stderr


def test_what_cannot_be_is_one_line_and_no_traceback(run: Run) -> None:
    refused = run("query", "DROP TABLE dim_date")

    assert refused.returncode == 2
    assert refused.stderr == "invoice-stream: query: only SELECT is allowed here\n"
