"""The parts of ``invoice-stream`` that need no service."""

import json
import os
import signal
import socket
import stat
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from connectors.settings import SETTINGS_VARIABLE, SettingsError
from ops import emulator, options, sending
from ops.errors import InterruptedByUserError, SaidError, UserError
from ops.flink_rest import FlinkRest
from ops.interrupt import Interrupt, sigterm_as_ctrl_c
from ops.job_figures import IdleWatch, JobFigures, read_figures
from ops.one_line_errors import explain_aws
from ops.processes import LOOPBACK, ProcessId, free_port, port_is_free, spawn
from ops.progress import progress_text
from ops.reconciliation.deliveries import lines_in
from ops.reconciliation.ledger import LedgerEntry, read_ledger
from ops.reconciliation.report import plain
from ops.reconciliation.values import amount
from ops.sending import Producer
from ops.workspace import Workspace

QUIET = JobFigures(
    records=10,
    accepted=9,
    rejected=1,
    duplicates=0,
    invoices=3,
    revisions=4,
    batches=2,
    batches_written=2,
    shards_behind_ms=(0.0, 0.0),
    checkpoints=1,
)


def test_a_job_is_idle_when_nothing_changed_for_as_long_as_asked() -> None:
    watch = IdleWatch(3, shards=2)
    assert [watch.idle(QUIET, now) for now in (0, 1, 2.9, 3, 4)] == [False] * 3 + [True] * 2


@pytest.mark.parametrize(
    "busy",
    [
        replace(QUIET, shards_behind_ms=(0.0, 7.0)),
        replace(QUIET, shards_behind_ms=(0.0, -1.0)),
        replace(QUIET, shards_behind_ms=(0.0,)),
        replace(QUIET, batches_written=1),
    ],
    ids=[
        "a shard is behind",
        "a shard was not read yet",
        "a shard is not known yet",
        "documents under way",
    ],
)
def test_a_job_that_has_something_under_way_is_not_idle_however_long(busy: JobFigures) -> None:
    watch = IdleWatch(3, shards=2)
    assert not any(watch.idle(busy, now) for now in range(20))


def test_something_new_starts_the_wait_again() -> None:
    watch = IdleWatch(3, shards=2)
    watch.idle(QUIET, 0)
    assert not watch.idle(replace(QUIET, records=11), 2)
    assert not watch.idle(replace(QUIET, records=11), 4)
    assert watch.idle(replace(QUIET, records=11), 5)


class Metrics(FlinkRest):
    """A REST API with these values."""

    def __init__(self, values: dict[str, float]) -> None:
        super().__init__("http://127.0.0.1:1")
        self._values = values

    def metrics(self, *names: str) -> dict[str, float]:
        return {
            name: value for name, value in self._values.items() if name.rpartition(".")[2] in names
        }

    def checkpoints(self) -> "object":  # type: ignore[override]
        return type("Checkpoints", (), {"completed": 5})()


def test_figures_are_summed_over_reasons_and_taken_from_the_operator_that_counts_them() -> None:
    shard = "Source__records.KinesisConsumer.stream.s.shardId.shardId-00000000000"
    figures = read_figures(
        Metrics(
            {
                "numRecordsIn": 99,
                "Decode_lines.numRecordsIn": 12,
                "Write_documents.numRecordsIn": 4,
                "Write_documents.numRecordsOut": 3,
                "Decode_lines.reason.not_utf8.lines_rejected": 2,
                "Drop_duplicates.reason.conflict.lines_rejected": 1,
                "Drop_duplicates.lines_accepted": 8,
                "Drop_duplicates.duplicates_dropped": 6,
                "Drop_duplicates.invoices": 5,
                "Drop_duplicates.revisions": 7,
                f"{shard}0.millisBehindLatest": 0,
                f"{shard}1.millisBehindLatest": 30,
            }
        )
    )
    assert figures == JobFigures(
        records=12,
        accepted=8,
        rejected=3,
        duplicates=6,
        invoices=5,
        revisions=7,
        batches=4,
        batches_written=3,
        shards_behind_ms=(0, 30),
        checkpoints=5,
    )


def test_the_line_of_progress_says_how_far_the_job_is() -> None:
    assert progress_text(replace(QUIET, records=1234, shards_behind_ms=(1500.0,))) == (
        "1,234 records in, 1.5 s behind: 9 lines, 3 invoices, 1 rejected, 0 duplicates,"
        " 1 checkpoints"
    )


def test_properties_of_the_job_may_hold_an_equals_sign() -> None:
    assert options.as_mapping(["a=1", "b=x=y"]) == {"a": "1", "b": "x=y"}


