"""Redshift's adapter on a stubbed Data API: what is sent, waited for and tried again."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.stub import ANY, Stubber

from connectors.redshift import Clock, RedshiftWarehouse
from connectors.warehouse_port import (
    CopyParquet,
    Sql,
    StatementError,
    WarehouseError,
    WarehouseUnavailableError,
)
from connectors.warehouse_retrying import RetryPolicy

ROLE = "arn:aws:iam::123456789012:role/copy"
ACCEPTED = {"Id": "d9b6c0c9-0747-4bf4-b142-e8883122f766"}
ONE, TWO = Sql("one", "DELETE FROM t"), Sql("two", "INSERT INTO t (a) VALUES (1)")
QUICK = RetryPolicy(attempts=3, first_wait_seconds=0, longest_wait_seconds=0)


class Sleeper:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> float:
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def sleeper() -> Sleeper:
    return Sleeper()


@pytest.fixture
def client() -> Any:  # noqa: ANN401 - boto3's own
    return boto3.client("redshift-data", region_name="eu-west-1")


@pytest.fixture
def stub(client: Any) -> Iterator[Stubber]:  # noqa: ANN401
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def warehouse(client: Any, stub: Stubber, sleeper: Sleeper) -> RedshiftWarehouse:  # noqa: ANN401
    return RedshiftWarehouse(
        client,
        {"Database": "dev", "WorkgroupName": "invoices"},
        ROLE,
        QUICK,
        patience_seconds=60,
        clock=Clock(sleeper.now, sleeper.sleep),
    )


def batch(*texts: str) -> dict[str, object]:
    return {
        "Sqls": list(texts),
        "ClientToken": ANY,
        "Database": "dev",
        "WorkgroupName": "invoices",
    }


def described(status: str, **more: object) -> dict[str, object]:
    return {**ACCEPTED, "Status": status, **more}


def expect_batch(stub: Stubber, *texts: str) -> None:
    stub.add_response("batch_execute_statement", ACCEPTED, batch(*texts))


def expect_status(stub: Stubber, status: str, **more: object) -> None:
    stub.add_response("describe_statement", described(status, **more), ACCEPTED)


def test_a_transaction_is_one_batch(stub: Stubber, warehouse: RedshiftWarehouse) -> None:
    expect_batch(stub, ONE.text, TWO.text)
    expect_status(stub, "FINISHED")

    warehouse.run([ONE, TWO])


def test_copy_names_the_manifest_and_the_role(stub: Stubber, warehouse: RedshiftWarehouse) -> None:
    expect_batch(
        stub,
        "COPY stage_line FROM 's3://lake/staging/stage_line.manifest'"
        f" IAM_ROLE '{ROLE}' FORMAT AS PARQUET MANIFEST",
    )
    expect_status(stub, "FINISHED")

    warehouse.run([CopyParquet("stage_line", "s3://lake/staging/stage_line.manifest")])


def test_a_quote_in_a_name_never_reaches_the_cluster(warehouse: RedshiftWarehouse) -> None:
    with pytest.raises(ValueError, match="cannot stand in SQL"):
        warehouse.run([CopyParquet("stage_line", "s3://lake/x'; DROP TABLE t; --")])


def test_it_asks_ever_less_often(
    stub: Stubber, warehouse: RedshiftWarehouse, sleeper: Sleeper
) -> None:
    expect_batch(stub, ONE.text)
    for status in ("SUBMITTED", "PICKED", "STARTED", "STARTED", "STARTED", "STARTED", "STARTED"):
        expect_status(stub, status)
    expect_status(stub, "FINISHED")

    warehouse.run([ONE])

    assert sleeper.slept == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


def test_what_takes_too_long_is_cancelled(stub: Stubber, warehouse: RedshiftWarehouse) -> None:
    expect_batch(stub, ONE.text)
    for _ in range(17):
        expect_status(stub, "STARTED")
    stub.add_response("cancel_statement", {"Status": True}, ACCEPTED)

    with pytest.raises(WarehouseUnavailableError, match="more than 60 s and was cancelled"):
        warehouse.run([ONE])


def test_the_statement_that_failed_is_named(stub: Stubber, warehouse: RedshiftWarehouse) -> None:
    expect_batch(stub, ONE.text, TWO.text)
    parts = [{"Id": "x:1", "Status": "FINISHED"}, {"Id": "x:2", "Status": "FAILED"}]
    expect_status(stub, "FAILED", Error="ERROR: Invalid digit,\n Value 'c'", SubStatements=parts)

    with pytest.raises(StatementError, match="two: ERROR: Invalid digit, Value 'c'"):
        warehouse.run([ONE, TWO])


@pytest.mark.parametrize(
    "fault",
    [
        "ERROR: 1023 DETAIL: Serializable isolation violation on table in Redshift",
        "ERROR: deadlock detected",
    ],
)
def test_a_transaction_that_came_at_a_wrong_moment_is_sent_again(
    fault: str, stub: Stubber, warehouse: RedshiftWarehouse
) -> None:
    expect_batch(stub, ONE.text)
    expect_status(stub, "FAILED", Error=fault)
    expect_batch(stub, ONE.text)
    expect_status(stub, "FINISHED")

    warehouse.run([ONE])


def test_one_that_always_does_is_given_up(stub: Stubber, warehouse: RedshiftWarehouse) -> None:
    for _ in range(QUICK.attempts):
        expect_batch(stub, ONE.text)
        expect_status(stub, "FAILED", Error="Serializable isolation violation")

    with pytest.raises(WarehouseUnavailableError, match="kept refusing"):
        warehouse.run([ONE])


@pytest.mark.parametrize(
    "code", ["ActiveStatementsExceededException", "ThrottlingException", "InternalServerException"]
)
def test_a_call_that_is_refused_in_passing_is_made_again(
    code: str, stub: Stubber, warehouse: RedshiftWarehouse
) -> None:
    stub.add_client_error("batch_execute_statement", code)
    expect_batch(stub, ONE.text)
    stub.add_client_error("describe_statement", code)
    expect_status(stub, "FINISHED")

    warehouse.run([ONE])


def test_a_call_that_is_refused_for_good_is_not(
    stub: Stubber, warehouse: RedshiftWarehouse
) -> None:
    stub.add_client_error(
        "batch_execute_statement", "ValidationException", "Database dev does not exist"
    )

    with pytest.raises(WarehouseError, match="Database dev does not exist") as caught:
        warehouse.run([ONE])

    assert not isinstance(caught.value, WarehouseUnavailableError)


def test_a_service_that_stays_away_is_given_up(stub: Stubber, warehouse: RedshiftWarehouse) -> None:
    for _ in range(QUICK.attempts):
        stub.add_client_error("batch_execute_statement", "InternalServerException", "sorry")

    with pytest.raises(WarehouseUnavailableError, match="sorry"):
        warehouse.run([ONE])


def test_a_lost_answer_is_asked_for_under_the_same_token() -> None:
    tokens: list[str] = []

    class Client:
        def batch_execute_statement(self, **request: str) -> dict[str, str]:
            tokens.append(request["ClientToken"])
            if len(tokens) == 1:
                raise ReadTimeoutError(endpoint_url="https://redshift-data")
            return ACCEPTED

        def describe_statement(self, **_: object) -> dict[str, object]:
            failed_once = len(tokens) == 2
            return described("FAILED", Error="deadlock detected") if failed_once else finished()

    def finished() -> dict[str, object]:
        return described("FINISHED")

    warehouse = RedshiftWarehouse(
        Client(),  # type: ignore[arg-type]
        {"Database": "dev", "ClusterIdentifier": "c"},
        ROLE,
        QUICK,
    )

    warehouse.run([ONE])

    assert len(tokens) == 3
    assert tokens[0] == tokens[1] != tokens[2]


def test_parameters_are_bound_by_the_service(stub: Stubber, warehouse: RedshiftWarehouse) -> None:
    stub.add_response(
        "execute_statement",
        ACCEPTED,
        {
            "Sql": "SELECT a FROM t WHERE a = :a",
            "Parameters": [{"name": "a", "value": "x' OR 1=1"}],
            "ClientToken": ANY,
            "Database": "dev",
            "WorkgroupName": "invoices",
        },
    )
    expect_status(stub, "FINISHED", HasResultSet=False)

    assert warehouse.execute("SELECT a FROM t WHERE a = :a", {"a": "x' OR 1=1"}).rows == ()
