"""An environment's file: read, and every problem in it named at once."""

import json
from pathlib import Path
from typing import Any

import pytest

from ops.deployment.environments import load_environment
from ops.errors import UserError

GOOD: dict[str, Any] = {
    "Region": "eu-west-1",
    "SnapshotDays": 7,
    "Tags": {"Owner": "data"},
    "Storage": {"AbortUploadsAfterDays": "8"},
    "Tables": {},
    "Root": {"Parallelism": "2"},
}


def write(folder: Path, **changes: object) -> Path:
    (folder / "test.json").write_text(json.dumps(GOOD | changes))
    return folder


def test_names_and_tags_come_from_the_environments_name(tmp_path: Path) -> None:
    environment = load_environment("test", write(tmp_path))
    assert environment.full_name == "invoice-stream-test"
    assert environment.all_tags("stream") == {
        "Owner": "data",
        "Application": "invoice-stream-test",
        "Environment": "test",
        "Component": "stream",
    }


def test_an_unknown_environment_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no environment 'x' .*\(found: test\)"):
        load_environment("x", write(tmp_path))


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    folder = write(tmp_path, Region=1, Root={"Parallelism": 2}, Extra={})
    with pytest.raises(UserError) as failure:
        load_environment("test", folder)
    message = str(failure.value)
    for problem in (
        "unknown key Extra",
        "Region is missing or not a str",
        "Root.Parallelism is not",
    ):
        assert problem in message


@pytest.mark.parametrize("days", ["7", "6"])
def test_uploads_must_be_kept_longer_than_snapshots(days: str, tmp_path: Path) -> None:
    folder = write(tmp_path, Storage={"AbortUploadsAfterDays": days})
    with pytest.raises(UserError, match="must exceed SnapshotDays"):
        load_environment("test", folder)


def test_a_file_that_is_not_json_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "test.json").write_text("{")
    with pytest.raises(UserError, match="is not JSON"):
        load_environment("test", tmp_path)
