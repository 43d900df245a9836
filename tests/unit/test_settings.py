"""Settings: one file, every wrong key named at once."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from connectors.settings import SETTINGS_VARIABLE, Settings, SettingsError, load_settings

SETTINGS = Settings(
    region="eu-west-1",
    stream="invoice-lines",
    stream_arn="arn:aws:kinesis:eu-west-1:000000000000:stream/invoice-lines",
    lake="s3://invoice-lake",
    customers_table="Customers",
    invoices_table="Invoices",
)


def load(path: Path, text: str) -> Settings:
    path.write_text(text, encoding="utf-8")
    return load_settings({SETTINGS_VARIABLE: str(path)})


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    assert load(tmp_path / "settings.json", SETTINGS.to_json()) == SETTINGS


def test_without_a_file_the_error_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="invoice-stream up") as caught:
        load_settings({SETTINGS_VARIABLE: str(tmp_path / "none.json")})
    assert str(tmp_path / "none.json") in str(caught.value)


def test_every_wrong_key_is_named_at_once(tmp_path: Path) -> None:
    values = asdict(SETTINGS) | {"colour": "red", "lake": 5}
    del values["stream"]
    with pytest.raises(SettingsError) as caught:
        load(tmp_path / "settings.json", json.dumps(values))
    for problem in ("unknown key colour", "missing key stream", "lake is not a string"):
        assert problem in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", '"settings"'])
def test_a_file_that_holds_no_settings_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match=r"settings\.json"):
        load(tmp_path / "settings.json", text)
