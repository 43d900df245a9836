"""What is deployed where: one file of parameters an environment.

Upstream: ``infra/parameters/*.json``. Downstream: every command that takes an environment.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.deployment.runtime import PROJECT
from ops.errors import UserError

PARAMETERS = PROJECT / "infra/parameters"
APPLICATION_TAG, ENVIRONMENT_TAG, COMPONENT_TAG = "Application", "Environment", "Component"
UPLOADS_PARAMETER = "AbortUploadsAfterDays"

_KEYS: Mapping[str, type] = {
    "Region": str,
    "SnapshotDays": int,
    "Tags": dict,
    "Storage": dict,
    "Tables": dict,
    "Root": dict,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """An environment as its file describes it.

    Attributes:
        name: Part of the name of everything in it.
        region: AWS region of everything in it.
        snapshot_days: Days for which snapshots of the job are kept.
        tags: Tags of everything, beside those that every environment has.
        storage: Parameters of the storage stack.
        tables: Parameters of the tables stack.
        root: Parameters of the root stack.
    """

    name: str
    region: str
    snapshot_days: int
    tags: Mapping[str, str]
    storage: Mapping[str, str]
    tables: Mapping[str, str]
    root: Mapping[str, str]

    @property
    def full_name(self) -> str:
        """Name of the root stack, of the application, and the beginning of every other name."""
        return f"invoice-stream-{self.name}"

    @property
    def storage_stack(self) -> str:
        """Name of the stack of buckets and their key."""
        return f"{self.full_name}-storage"

    @property
    def tables_stack(self) -> str:
        """Name of the stack of DynamoDB's tables."""
        return f"{self.full_name}-tables"

    def all_tags(self, component: str) -> dict[str, str]:
        """Tags of a stack; CloudFormation hands them on to what is in it."""
        return {
            **self.tags,
            APPLICATION_TAG: self.full_name,
            ENVIRONMENT_TAG: self.name,
            COMPONENT_TAG: component,
        }


def load_environment(name: str, folder: Path = PARAMETERS) -> Environment:
    """The environment of this name.

    Raises:
        UserError: There is no such file, or it is wrong; every problem is named at once.
    """
    path = folder / f"{name}.json"
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        known = ", ".join(sorted(each.stem for each in folder.glob("*.json"))) or "none"
        raise UserError(f"no environment {name!r} in {folder} (found: {known})") from error
    except ValueError as error:
        raise UserError(f"{path} is not JSON: {error}") from error
    problems = list(_problems(values))
    if problems:
        raise UserError(f"{path}: {'; '.join(problems)}")
    return Environment(
        name=name,
        region=values["Region"],
        snapshot_days=values["SnapshotDays"],
        tags=values["Tags"],
        storage=values["Storage"],
        tables=values["Tables"],
        root=values["Root"],
    )


def _problems(values: object) -> list[str]:
    if not isinstance(values, dict):
        return ["it does not hold a JSON object"]
    problems = [f"unknown key {key}" for key in values if key not in _KEYS]
    for key, kind in _KEYS.items():
        value = values.get(key)
        if not isinstance(value, kind):
            problems.append(f"{key} is missing or not a {kind.__name__}")
        elif isinstance(value, dict):
            wrong = [name for name, text in value.items() if not isinstance(text, str)]
            problems += [f"{key}.{name} is not a string" for name in wrong]
    return problems or _uploads_problem(values)


def _uploads_problem(values: Mapping[str, Mapping[str, str]]) -> list[str]:
    """A snapshot holds uploads that it finishes when it is restored: they must still be there."""
    days = values["Storage"].get(UPLOADS_PARAMETER, "")
    if not days.isdigit():
        return [f"Storage.{UPLOADS_PARAMETER} is missing or not a number of days"]
    if int(days) <= int(str(values["SnapshotDays"])):
        return [f"Storage.{UPLOADS_PARAMETER} must exceed SnapshotDays"]
    return []
