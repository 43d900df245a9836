"""Where the local services, the job and the reports keep their files: one folder, not in git."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connectors.settings import SETTINGS_VARIABLE, Settings, load_settings

DEFAULT_ROOT = Path("var")


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder ``var/``, or another of its kind.

    Attributes:
        root: The folder.
    """

    root: Path = DEFAULT_ROOT

    @property
    def settings_path(self) -> Path:
        """What ``invoice-stream up`` writes for every other command."""
        return self.root / "settings.json"

    @property
    def emulator(self) -> Path:
        """Folder of the local services: their state, pid and log."""
        return self.root / "emulator"

    @property
    def job(self) -> Path:
        """Folder of the job: its configuration, logs, checkpoints and savepoints."""
        return self.root / "job"

    @property
    def job_record(self) -> Path:
        """Which process the job runs in."""
        return self.root / "job.json"

    @property
    def report(self) -> Path:
        """The last reconciliation's report."""
        return self.root / "report.json"

    @property
    def demo(self) -> Path:
        """Folder of the demo's own files; that it is there says whose state this is."""
        return self.root / "demo"

    @property
    def error_log(self) -> Path:
        """Details of errors nobody foresaw."""
        return self.root / "invoice-stream.log"

    def settings(self, environment: Mapping[str, str]) -> Settings:
        """The settings: the file the environment names, else this folder's.

        Raises:
            SettingsError: There is none, or it cannot be used.
        """
        return load_settings({SETTINGS_VARIABLE: str(self.settings_path)} | dict(environment))

    def write_settings(self, settings: Settings) -> None:
        """Write this folder's settings."""
        write_whole(self.settings_path, settings.to_json())

    def state(self) -> list[Path]:
        """Everything that ``wipe`` removes, as far as it is there."""
        paths = [self.settings_path, self.emulator, self.job, self.job_record, self.demo]
        return [path for path in paths if path.exists()]

    def put_aside(self, name: str) -> Path:
        """Move what ``wipe`` would remove into a folder of this name; returns the folder."""
        kept = self.root / "kept" / name
        kept.mkdir(parents=True)
        for path in self.state():
            path.rename(kept / path.name)
        return kept

    def wipe(self) -> None:
        """Forget everything but the last report."""
        for path in self.state():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def write_whole(path: Path, text: str) -> None:
    """Write a file so that no reader ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    half.write_text(text, encoding="utf-8")
    half.replace(path)


def write_json(path: Path, values: object) -> None:
    """Write a value as JSON, whole."""
    write_whole(path, json.dumps(values, indent=2) + "\n")
