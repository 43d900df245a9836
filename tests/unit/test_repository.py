"""Nothing that belongs to one machine or one person is committed."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

FORBIDDEN = {
    "a path of one machine": r"(?<![\w.])/(work|root|home|Users)/\w",
    "a package registry's host": (
        r"pypi\.org|pythonhosted\.org|repo1?\.maven\.(apache\.)?org|registry\.npmjs\.org|deb\.debian\.org"
    ),
    "an AWS access key": r"\b(AKIA|ASIA)[0-9A-Z]{16}\b",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
}
MOST_BYTES = 1_000_000


def tracked_files() -> list[Path]:
    """What git keeps; a copy of the project without git's folder is not checked."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git clone")
    listing = subprocess.run(
        ["/usr/bin/env", "git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    paths = [ROOT / name for name in listing.stdout.decode().split("\0") if name]
    return [path for path in paths if path.exists() and path != Path(__file__)]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what].encode())
    assert [path.name for path in tracked_files() if pattern.search(path.read_bytes())] == []


def test_no_file_is_large_and_no_data_is_kept() -> None:
    large = [path.name for path in tracked_files() if path.stat().st_size > MOST_BYTES]
    data = [path.name for path in tracked_files() if path.suffix in {".csv", ".gz", ".parquet"}]
    assert large + data == []
