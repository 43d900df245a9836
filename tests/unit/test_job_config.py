"""The job's properties are one typed value, or one message that names all that is wrong."""

import json
from pathlib import Path

import pytest

from connectors.flink_tables import FileSource, InitialPosition, KinesisSource
from flink_job.config import ConfigError, Documents, job_config, read_properties

GOOD = {
    "source.stream.arn": "arn:aws:kinesis:eu-west-1:000000000000:stream/invoice-lines",
    "aws.region": "eu-west-1",
    "lake": "s3://invoice-lake/",
    "dynamodb.customers.table": "Customers",
    "dynamodb.invoices.table": "Invoices",
}


def test_what_is_left_out_has_a_default() -> None:
    config = job_config(GOOD, "here")
    assert config.source == KinesisSource(
        stream_arn=GOOD["source.stream.arn"],
        region="eu-west-1",
        initial_position=InitialPosition.TRIM_HORIZON,
    )
    assert config.lake == "s3://invoice-lake"
    assert config.endpoint_url is None
    assert config.documents is Documents.DYNAMODB
    assert config.group_interval_ms == 1000
    assert config.state_ttl_ms == 7 * 24 * 3_600_000


def test_a_file_can_stand_in_for_the_stream() -> None:
    properties = {key: value for key, value in GOOD.items() if key != "source.stream.arn"}
    config = job_config({**properties, "source": "file", "source.path": "/lines.jsonl"}, "here")
    assert config.source == FileSource("/lines.jsonl")


def test_a_time_to_live_may_be_seconds() -> None:
    assert job_config({**GOOD, "state.ttl.hours": "0.001"}, "here").state_ttl_ms == 3600


def test_everything_wrong_is_said_at_once_with_where_it_was_looked_for() -> None:
    properties = {
        "source": "kinesis",
        "source.initial.position": "AT_TIMESTAMP",
        "dynamodb.concurrency": "many",
        "dynamodb.invoices.table": "Invoices",
        "state.ttl.hours": "-1",
        "documents": "burn",
        "lakes": "s3://typo",
    }
    with pytest.raises(ConfigError) as caught:
        job_config(properties, "/etc/app.json")
    message = str(caught.value)
    assert message.startswith("/etc/app.json, group invoice-stream: ")
    for problem in (
        "missing source.initial.timestamp",
        "missing source.stream.arn",
        "missing aws.region",
        "missing lake",
        "missing dynamodb.customers.table",
        "dynamodb.concurrency is 'many', not a whole number above 0",
        "state.ttl.hours is '-1', not a number of hours above 0",
        "documents is 'burn', not one of dynamodb, discard",
        "unknown lakes",
    ):
        assert problem in message


@pytest.mark.parametrize("hours", ["NaN", "Infinity", "0", "1e-9", "x"])
def test_a_time_to_live_is_a_number_above_nought(hours: str) -> None:
    with pytest.raises(ConfigError, match=r"state\.ttl\.hours is"):
        job_config({**GOOD, "state.ttl.hours": hours}, "here")


def test_an_unknown_source_is_the_only_thing_said_of_the_source() -> None:
    with pytest.raises(ConfigError) as caught:
        job_config({**GOOD, "source": "kafka"}, "here")
    assert str(caught.value).endswith(": source is 'kafka', not one of kinesis, file")


def test_the_property_group_is_found_among_others(tmp_path: Path) -> None:
    path = tmp_path / "application_properties.json"
    groups = [
        {"PropertyGroupId": "kinesis.analytics.flink.run.options", "PropertyMap": {"python": "x"}},
        {"PropertyGroupId": "invoice-stream", "PropertyMap": GOOD},
    ]
    path.write_text(json.dumps(groups), encoding="utf-8")
    assert read_properties(path) == GOOD


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("{}", "does not hold a list of property groups"),
        ("[]", "has no property group invoice-stream (found: none)"),
        ('[{"PropertyGroupId": "other", "PropertyMap": {}}]', "(found: other)"),
        (
            '[{"PropertyGroupId": "invoice-stream", "PropertyMap": {"lake": 1}}]',
            "values must be strings: lake",
        ),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "properties.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_properties(path)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no application properties at"):
        read_properties(tmp_path / "nowhere.json")
