"""The warehouse's small parts: parameters, the gate, names of files, what is printed."""

import json
import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from types import ModuleType

import pytest

from connectors.manifest import StagedFile, manifest_text, read_manifest
from connectors.warehouse_port import Rows, Sql, StatementError
from warehouse.errors import LakeFileError, ParameterError, QualityError
from warehouse.lake_files import LakeFile, batch_id, not_loaded
from warehouse.line_kinds import LineKind, charge_kind, line_kind
from warehouse.output import rows_csv, rows_json
from warehouse.parameters import JobParameters, read_parameters
from warehouse.quality import Measures, Sums, require
from warehouse.read_only import require_read_only

GIVEN = ["job", "--lake", "s3://lake", "--warehouse=embedded:w", "--region", "eu-west-1"]


def test_parameters_are_read_among_those_that_are_not_ours() -> None:
    found = read_parameters([*GIVEN, "--JOB_ID", "j_1", "--enable-metrics", "true"])

    assert found == JobParameters(lake="s3://lake", warehouse="embedded:w", region="eu-west-1")


def test_every_missing_parameter_is_named_at_once() -> None:
    with pytest.raises(ParameterError, match="missing --lake, --warehouse, --region"):
        read_parameters(["job"])


def test_on_glue_its_own_reader_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def resolve(_: Sequence[str], names: list[str]) -> dict[str, str]:
        asked.append(names)
        return dict.fromkeys(names, "from glue")

    utils = ModuleType("awsglue.utils")
    utils.getResolvedOptions = resolve  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "awsglue", ModuleType("awsglue"))
    monkeypatch.setitem(sys.modules, "awsglue.utils", utils)

    assert read_parameters(GIVEN).lake == "from glue"
    assert asked == [["lake", "warehouse", "region"]]


def test_days_go_together_and_are_dates() -> None:
    base = read_parameters(GIVEN)
    assert base.days is None
    both = [*GIVEN, "--backfill_from", "2026-01-01", "--backfill_to", "2026-01-31"]
    assert read_parameters(both).days == (date(2026, 1, 1), date(2026, 1, 31))
    with pytest.raises(ParameterError, match="go together"):
        assert read_parameters(both[:-2]).days
    with pytest.raises(ParameterError, match="YYYY-MM-DD"):
        assert read_parameters([*both[:-1], "31.1."]).days


def measures(**changed: object) -> Measures:
    read = Sums(3, 10, Decimal("71.5500"))
    values: dict[str, object] = {
        "listed_rows": 3,
        "read": read,
        "accounted": read,
        "staged": Sums(2, 9, Decimal("53.5500")),
        "written_rows": 2,
        "nulls": {"country": 0},
        "numbered_below_one": 0,
    }
    return Measures(**{**values, **changed})  # type: ignore[arg-type]


def test_a_batch_that_adds_up_passes() -> None:
    require(measures())


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"listed_rows": 4}, "lines read: 3, not 4"),
        (
            {"accounted": Sums(3, 10, Decimal("71.5501"))},
            "amount staged or left out: 71.5501, not 71.5500",
        ),
        ({"written_rows": 1}, "lines in the staged files: 1, not 2"),
        ({"nulls": {"country": 5}}, "lines without country: 5, not 0"),
        ({"numbered_below_one": 1}, "lines numbered below 1: 1, not 0"),
    ],
)
def test_one_that_does_not_is_stopped_with_the_numbers(
    changed: dict[str, object], told: str
) -> None:
    with pytest.raises(QualityError) as caught:
        require(measures(**changed))

    assert str(caught.value) == told


FILES = [LakeFile(f"lines/arrival_date=2026-01-0{day}/arrival_hour=10/part", 9) for day in (1, 2)]


def test_a_batch_is_known_by_its_files_in_whatever_order() -> None:
    assert batch_id(FILES) == batch_id(reversed(FILES))
    assert batch_id(FILES) != batch_id(FILES[:1])
    assert batch_id(FILES) != batch_id(FILES, salt="again")


def test_new_is_what_was_not_loaded_by_name() -> None:
    assert not_loaded(FILES, {FILES[0].name}) == FILES[1:]


def test_a_file_tells_the_day_its_lines_arrived() -> None:
    assert FILES[0].arrival_date == date(2026, 1, 1)
    with pytest.raises(LakeFileError, match="lines/part lies in no folder"):
        _ = LakeFile("lines/part", 1).arrival_date


def test_charges_are_told_from_products() -> None:
    known = ("POST", "m", "M", "BANK CHARGES", "gift_0001_20", "85123A", "DCGS0003", "PADS")
    assert [charge_kind(code) for code in known] == [
        *("postage", "manual", "manual", "fee", "voucher"),
        *(None, None, None),
    ]


def test_a_write_off_is_no_return() -> None:
    assert line_kind("sale", None, -5) is LineKind.ADJUSTMENT
    assert line_kind("cancellation", None, -5) is LineKind.RETURN
    assert line_kind("cancellation", "postage", -1) is LineKind.CHARGE
    assert line_kind("adjustment", "bad debt", 1) is LineKind.ADJUSTMENT


def test_a_manifest_is_read_as_it_was_written() -> None:
    files = [StagedFile("s3://lake/a.parquet", 7), StagedFile("s3://lake/b.parquet", 9)]

    assert json.loads(manifest_text(files))["entries"][0] == {
        "url": "s3://lake/a.parquet",
        "mandatory": True,
        "meta": {"content_length": 7},
    }
    assert read_manifest(manifest_text(files)) == files
    with pytest.raises(ValueError, match="not a manifest"):
        read_manifest('{"entries": [{}]}')


@pytest.mark.parametrize(
    "text",
    [
        "DELETE FROM dim_date",
        "SELECT 1; DROP TABLE dim_date",
        "SELECT * INTO copy FROM dim_date",
        "WITH gone AS (DELETE FROM dim_date RETURNING *) SELECT * FROM gone",
        "LOCK load_lock",
        "SELECT * FROM dim_date FOR UPDATE",
        "SELEC 1",
        "",
    ],
)
def test_a_query_that_writes_is_refused(text: str) -> None:
    with pytest.raises(StatementError):
        require_read_only(text)


def test_a_query_that_reads_is_not() -> None:
    require_read_only("WITH a AS (SELECT 1 AS x) SELECT x FROM a UNION ALL SELECT 2;")


def test_what_is_bound_can_be_nothing_but_a_plain_literal() -> None:
    statement = Sql("s", "INSERT INTO t VALUES (:number, :name)")

    assert statement.bind(number=3, name="0003_a").text == "INSERT INTO t VALUES (3, '0003_a')"
    with pytest.raises(ValueError, match="cannot stand in SQL"):
        statement.bind(number=3, name="x'; --")
    with pytest.raises(ValueError, match="binds"):
        statement.bind(number=3)


def test_programs_get_money_as_text_and_null_as_null() -> None:
    rows = Rows(("day", "revenue"), ((date(2011, 8, 31), Decimal("1.10")), (None, None)))

    assert json.loads(rows_json(rows)) == [
        {"day": "2011-08-31", "revenue": "1.10"},
        {"day": None, "revenue": None},
    ]
    assert rows_csv(rows) == "day,revenue\n2011-08-31,1.10\n,\n"
