"""The command ``invoice-producer``.

Upstream: a person or a script. Downstream: ``producer.send``,
``producer.generator``. The environment is read here and nowhere else.
"""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

import typer
from rich.console import Console

from connectors.kinesis import KinesisRecordSink
from connectors.kinesis_connection import StreamAddress, connect
from connectors.lines_api import ApiRecordSink
from connectors.lines_api_answers import ApiAddress
from connectors.record_sink import RecordSink, SinkError
from connectors.settings import SettingsError
from producer import options
from producer.csv_source import CsvSource
from producer.faults import Faults
from producer.generator.csv_file import standard_output, whole_file, write_csv
from producer.send import SendOptions, SendOutcome, send
from producer.source import SourceError
from producer.stopping import StopRequest
from producer.summary import print_summary
from producer.target import api_address, stream_address

EXIT_FAILED, EXIT_REFUSED = 2, 3

app = typer.Typer(
    name="invoice-producer",
    help="Send invoices from files to a Kinesis stream, line by line, and make sample data.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,
)


@app.command(
    "send",
    epilog="Example: invoice-producer send online-retail.csv.gz --pack --rate 5000 --json",
)
def send_command(
    source: options.Source,
    *,
    pack: options.Pack = False,
    rate: options.Rate = None,
    duplicate: options.Duplicate = 0.0,
    shuffle: options.Shuffle = 0,
    corrupt: options.Corrupt = 0.0,
    seed: options.FaultSeed = 0,
    stream: options.Stream = None,
    endpoint_url: options.EndpointUrl = None,
    region: options.Region = None,
    api: options.ApiUrl = None,
    key: options.ApiKey = None,
    refused: options.Refused = None,
    ledger: options.LedgerPath = None,
    as_json: options.AsJson = False,
) -> None:
    """Number the lines of each invoice and send them.

    Without --stream and --api, the settings that `invoice-stream up` wrote are used. Exit code:
    0 all sent, 3 some rows refused, 2 nothing could be done or the stream gave up, 130 after
    Ctrl-C.
    """
    console = Console(stderr=True)
    faults = Faults(duplicate, shuffle, corrupt, seed)
    how = SendOptions(pack=pack, rate=rate, faults=faults, refused=refused, ledger=ledger)
    stop = StopRequest()
    with _one_line_errors(console), closing(CsvSource(source)) as opened:
        if api is None:
            sink = open_sink(stream_address(stream, region, endpoint_url, os.environ))
        else:
            sink = open_api(api_address(api, key, faults))
        for note in opened.notes:
            _say(console, note)
        with stop.listening():
            outcome = send(opened, sink, how, stop, console)
        print_summary(outcome.summary, Console(), as_json=as_json)
        raise typer.Exit(_exit_code(outcome, stop, opened.name))


@app.command(
    "generate",
    epilog="Example: invoice-producer generate --lines 20000 --seed 7 --out sample.csv.gz",
)
def generate_command(
    lines: options.Lines = 20_000, seed: options.DataSeed = 1, out: options.Out = None
) -> None:
    """Make sample data: CSV of an invented shop, with every oddity of real files.

    The dates last longer the more lines there are: three months for 20,000, a year for
    300,000, at most three. Each --lines and --seed give their own data, always the same.
    """
    console = Console(stderr=True)
    stop = StopRequest()
    with _one_line_errors(console), stop.listening():
        if out is None:
            with standard_output() as file:
                write_csv(file, lines, seed, stop)
        else:
            with whole_file(out, stop) as file:
                write_csv(file, lines, seed, stop)
    if stop.made:
        raise typer.Exit(stop.exit_code)


def open_sink(address: StreamAddress) -> RecordSink:
    """The stream, known to be there.

    Raises:
        SinkError: It cannot be reached or does not exist.
    """
    return KinesisRecordSink(connect(address), address)


def open_api(address: ApiAddress) -> RecordSink:
    """The HTTP API, known to take lines under this key.

    Raises:
        SinkError: It cannot be reached, or does not know the key.
    """
    sink = ApiRecordSink(address)
    sink.check()
    return sink


def _exit_code(outcome: SendOutcome, stop: StopRequest, name: str) -> int:
    """What to exit with; an error that sending ended with is raised."""
    if stop.made:
        return stop.exit_code
    if outcome.error is not None:
        raise outcome.error
    summary = outcome.summary
    if summary.refused and summary.refused == summary.rows_read:
        raise SourceError(f"nothing sent: all {summary.refused:,} rows of {name} are refused")
    return EXIT_REFUSED if summary.refused else 0


@contextmanager
def _one_line_errors(console: Console) -> Iterator[None]:
    """What a person can put right becomes one line and exit code 2."""
    try:
        yield
    except (SourceError, SinkError, SettingsError) as error:
        _say(console, f"invoice-producer: {error}")
        raise typer.Exit(EXIT_FAILED) from error


def _say(console: Console, text: str) -> None:
    console.print(text, soft_wrap=True, markup=False, highlight=False)