def test_a_property_without_an_equals_sign_is_an_error() -> None:
    with pytest.raises(UserError, match="KEY=VALUE"):
        options.as_mapping(["a"])


def test_only_faults_asked_for_are_handed_to_the_producer() -> None:
    nothing = options.send_options(pack=False, rate=None, duplicate=0, shuffle=0, corrupt=0)
    everything = options.send_options(
        pack=True, rate=500.0, duplicate=0.05, shuffle=500, corrupt=0.01
    )
    assert nothing == []
    assert (
        " ".join(everything) == "--pack --duplicate 0.05 --shuffle 500 --corrupt 0.01 --rate 500.0"
    )


def test_a_workspace_is_put_aside_whole_and_wiped_but_for_the_report(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "var")
    for path in (workspace.settings_path, workspace.emulator / "port", workspace.report):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
    kept = workspace.put_aside("then")
    assert sorted(path.name for path in kept.iterdir()) == ["emulator", "settings.json"]
    workspace.demo.mkdir()
    workspace.wipe()
    assert sorted(path.name for path in workspace.root.iterdir()) == ["kept", "report.json"]


def test_settings_are_those_the_environment_names_before_the_workspaces(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with pytest.raises(SettingsError, match=str(workspace.settings_path)):
        workspace.settings({})
    with pytest.raises(SettingsError, match="elsewhere"):
        workspace.settings({SETTINGS_VARIABLE: "elsewhere.json"})


def test_ctrl_c_is_a_wish_while_listened_to_and_an_exception_again_afterwards() -> None:
    interrupt = Interrupt()
    before = signal.getsignal(signal.SIGINT)
    with interrupt.listening():
        assert not interrupt.wait(0)
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupt.wait(5)
    assert interrupt.made
    assert signal.getsignal(signal.SIGINT) is before


def test_sigterm_ends_a_command_as_ctrl_c_does_so_that_it_cleans_up() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), sigterm_as_ctrl_c():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def client_error(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "ListShards")


@pytest.mark.parametrize(
    ("error", "parts"),
    [
        (
            client_error("ResourceNotFoundException", "Stream x not found"),
            ("ListShards", "Stream x not found", "invoice-stream up"),
        ),
        (client_error("AccessDenied", "two\nlines"), ("AccessDenied", "two lines")),
        (
            EndpointConnectionError(endpoint_url="http://127.0.0.1:9/"),
            ("http://127.0.0.1:9/", "invoice-stream up"),
        ),
        (NoCredentialsError(), ("credentials", "AWS_PROFILE")),
    ],
    ids=["missing", "refused", "unreachable", "no keys"],
)
def test_what_a_service_refuses_is_one_line_with_the_way_out(
    error: Exception, parts: tuple[str, ...]
) -> None:
    line = explain_aws(error)
    assert "\n" not in line
    assert all(part in line for part in parts)


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!{sys.executable}\n{text}", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def producer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Producer]:
    """Makes a producer whose command is this script."""

    def make(text: str) -> Producer:
        monkeypatch.setattr(sending, "PRODUCER", script(tmp_path / "producer", text))
        return Producer({"PATH": os.environ["PATH"]}, Interrupt())

    return make


ANSWER = {
    "rows_read": 5,
    "refused": 1,
    "lines_sent": 4,
    "records_sent": 2,
    "duplicates": 0,
    "corrupted": 0,
    "seconds": 0.1,
}


@pytest.mark.parametrize("code", [0, 3])
def test_what_the_producer_sent_is_taken_from_its_summary(
    producer: Callable[[str], Producer], tmp_path: Path, code: int
) -> None:
    text = f"import os, sys; print({json.dumps(ANSWER)!r}); sys.exit({code})"
    sent = producer(text).send(Path("a.csv"), ["--pack"], tmp_path / "settings.json")
    assert (sent.rows_read, sent.lines_sent, sent.records_sent) == (5, 4, 2)


def test_the_producer_is_called_as_a_person_would_and_told_where_the_services_are(
    producer: Callable[[str], Producer], tmp_path: Path
) -> None:
    told = tmp_path / "told"
    text = (
        "import os, sys\n"
        f"settings = os.environ[{SETTINGS_VARIABLE!r}]\n"
        f"open({str(told)!r}, 'w').write(' '.join([*sys.argv[1:], settings]))\n"
        f"print({json.dumps(ANSWER)!r})"
    )
    producer(text).send(Path("a.csv"), ["--pack"], tmp_path / "settings.json")
    assert told.read_text(encoding="utf-8") == f"send a.csv --json --pack {tmp_path}/settings.json"


