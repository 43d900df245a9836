"""The options of ``invoice-stream``: what each is called, takes and means.

Downstream: ``ops.cli``.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from ops.errors import UserError

DeployedEnvironment = Annotated[
    str | None,
    typer.Argument(metavar="ENV", help="A deployed environment; without one, the local services."),
]
Wait = Annotated[
    float, typer.Option(min=0, metavar="SECONDS", help="How long to wait for a deployed job.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Root = Annotated[
    Path,
    typer.Option(
        "--var",
        metavar="PATH",
        envvar="INVOICE_STREAM_VAR",
        help="Folder of the local services' state, of logs and reports.",
    ),
]
Port = Annotated[
    int | None,
    typer.Option(min=1, max=65535, metavar="N", help="Port; by default any that is free."),
]
Shards = Annotated[
    int, typer.Option(min=1, max=100, metavar="N", help="Shards of the stream, when it is made.")
]
Wipe = Annotated[
    bool, typer.Option("--wipe", help="Throw away all they hold, and the job's state.")
]
Count = Annotated[
    bool, typer.Option("--count", help="Count the lines on the stream too, by reading it.")
]
UntilIdle = Annotated[
    float | None,
    typer.Option(
        min=1,
        metavar="SECONDS",
        help="Stop, with a savepoint, once nothing was left to do for so long.",
    ),
]
Fresh = Annotated[
    bool, typer.Option("--fresh", help="Begin at the stream's oldest record, without state.")
]
Parallelism = Annotated[
    int, typer.Option(min=1, max=64, metavar="N", help="Subtasks of each operator.")
]
CheckpointInterval = Annotated[
    float, typer.Option(min=0.1, metavar="SECONDS", help="Time between checkpoints.")
]
RestPort = Annotated[
    int | None,
    typer.Option(
        min=1, max=65535, metavar="N", help="Port of Flink's REST API; by default any that is free."
    ),
]
Properties = Annotated[
    list[str],
    typer.Option(
        "--property",
        metavar="KEY=VALUE",
        help="A property of the job, such as group.interval.ms=500.",
    ),
]
Source = Annotated[
    Path,
    typer.Argument(metavar="SOURCE", help="The file that was sent: CSV, plain or gzip."),
]
DemoSource = Annotated[
    Path | None,
    typer.Argument(metavar="[SOURCE]", help="CSV file to send; without, data is generated."),
]
Ledger = Annotated[
    Path | None,
    typer.Option(
        metavar="PATH", help="What `invoice-producer send --ledger` wrote of damaged lines."
    ),
]
Lines = Annotated[int, typer.Option(min=1, metavar="N", help="How many lines to generate.")]
Seed = Annotated[
    int,
    typer.Option(metavar="S", help="What data and faults are drawn from: same seed, same data."),
]
Pack = Annotated[
    bool, typer.Option("--pack", help="Put consecutive lines of an invoice into one record.")
]
Rate = Annotated[
    float | None,
    typer.Option(min=0.001, metavar="N", help="Lines a second; as fast as it goes without."),
]
Duplicate = Annotated[
    float, typer.Option(min=0, max=1, metavar="P", help="Share of the lines to send twice.")
]
Shuffle = Annotated[
    int, typer.Option(min=0, metavar="N", help="Mix up the order of lines, within N of them.")
]
Corrupt = Annotated[
    float, typer.Option(min=0, max=1, metavar="P", help="Share of the lines to damage.")
]
CustomerId = Annotated[str, typer.Argument(metavar="ID", help="The customer.")]
InvoiceNo = Annotated[str, typer.Argument(metavar="NO", help="The invoice's number.")]


def as_mapping(properties: Sequence[str]) -> Mapping[str, str]:
    """``KEY=VALUE`` texts as a mapping.

    Raises:
        UserError: One has no ``=``.
    """
    wrong = [text for text in properties if "=" not in text]
    if wrong:
        raise UserError(f"--property wants KEY=VALUE, not {wrong[0]!r}")
    return dict(text.split("=", 1) for text in properties)


def send_options(
    *, pack: bool, rate: float | None, duplicate: float, shuffle: int, corrupt: float
) -> list[str]:
    """The options of ``invoice-producer send`` that mean the same."""
    flags = ["--pack"] if pack else []
    values = {"duplicate": duplicate, "shuffle": shuffle, "corrupt": corrupt, "rate": rate}
    return flags + [
        text for name, value in values.items() if value for text in (f"--{name}", str(value))
    ]
