"""The warehouse's columns are the data contract's, and staged files have them in order."""

import re

from connectors.warehouse_port import Sql
from tests.warehouse.merging import FACT_SCHEMA
from warehouse.batch import BATCH_SCHEMA, FILE_SCHEMA
from warehouse.forecast import tables
from warehouse.lines import CONTRACT_COLUMNS
from warehouse.schema import contract_columns, migrated_columns, missing
from warehouse.statements import SqlFile, sql_file, sql_files


def test_the_migrations_have_every_field_of_the_contract() -> None:
    assert missing(sql_files("migrations")) == []


def test_the_first_columns_of_the_facts_are_the_contracts() -> None:
    found = migrated_columns(sql_files("migrations"))

    assert found[: len(contract_columns())] == list(map(str, contract_columns()))


def test_a_field_no_migration_has_is_told() -> None:
    known, (first, *rest) = sql_files("migrations"), contract_columns()
    without = [
        SqlFile(
            file.name,
            file.text,
            tuple(
                Sql(one.name, one.text.replace(f"    {first},\n", "")) for one in file.statements
            ),
        )
        for file in known
    ]

    assert missing(without) == [f"ALTER TABLE fact_invoice_line ADD COLUMN {first};"]
    assert rest[0].name == "invoice_no"


def test_a_field_a_later_migration_adds_is_known() -> None:
    text = "ALTER TABLE fact_invoice_line ADD COLUMN discount DECIMAL(14, 4)"
    later = SqlFile("0099_discount", text, (Sql("0099", text),))

    found = migrated_columns([*sql_files("migrations"), later])

    assert found[-1] == "discount DECIMAL(14, 4)"


def test_staged_lines_have_the_columns_of_the_facts_in_order() -> None:
    facts = [
        column.split()[0]
        for column in migrated_columns(sql_files("migrations"))
        if not column.startswith("PRIMARY KEY")
    ]

    assert facts[: len(CONTRACT_COLUMNS)] == list(CONTRACT_COLUMNS)
    assert facts == FACT_SCHEMA.names


def columns_of(path: str, table: str) -> list[str]:
    """Names of the columns a CREATE TABLE lists."""
    pattern = re.compile(rf"CREATE (?:TEMP )?TABLE {table} \((.*?)\n?\)(?: DISTSTYLE|;)", re.DOTALL)
    found = pattern.search(sql_file(path).text)
    assert found is not None
    return [one.split()[0] for one in re.split(r",\s(?!\d)", found[1].strip())]


def test_staged_rows_have_the_columns_of_their_tables_in_order() -> None:
    assert columns_of("load/10_begin.sql", "stage_batch") == BATCH_SCHEMA.names
    assert columns_of("load/10_begin.sql", "stage_file") == FILE_SCHEMA.names
    forecasts = "migrations/0007_forecast.sql"
    assert columns_of(forecasts, "forecast_run") == tables.RUN.names
    assert columns_of(forecasts, "forecast_daily_revenue") == tables.DAILY.names
    assert columns_of(forecasts, "forecast_customer") == tables.CUSTOMER.names
    assert columns_of(forecasts, "forecast_backtest") == tables.BACKTEST.names
