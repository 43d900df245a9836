"""The project's own rules refuse what they are there to refuse.

Guard lives in an environment of its own, so it is asked as a command.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-infra/bin/python"

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason=".venv-infra is missing: `make check` installs it"
)

BREAKS = [
    (
        "tables",
        "PointInTimeRecoveryEnabled: true",
        "PointInTimeRecoveryEnabled: false",
        "recoverable",
    ),
    ("tables", "        MaxWriteRequestUnits: !Ref MaxWriteUnits\n", "", "tables_are_bounded"),
    (
        "storage",
        "RestrictPublicBuckets: true",
        "RestrictPublicBuckets: false",
        "buckets_are_private",
    ),
    ("storage", 'aws:SecureTransport: "false"', 'aws:Other: "false"', "buckets_take_tls_only"),
    ("storage", "EnableKeyRotation: true", "EnableKeyRotation: false", "keys_rotate"),
    ("stream", "EncryptionType: KMS", "EncryptionType: NONE", "streams_are_encrypted"),
    ("flink", "- kinesis:GetRecords", "- kinesis:*", "roles_name_their_actions"),
    ("flink", "SnapshotsEnabled: true", "SnapshotsEnabled: false", "can_be_restored"),
    ("flink", "      RetentionInDays: !Ref LogRetentionDays\n", "", "logs_are_encrypted_and_end"),
    ("glue", "      MaxRetries: !Ref MaxRetries\n", "", "retries_are_bounded"),
    ("redshift", "ManageAdminPassword: true", "AdminUserPassword: x", "keeps_its_password_secret"),
    ("observability", "      OKActions: [!Ref AlarmTopic]\n", "", "alarms_reach_people"),
    ("root", "{ Key: Component, Value: stream }", "{ Key: Other, Value: stream }", "is_tagged"),
]


def evaluate(folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [str(PYTHON), str(folder / "guard/evaluate.py")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_templates_hold_to_the_rules() -> None:
    done = evaluate(ROOT / "infra")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("template", "right", "wrong", "rule"), BREAKS)
def test_a_broken_template_is_refused(
    template: str, right: str, wrong: str, rule: str, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "infra/guard", tmp_path / "infra/guard")
    target = tmp_path / "infra/cloudformation" / f"{template}.yaml"
    target.parent.mkdir()
    text = (ROOT / f"infra/cloudformation/{template}.yaml").read_text(encoding="utf-8")
    assert right in text
    target.write_text(text.replace(right, wrong), encoding="utf-8")
    done = evaluate(tmp_path / "infra")
    assert done.returncode == 1
    assert rule in done.stderr
