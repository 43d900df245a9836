"""A task that fails and a machine that loses power leave every store exact."""

import random
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.lake import LakePart
from connectors.settings import Settings
from flink_job.metrics import Metric
from invoices.line import InvoiceLine
from ops.flink_rest import FlinkRest
from ops.minicluster import JobProcess, latest_checkpoint
from tests.document_cases import make_lines
from tests.flink.fail_once import POISON
from tests.flink.scene import Scene, stop, wait_for, wait_until_idle

pytestmark = [pytest.mark.flink, pytest.mark.faults, pytest.mark.timeout(900)]

ATTEMPTS = 10
"""How often a checkpoint may come in between before the test gives up."""

CORRUPT = [("key", b"not json"), ("key", b"\xff"), ("other", b'[{"InvoiceNo":1}]')]


@pytest.fixture
def scene(settings: Settings, tmp_path: Path) -> Scene:
    return Scene(settings, tmp_path)


@pytest.fixture
def jobs() -> Iterator[list[JobProcess]]:
    started: list[JobProcess] = []
    yield started
    for job in started:
        job.kill()


def shuffled_lines(first: int, invoices: int, seed: int) -> list[InvoiceLine]:
    """Lines of so many invoices of 1 to 60 lines, in no order, some of them twice."""
    chance = random.Random(seed)
    lines = [
        line
        for number in range(first, first + invoices)
        for line in make_lines(chance.randint(1, 60), invoice_no=str(600_000 + number))
    ]
    lines += chance.sample(lines, len(lines) // 20)
    chance.shuffle(lines)
    return lines


def test_exact_after_a_failing_task_and_after_a_power_cut(
    scene: Scene, jobs: list[JobProcess]
) -> None:
    lines = shuffled_lines(0, 60, seed=1)
    third = len(lines) // 3
    job = scene.launch(main="tests.flink.fail_once")
    jobs.append(job)
    rest = FlinkRest(job.rest_url)

    scene.send(lines[:third])
    scene.send_records(CORRUPT)
    wait_for(lambda: rest.metric("lines_accepted") > 0, "lines to be accepted")
    wait_for(lambda: rest.checkpoints().latest_id > 0, "a checkpoint")
    scene.send(make_lines(3, invoice_no=POISON))
    wait_for(lambda: _restored(rest) > 0, "the job to come back from its checkpoint")
    assert "poisoned" in (rest.root_cause() or "")

    scene.send(lines[third : 2 * third])
    wait_until_idle(job)
    wait_for(lambda: _missing_metrics(rest) == set(), "every metric to be shown")
    _kill_with_uploads_pending(scene, job)

    scene.send([lines[0]._replace(quantity=lines[0].quantity + 1)])
    conflict = scene.sent.pop()
    scene.send(lines[2 * third :])
    checkpoint = latest_checkpoint(scene.folder)
    again = scene.launch(restore_from=checkpoint)
    jobs.append(again)
    assert FlinkRest(again.rest_url).checkpoints().restored_id > 0
    wait_until_idle(again)
    stop(again)

    assert scene.lines_in_lake() == scene.expected_lines()
    assert scene.last_revisions() == scene.expected_revisions()
    assert scene.wrong_documents() == []
    assert _rejected(scene) == Counter(
        {"not_utf8": 1, "malformed_json": 1, "missing_field": 1, "conflict": 1}
    )
    assert conflict.invoice_no in {row["invoice_no"] for row in scene.rows(LakePart.REJECTED)}


def _missing_metrics(rest: FlinkRest) -> set[str]:
    names = {metric.value for metric in Metric}
    return names - {full_name.rpartition(".")[2] for full_name in rest.metrics(*names)}


def _restored(rest: FlinkRest) -> int:
    return rest.checkpoints().restored_id


def _rejected(scene: Scene) -> Counter[str]:
    rows = scene.rows(LakePart.REJECTED)
    assert {b64decode(row["payload"]) for row in rows} >= {b"not json", b"\xff"}
    return Counter(row["reason"] for row in rows)


def _kill_with_uploads_pending(scene: Scene, job: JobProcess) -> None:
    """Cut the power when lines are accepted that no completed checkpoint has published."""
    attempts = (make_lines(40, invoice_no=f"PENDING-{number}") for number in range(ATTEMPTS))
    pending = next(lines for lines in attempts if _accepted_in_one_interval(scene, job, lines))
    job.kill()
    assert job.poll() == "KILLED"
    published = scene.lines_in_lake()
    assert [line for line in pending if published[line.identity] == 0] == pending


def _accepted_in_one_interval(scene: Scene, job: JobProcess, lines: list[InvoiceLine]) -> bool:
    """Send lines after a checkpoint; whether they are accepted before the next completes."""
    rest = FlinkRest(job.rest_url)
    before = latest_checkpoint(scene.folder)
    wait_for(lambda: latest_checkpoint(scene.folder) != before, "a checkpoint")
    newest = latest_checkpoint(scene.folder)
    accepted = rest.metric("lines_accepted") + len(lines)
    scene.send(lines)
    wait_for(lambda: rest.metric("lines_accepted") >= accepted, "lines to be accepted")
    return latest_checkpoint(scene.folder) == newest


def test_a_line_after_the_states_time_joins_its_invoice(
    scene: Scene, jobs: list[JobProcess]
) -> None:
    lines = make_lines(3, invoice_no="700001")
    job = scene.launch({"state.ttl.hours": "0.001"})
    jobs.append(job)
    rest = FlinkRest(job.rest_url)
    scene.send(lines[:2])
    wait_for(lambda: rest.metric("lines_accepted") == 2, "the first lines")
    wait_until_idle(job)
    _wait_for_the_states_end(rest)
    scene.send(lines[2:])
    wait_for(lambda: rest.metric("lines_accepted") == 3, "the late line")
    wait_until_idle(job)
    assert rest.metric("merges") >= 1
    stop(job)
    revisions = [
        (row["previous_revision"], row["revision"]) for row in scene.rows(LakePart.INVOICES)
    ]
    assert (0, 1) in revisions
    assert scene.lines_in_lake() == scene.expected_lines()
    assert scene.wrong_documents() == []


def _wait_for_the_states_end(rest: FlinkRest) -> None:
    """Three checkpoints of 4 s take longer than the 3.6 s of the state's life."""
    newest = rest.checkpoints().latest_id
    wait_for(lambda: rest.checkpoints().latest_id >= newest + 3, "time to pass")
