"""No value breaks out of the source's DDL; the JVM gets the whole contract."""

import json
from pathlib import Path

from connectors.flink_tables import (
    FileSource,
    InitialPosition,
    KinesisDialect,
    KinesisSource,
    contract_json,
    records_query,
    source_ddl,
)
from invoices.contract import LINE_FIELDS

STREAM = KinesisSource(
    stream_arn="arn:aws:kinesis:eu-west-1:000000000000:stream/invoice-lines", region="eu-west-1"
)
JAVA_TESTS_CONTRACT = (
    Path(__file__).resolve().parents[2] / "connectors/src/test/resources/contract.json"
)


def options(ddl: str) -> dict[str, str]:
    """The options of a statement whose values hold no quotes."""
    inside = ddl.partition("WITH (")[2].rstrip(")").strip()
    pairs = [line.strip().rstrip(",").split(" = ") for line in inside.splitlines()]
    return {key.strip("'"): value.strip("'") for key, value in pairs}


def test_the_connector_of_flink_1_reads_by_polling() -> None:
    assert options(source_ddl(STREAM)) == {
        "connector": "kinesis",
        "stream": "invoice-lines",
        "aws.region": "eu-west-1",
        "scan.stream.initpos": "TRIM_HORIZON",
        "scan.shard.getrecords.intervalmillis": "250",
        "scan.shard.getrecords.maxrecordcount": "10000",
        "format": "raw",
    }


def test_the_connector_of_flink_1_tells_where_a_record_stood() -> None:
    ddl = source_ddl(STREAM)
    for metadata in ("timestamp", "shard-id", "sequence-number"):
        assert f"METADATA FROM '{metadata}' VIRTUAL" in ddl
    assert "NULL" not in records_query(STREAM)


def test_the_connector_of_flink_2_has_its_own_options_and_no_metadata() -> None:
    assert options(source_ddl(STREAM, KinesisDialect.FLINK_2)) == {
        "connector": "kinesis",
        "stream.arn": STREAM.stream_arn,
        "aws.region": "eu-west-1",
        "source.init.position": "TRIM_HORIZON",
        "format": "raw",
    }
    assert "METADATA" not in source_ddl(STREAM, KinesisDialect.FLINK_2)
    assert records_query(STREAM, KinesisDialect.FLINK_2) == records_query(FileSource("x"))


def test_a_stand_in_and_a_starting_time_are_options_only_when_given() -> None:
    source = KinesisSource(
        stream_arn=STREAM.stream_arn,
        region="eu-west-1",
        endpoint_url="http://127.0.0.1:4566",
        initial_position=InitialPosition.AT_TIMESTAMP,
        initial_timestamp="2011-08-30T00:00:00.000Z",
    )
    assert options(source_ddl(source)).items() >= {
        ("aws.endpoint", "http://127.0.0.1:4566"),
        ("scan.stream.initpos", "AT_TIMESTAMP"),
        ("scan.stream.initpos-timestamp", "2011-08-30T00:00:00.000Z"),
    }
    assert "source.init.timestamp" in source_ddl(source, KinesisDialect.FLINK_2)


def test_a_quote_in_a_value_stays_in_the_value() -> None:
    assert "'path' = '/o''clock'" in source_ddl(FileSource("/o'clock"))


def test_the_jvm_gets_every_field() -> None:
    fields = json.loads(contract_json())["fields"]
    assert [field["name"] for field in fields] == [field.name for field in LINE_FIELDS]


def test_the_tests_of_the_operators_use_this_contract() -> None:
    assert json.loads(JAVA_TESTS_CONTRACT.read_text(encoding="utf-8")) == json.loads(
        contract_json()
    )
