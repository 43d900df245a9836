"""The warehouse on Amazon Redshift, through its Data API: no driver, no connection to hold.

Upstream: ``connectors.warehouse_address``. Statements go as they stand in the ``.sql`` files;
a transaction is one batch statement, which runs on in the cluster whatever becomes of the
client. https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NotRequired, TypedDict, TypeVar
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from connectors.redshift_results import read_page
from connectors.warehouse_port import (
    Cell,
    CopyParquet,
    Rows,
    Statement,
    StatementError,
    WarehouseError,
    WarehouseUnavailableError,
    literal,
    require_fit,
)
from connectors.warehouse_retrying import RetryPolicy

if TYPE_CHECKING:
    from mypy_boto3_redshift_data import RedshiftDataAPIServiceClient
    from mypy_boto3_redshift_data.type_defs import (
        DescribeStatementResponseTypeDef,
        GetStatementResultResponseTypeDef,
    )

_T = TypeVar("_T")

PASSING_CODES = frozenset(
    {
        "ActiveSessionsExceededException",
        "ActiveStatementsExceededException",
        "InternalServerException",
        "InternalFailure",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
PASSING_FAULTS = (
    "serializable isolation violation",
    "deadlock detected",
    "conflict with concurrent",
)
"""What the cluster says of a transaction that was right and came at a wrong moment."""

FIRST_POLL_SECONDS, LONGEST_POLL_SECONDS = 0.2, 5.0


class RedshiftTarget(TypedDict):
    """Which database, as the Data API's calls take it."""

    Database: str
    WorkgroupName: NotRequired[str]
    ClusterIdentifier: NotRequired[str]
    SecretArn: NotRequired[str]
    DbUser: NotRequired[str]


@dataclass(frozen=True, slots=True)
class Clock:
    """Time, for a test to stand still.

    Attributes:
        now: Seconds from any start, never going back.
        sleep: Waits for so many seconds.
    """

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class _InPassingError(Exception):
    """The transaction was rolled back for a reason that will not be there next time."""


class RedshiftWarehouse:
    """``Warehouse`` on Redshift.

    Delivery: a batch is applied whole or not at all. A call whose answer was lost is made again
    under the same token, so that Redshift runs it once; a batch that was rolled back in passing
    is sent anew.

    Args:
        client: boto3's client of ``redshift-data``.
        target: Which database.
        copy_role: ARN of the role by which COPY reads the staged files.
        policy: How often to try.
        patience_seconds: How long a statement may run before it is cancelled.
        clock: Time.
    """

    def __init__(
        self,
        client: "RedshiftDataAPIServiceClient",
        target: RedshiftTarget,
        copy_role: str,
        policy: RetryPolicy | None = None,
        *,
        patience_seconds: float = 3600.0,
        clock: Clock | None = None,
    ) -> None:
        self._client = client
        self._target = target
        self._copy_role = copy_role
        self._policy = policy or RetryPolicy()
        self._patience_seconds = patience_seconds
        self._clock = clock or Clock()

    def run(self, statements: Sequence[Statement]) -> None:
        """See ``Warehouse.run``."""
        require_fit(statements)
        texts = [self._text(statement) for statement in statements]
        self._again(lambda: self._run(statements, texts))

    def execute(self, text: str, parameters: Mapping[str, str] | None = None) -> Rows:
        """See ``Warehouse.execute``."""
        return self._again(lambda: self._execute(text, parameters or {}))

    def _text(self, statement: Statement) -> str:
        if isinstance(statement, CopyParquet):
            return (
                f"COPY {statement.table} FROM {literal(statement.manifest)}"
                f" IAM_ROLE {literal(self._copy_role)} FORMAT AS PARQUET MANIFEST"
            )
        return statement.text

    def _run(self, statements: Sequence[Statement], texts: list[str]) -> None:
        token = str(uuid4())
        answer = self._call(
            lambda: self._client.batch_execute_statement(
                Sqls=texts, ClientToken=token, **self._target
            )
        )
        found = self._wait(answer["Id"])
        if found["Status"] != "FINISHED":
            raise _failure(found, [statement.name for statement in statements])

    def _execute(self, text: str, parameters: Mapping[str, str]) -> Rows:
        token = str(uuid4())
        bound = [{"name": name, "value": value} for name, value in parameters.items()]
        options = {"Parameters": bound} if bound else {}
        answer = self._call(
            lambda: self._client.execute_statement(
                Sql=text,
                ClientToken=token,
                **options,  # type: ignore[arg-type]
                **self._target,
            )
        )
        found = self._wait(answer["Id"])
        if found["Status"] != "FINISHED":
            raise _failure(found, ["the warehouse"])
        return self._result(answer["Id"]) if found.get("HasResultSet") else Rows((), ())

    def _wait(self, statement_id: str) -> "DescribeStatementResponseTypeDef":
        """Ask until it has ended, ever less often; cancel it when it takes too long."""
        deadline = self._clock.now() + self._patience_seconds
        pause = FIRST_POLL_SECONDS
        while True:
            found = self._call(lambda: self._client.describe_statement(Id=statement_id))
            if found["Status"] in {"FINISHED", "FAILED", "ABORTED"}:
                return found
            if self._clock.now() > deadline:
                self._call(lambda: self._client.cancel_statement(Id=statement_id))
                raise WarehouseUnavailableError(
                    f"statement {statement_id} ran for more than {self._patience_seconds:.0f} s"
                    " and was cancelled"
                )
            self._clock.sleep(pause)
            pause = min(pause * 2, LONGEST_POLL_SECONDS)

    def _result(self, statement_id: str) -> Rows:
        columns: tuple[str, ...] = ()
        rows: list[tuple[Cell, ...]] = []
        for page in self._pages(statement_id):
            columns, found = read_page(page)
            rows.extend(found)
        return Rows(columns, tuple(rows))

    def _pages(self, statement_id: str) -> "Iterator[GetStatementResultResponseTypeDef]":
        fetch = self._client.get_statement_result
        page = self._call(lambda: fetch(Id=statement_id))
        yield page
        while token := page.get("NextToken"):
            page = self._call(partial(fetch, Id=statement_id, NextToken=token))
            yield page

    def _call(self, call: Callable[[], _T]) -> _T:
        """One call of the API, made again while the service is at fault or out of reach."""
        try:
            return self._policy.call(call, _passes)
        except (BotoCoreError, ClientError) as error:
            kind = WarehouseUnavailableError if _passes(error) else WarehouseError
            raise kind(f"Redshift's Data API: {error}") from error

    def _again(self, transaction: Callable[[], _T]) -> _T:
        try:
            return self._policy.call(transaction, lambda error: isinstance(error, _InPassingError))
        except _InPassingError as error:
            raise WarehouseUnavailableError(f"Redshift kept refusing: {error}") from error


def _failure(
    found: "DescribeStatementResponseTypeDef", names: Sequence[str]
) -> StatementError | _InPassingError:
    message = " ".join(found.get("Error", found["Status"]).split())
    if any(fault in message.lower() for fault in PASSING_FAULTS):
        return _InPassingError(message)
    states = [part.get("Status") for part in found.get("SubStatements", [])]
    failed = next((at for at, state in enumerate(states) if state in {"FAILED", "ABORTED"}), 0)
    return StatementError(names[failed], message)


def _passes(error: BaseException) -> bool:
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code") in PASSING_CODES
    return isinstance(error, HTTPClientError)