@pytest.mark.parametrize(("code", "error"), [(2, SaidError), (130, InterruptedByUserError)])
def test_a_producer_that_failed_has_said_why_and_one_that_was_interrupted_ends_us_too(
    producer: Callable[[str], Producer], code: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        producer(f"import sys; sys.exit({code})").generate(Path("a.csv"), 5, 1)


def test_ctrl_c_is_handed_on_to_the_producer_once(
    producer: Callable[[str], Producer], tmp_path: Path
) -> None:
    counted = tmp_path / "counted"
    made = producer(
        "import signal, sys, time\n"
        "times = 0\n"
        "def count(*_):\n    global times; times += 1\n"
        "signal.signal(signal.SIGINT, count)\n"
        f"open({str(counted)!r}, 'w').close()\n"
        "while not times: time.sleep(0.01)\n"
        "time.sleep(0.6)\n"
        f"open({str(counted)!r}, 'w').write(str(times))\n"
        "sys.exit(130)\n"
    )

    def interrupt_once_it_runs() -> None:
        while not counted.exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    with made.interrupt.listening():
        threading.Thread(target=interrupt_once_it_runs).start()
        with pytest.raises(InterruptedByUserError):
            made.generate(tmp_path / "a.csv", 5, 1)
    assert counted.read_text(encoding="utf-8") == "1"


def test_a_process_is_known_by_its_start_so_that_a_pid_used_again_is_another(
    tmp_path: Path,
) -> None:
    process = spawn([sys.executable, "-c", "import time; time.sleep(60)"], {}, tmp_path / "log")
    try:
        assert process.alive
        assert not ProcessId(process.pid, process.started - 1).alive
    finally:
        assert process.terminate(grace_seconds=10)
    assert not process.alive


def test_a_process_that_does_not_want_to_end_is_killed_and_that_is_told(tmp_path: Path) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('ready', flush=True); time.sleep(60)"
    )
    process = spawn([sys.executable, "-c", code], {}, tmp_path / "log")
    while not (tmp_path / "log").read_text(encoding="utf-8"):
        time.sleep(0.01)
    assert not process.terminate(grace_seconds=0.2)
    assert not process.alive


def test_a_port_somebody_listens_on_is_not_free() -> None:
    port = free_port()
    assert port_is_free(port)
    with socket.socket() as server:
        server.bind((LOOPBACK, port))
        server.listen()
        assert not port_is_free(port)


def test_an_emulator_that_is_not_installed_is_an_error_that_says_how(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="make install"):
        emulator.start(tmp_path, executable=tmp_path / "none")


def test_an_emulator_that_ends_at_once_is_an_error_that_names_its_log(tmp_path: Path) -> None:
    broken = script(tmp_path / "broken", "raise SystemExit('no reason')")
    with pytest.raises(UserError, match=r"emulator\.log"):
        emulator.start(tmp_path / "var", executable=broken)
    assert (tmp_path / "var/emulator.log").read_text(encoding="utf-8") == "no reason\n"
    assert emulator.running(tmp_path / "var") is None


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b'{"a": 1}', 1),
        (b'[{"a": 1}, {"a": 2}]', 2),
        (b" [1, 2, 3]", 3),
        (b"[]", 1),
        (b"[" + b",".join([b"1"] * 501) + b"]", 1),
        (b"[1, 2", 1),
        (b"\xff\xfe", 1),
        (b"", 1),
    ],
)
def test_lines_of_a_record_are_counted_as_the_contract_counts_them(data: bytes, lines: int) -> None:
    assert lines_in(data) == lines


def test_a_ledger_is_read_as_the_producer_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text(
        '{"invoice_no": "536365", "line_no": 2, "shard_id": "shardId-1",'
        ' "sequence_number": "00049", "damage": "not_utf8"}\n',
        encoding="utf-8",
    )
    assert read_ledger(path) == [LedgerEntry("shardId-1", "00049", "536365", 2, "not_utf8")]


@pytest.mark.parametrize("text", ["{", '{"invoice_no": "1"}\n', "[1]\n"])
def test_what_is_no_ledger_is_an_error_that_names_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"ledger\.jsonl"):
        read_ledger(path)


@pytest.mark.parametrize("text", [2.5, None, "", "abc", "NaN", "2.55555", "Infinity"])
def test_what_is_no_exact_amount_is_refused(text: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        amount(text)


def test_amounts_are_exact_and_zeros_at_the_end_do_not_count() -> None:
    assert amount("2.550000") == Decimal("2.55")


@pytest.mark.parametrize(
    ("value", "text"),
    [("5761931.3820", "5761931.382"), ("0.0000", "0"), ("100", "100"), ("-1.50", "-1.5")],
)
def test_revenue_is_written_without_exponent_and_without_zeros_at_the_end(
    value: str, text: str
) -> None:
    assert plain(Decimal(value)) == text
