"""How long the API takes: inside its functions, over HTTP, and to start.

The functions are called in this process, with the events API Gateway makes, over the
emulator's Kinesis and DynamoDB; what they wait for these is timed apart. Over HTTP the
same requests go through the emulator's API Gateway and Lambda, whose own time is in it.

Upstream: ``benchmarks.run``. Downstream: ``api``, the emulator.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import urllib3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.httpsession import URLLib3Session

from api.bring_up import ApiAccess, ApiFiles, bring_up
from api.cursor import Cursors
from api.history import History
from api.history_handler import history_handler
from api.ingestion import Ingestion
from api.ingestion_handler import ingestion_handler
from api.local_identity import ISSUER, LOCAL_CLIENT_ID, LocalIdentity, read_identity
from api.observability import Observability
from api.package import host_architecture, package
from api.signing_keys import FixedKeys
from api.tokens import TokenRules, TokenVerifier
from benchmarks import results
from benchmarks.api_requests import CUSTOMER, Event, fill_tables
from benchmarks.api_requests import requests as api_requests
from benchmarks.api_start import start_milliseconds
from connectors.dynamodb.history import PynamoHistory
from connectors.dynamodb.target import target_of
from connectors.kinesis import KinesisRecordSink
from connectors.kinesis_connection import StreamAddress, connect
from connectors.settings import Settings
from ops.services import up
from ops.workspace import Workspace

Handler: TypeAlias = Callable[[Any, Any], dict[str, object]]

MILLISECONDS = 1000.0

_LIMITS = {
    "100 lines": "p99 < 100",
    "page of 25": "p99 < 50",
    "page of 100": "p99 < 50",
    "one invoice": "p99 < 50",
    "summary of 1,000": "p99 < 50",
}


@dataclass(slots=True)
class Timed:
    """One kind of request.

    Attributes:
        name: What is asked.
        inside: Milliseconds in the function, call by call.
        waiting: Milliseconds of these spent waiting for Kinesis or DynamoDB.
        over_http: Milliseconds over HTTP, call by call.
        service_calls: Requests to Kinesis or DynamoDB a call, at most.
    """

    name: str
    inside: list[float] = field(default_factory=list)
    waiting: list[float] = field(default_factory=list)
    over_http: list[float] = field(default_factory=list)
    service_calls: int = 0

    @property
    def own(self) -> list[float]:
        """Milliseconds in the function, the emulator's time taken off."""
        return [inside - waiting for inside, waiting in zip(self.inside, self.waiting, strict=True)]


@dataclass(frozen=True, slots=True)
class ApiFigures:
    """What was measured.

    Attributes:
        requests: By kind.
        start_milliseconds: Median time to import a function, by function.
        start_uncompiled_milliseconds: The same without compiled modules.
        package_bytes: Size of the zip.
    """

    requests: list[Timed]
    start_milliseconds: dict[str, float]
    start_uncompiled_milliseconds: dict[str, float]
    package_bytes: int


