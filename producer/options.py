"""The options of ``invoice-producer``: what each is called, takes and means.

Downstream: ``producer.cli``.
"""

from pathlib import Path
from typing import Annotated

import typer

Source = Annotated[
    Path,
    typer.Argument(metavar="SOURCE", help="CSV file with a header, plain or gzip."),
]
Pack = Annotated[
    bool,
    typer.Option("--pack", help="Put consecutive lines of an invoice into one record."),
]
Rate = Annotated[
    float | None,
    typer.Option(min=0.001, metavar="N", help="Lines a second; as fast as it goes without."),
]
Duplicate = Annotated[
    float,
    typer.Option(min=0, max=1, metavar="P", help="Share of the lines to send twice, 0 to 1."),
]
Shuffle = Annotated[
    int,
    typer.Option(min=0, metavar="N", help="Mix up the order of lines, within N of them."),
]
Corrupt = Annotated[
    float,
    typer.Option(min=0, max=1, metavar="P", help="Share of the lines to damage, 0 to 1."),
]
FaultSeed = Annotated[
    int,
    typer.Option("--seed", metavar="S", help="The same seed makes the same faults."),
]
Stream = Annotated[
    str | None,
    typer.Option(metavar="NAME", envvar="INVOICE_STREAM_STREAM", help="Name of the stream."),
]
EndpointUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", envvar="INVOICE_STREAM_ENDPOINT_URL", help="Address of Kinesis."),
]
Region = Annotated[
    str | None,
    typer.Option(metavar="NAME", envvar="INVOICE_STREAM_REGION", help="AWS region."),
]
ApiUrl = Annotated[
    str | None,
    typer.Option("--api", metavar="URL", help="Send through the HTTP API there instead."),
]
ApiKey = Annotated[
    str | None,
    typer.Option(
        "--key", metavar="KEY", envvar="INVOICE_STREAM_API_KEY", help="The API's ingestion key."
    ),
]
Refused = Annotated[
    Path | None,
    typer.Option(metavar="PATH", help="Write refused rows there: CSV, or JSON lines if .jsonl."),
]
LedgerPath = Annotated[
    Path | None,
    typer.Option("--ledger", metavar="PATH", help="Write there which lines were damaged."),
]
AsJson = Annotated[
    bool,
    typer.Option("--json", help="Print the summary as JSON."),
]
Lines = Annotated[
    int,
    typer.Option(min=1, metavar="N", help="How many lines to make."),
]
DataSeed = Annotated[
    int,
    typer.Option("--seed", metavar="S", help="The same seed makes the same data."),
]
Out = Annotated[
    Path | None,
    typer.Option(metavar="PATH", help="File to write, gzip if .gz; standard output without."),
]
