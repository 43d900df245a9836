"""What a terminal shows, what Ctrl-C does, and a send from rows at hand into memory."""

import io
import os
import re
import signal
import time

import pytest
from rich.console import Console

from connectors.record_sink import MemoryRecordSink
from invoices.contract import RejectReason
from invoices.record import decode_record
from producer.progress import progress_bar
from producer.send import SendOptions, send
from producer.source import Refusal, Row
from producer.stopping import StopRequest
from producer.summary import print_summary
from tests.producer_cases import GOOD_LINE, RowsSource, row


def terminal() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None)


def no_terminal() -> Console:
    return Console(file=io.StringIO(), force_terminal=False, width=80)


def shown(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


REFUSED = Refusal(3, RejectReason.WRONG_TYPE, "Quantity is not an integer")
ROWS: list[Row] = [row(2), REFUSED, row(4)]


def test_rows_of_any_source_go_into_any_sink() -> None:
    source, sink, console = RowsSource(ROWS), MemoryRecordSink(), no_terminal()
    outcome = send(source, sink, SendOptions(pack=True), StopRequest(), console)
    assert outcome.error is None
    assert (outcome.summary.rows_read, outcome.summary.refused) == (3, 1)
    ((_, record),) = sink.records
    assert decode_record(record.data) == [GOOD_LINE, GOOD_LINE._replace(line_no=2)]
    assert shown(console) == "row 3 refused: wrong_type: Quantity is not an integer\n"


def test_the_bar_shows_lines_a_second_and_time_left() -> None:
    console = terminal()
    with progress_bar(console, lambda: 0.5) as show:
        time.sleep(0.05)
        show(12_000)
    assert re.search(r" 50% 12,000 lines  [\d,]+/s left ", shown(console))


def test_without_a_size_the_bar_still_counts() -> None:
    console = terminal()
    with progress_bar(console, lambda: None) as show:
        show(7)
    assert "7 lines" in shown(console)


def test_no_terminal_no_bar() -> None:
    console = no_terminal()
    with progress_bar(console, lambda: 0.5) as show:
        show(12_000)
    assert not shown(console)


def test_on_a_terminal_the_summary_is_a_table() -> None:
    outcome = send(
        RowsSource(ROWS), MemoryRecordSink(), SendOptions(), StopRequest(), no_terminal()
    )
    console = terminal()
    print_summary(outcome.summary, console, as_json=False)
    assert re.search(r"│ lines sent +│ +2 │", shown(console))
    assert re.search(r"│   wrong_type +│ +1 │", shown(console))


def test_a_first_ctrl_c_asks_and_a_second_ends() -> None:
    stop = StopRequest()
    before = signal.getsignal(signal.SIGINT)
    with stop.listening():
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.made
        assert stop.exit_code == 130
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_sigterm_asks_too() -> None:
    stop = StopRequest()
    with stop.listening():
        os.kill(os.getpid(), signal.SIGTERM)
    assert stop.exit_code == 143


def test_ctrl_c_stays_ignored_where_it_was() -> None:
    """As in a script's background job."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    stop = StopRequest()
    try:
        with stop.listening():
            os.kill(os.getpid(), signal.SIGINT)
        assert not stop.made
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_stop_before_the_start_sends_nothing() -> None:
    stop = StopRequest()
    stop.signal_number = signal.SIGINT
    sink = MemoryRecordSink()
    outcome = send(RowsSource(ROWS), sink, SendOptions(), stop, no_terminal())
    assert outcome.summary.interrupted
    assert sink.records == []