def percentile(values: list[float], percent: int) -> float:
    """The value that so many percent are not above."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def measure_api(calls: int, folder: Path, say: Callable[[str], None]) -> ApiFigures:
    """Measure every kind of request so many times.

    Args:
        calls: Calls of each kind.
        folder: For the emulator and the package's parts.
        say: Takes a line of progress.
    """
    workspace = Workspace(folder / "api")
    emulator, settings = up(workspace, None, 2)
    try:
        say("api: filling the tables")
        fill_tables(settings)
        access = bring_up(settings, ApiFiles(workspace.root), datetime.now(UTC), (CUSTOMER,))
        identity = read_identity(ApiFiles(workspace.root).signing_key)
        timed = []
        for name, service, event in api_requests(access):
            say(f"api: {name}")
            timed.append(_measure(name, _handler(service, settings, identity), event, calls))
            _measure_http(timed[-1], event, access, calls)
    finally:
        emulator.stop()
    say("api: starting the functions")
    zip_path = package(host_architecture())
    return ApiFigures(
        timed,
        start_milliseconds(zip_path, folder / "compiled", compiled=True),
        start_milliseconds(zip_path, folder / "uncompiled", compiled=False),
        zip_path.stat().st_size,
    )


def _handler(service: str, settings: Settings, identity: LocalIdentity) -> Handler:
    log = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the process
    seen = Observability(
        Logger(service=service, stream=log),
        Metrics(namespace="Benchmark", service=service),
        Tracer(service=service, disabled=True),
    )
    if service == "ingestion":
        address = StreamAddress.of(settings)
        return ingestion_handler(Ingestion(KinesisRecordSink(connect(address), address)), seen)
    rules = TokenRules(ISSUER, frozenset({LOCAL_CLIENT_ID}))
    verifier = TokenVerifier(FixedKeys(identity.key_set), rules)
    history = History(PynamoHistory(target_of(settings)), Cursors("k" * 32))
    return history_handler(history, verifier, (), seen)


def _measure(name: str, handler: Handler, event: Event, calls: int) -> Timed:
    """In this process; the first call is not counted, it opens connections."""
    timed = Timed(name)
    context = LambdaContext()
    context._function_name = "benchmark"  # noqa: SLF001 - Lambda sets it so
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        handler(event, context)
        for _ in range(calls):
            with _services() as waited:
                start = time.perf_counter()
                answer = handler(event, context)
                timed.inside.append((time.perf_counter() - start) * MILLISECONDS)
            timed.waiting.append(sum(waited) * MILLISECONDS)
            timed.service_calls = max(timed.service_calls, len(waited))
            if answer["statusCode"] not in {200, 202}:
                raise RuntimeError(f"{name} was answered with {answer['statusCode']}")
    return timed


@contextmanager
def _services() -> Iterator[list[float]]:
    """Seconds of each call that boto makes."""
    waited: list[float] = []
    send = URLLib3Session.send

    def timed(self: URLLib3Session, request: Any) -> Any:  # noqa: ANN401 - botocore's own
        start = time.perf_counter()
        try:
            return send(self, request)
        finally:
            waited.append(time.perf_counter() - start)

    URLLib3Session.send = timed  # type: ignore[method-assign]
    try:
        yield waited
    finally:
        URLLib3Session.send = send  # type: ignore[method-assign]


def _measure_http(timed: Timed, event: Event, access: ApiAccess, calls: int) -> None:
    pool = urllib3.PoolManager()
    query = event["queryStringParameters"] or {}
    parameters = "&".join(f"{name}={value}" for name, value in query.items())
    url = f"{access.base_url}{event['path']}?{parameters}"
    for call in range(calls + 1):
        start = time.perf_counter()
        answer = pool.request(
            event["httpMethod"], url, headers=event["headers"], body=event["body"]
        )
        if answer.status not in {200, 202}:
            raise RuntimeError(f"{timed.name} was answered with {answer.status}")
        if call:
            timed.over_http.append((time.perf_counter() - start) * MILLISECONDS)


def api_rows(timed: Timed) -> Iterator[results.Row]:
    """A request's figures beside what they must reach."""
    limit = _LIMITS.get(timed.name, "")
    for name, values, wanted in (
        ("in the function, emulator's time taken off", timed.own, limit),
        ("in the function", timed.inside, ""),
        ("over HTTP, emulator and all", timed.over_http, ""),
    ):
        median, high = statistics.median(values), percentile(values, 99)
        yield f"{timed.name}: ms {name}, median / p99", f"{median:.1f} / {high:.1f}", wanted
    limit = "1 or 2" if timed.name == "page of 100" else ""
    yield f"{timed.name}: requests to Kinesis or DynamoDB", str(timed.service_calls), limit


def api_start_rows(figures: ApiFigures) -> Iterator[results.Row]:
    """How long the functions take to start, and how large they are."""
    for name, milliseconds in figures.start_milliseconds.items():
        uncompiled = figures.start_uncompiled_milliseconds[name]
        yield f"{name}: ms to start, compiled", f"{milliseconds:.0f}", ""
        yield f"{name}: ms to start, not compiled", f"{uncompiled:.0f}", ""
    yield "package, MB", f"{figures.package_bytes / 2**20:.1f}", "small"


def api_values(figures: ApiFigures) -> dict[str, object]:
    """Everything for a program: percentiles in milliseconds, by request and by what is timed."""
    return {
        "calls": len(figures.requests[0].inside),
        "milliseconds": {
            timed.name: {
                name: {str(percent): round(percentile(values, percent), 2) for percent in (50, 99)}
                for name, values in (
                    ("own", timed.own),
                    ("inside", timed.inside),
                    ("http", timed.over_http),
                )
            }
            for timed in figures.requests
        },
        "service_calls": {timed.name: timed.service_calls for timed in figures.requests},
        "start_milliseconds": figures.start_milliseconds,
        "start_uncompiled_milliseconds": figures.start_uncompiled_milliseconds,
        "package_bytes": figures.package_bytes,
    }
