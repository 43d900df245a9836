"""Every statement of the warehouse is Redshift's SQL, fits a batch, names nothing reserved."""

import re

import pytest
import sqlglot
from sqlglot import exp

from connectors.postgresql_dialect import to_postgresql
from connectors.warehouse_port import MAX_STATEMENTS, CopyParquet, Sql
from warehouse.load import load_statements
from warehouse.marts import Mart, marts
from warehouse.statements import SqlFile, sql_file, sql_files

LOOSE = ("schema_migration", "record_migration", "record_marts", "refuse", "empty_forecast")
FILES = [
    *(file for folder in ("migrations", "load", "marts") for file in sql_files(folder)),
    *(sql_file(f"{name}.sql") for name in LOOSE),
]
STATEMENTS = [
    *(statement for file in FILES for statement in file.statements),
    *(mart.statements[-1] for mart in marts()),
]

# https://docs.aws.amazon.com/redshift/latest/dg/r_pg_keywords.html, of those a name could be
RESERVED = frozenset(
    [
        "aes128",
        "aes256",
        "all",
        "allowoverwrite",
        "analyse",
        "analyze",
        "and",
        "any",
        "array",
        "as",
        "asc",
        "authorization",
        "az64",
        "backup",
        "between",
        "binary",
        "blanksasnull",
        "both",
        "bytedict",
        "bzip2",
        "case",
        "cast",
        "check",
        "collate",
        "column",
        "constraint",
        "create",
        "credentials",
        "cross",
        "current_date",
        "current_time",
        "current_timestamp",
        "current_user",
        "current_user_id",
        "default",
        "deferrable",
        "deflate",
        "defrag",
        "delta",
        "delta32k",
        "desc",
        "disable",
        "distinct",
        "do",
        "else",
        "emptyasnull",
        "enable",
        "encode",
        "encrypt",
        "encryption",
        "end",
        "except",
        "explicit",
        "false",
        "for",
        "foreign",
        "freeze",
        "from",
        "full",
        "globaldict256",
        "globaldict64k",
        "grant",
        "group",
        "gzip",
        "having",
        "identity",
        "ignore",
        "ilike",
        "in",
        "initially",
        "inner",
        "intersect",
        "interval",
        "into",
        "is",
        "isnull",
        "join",
        "leading",
        "left",
        "like",
        "limit",
        "localtime",
        "localtimestamp",
        "lun",
        "luns",
        "lzo",
        "lzop",
        "minus",
        "mostly16",
        "mostly32",
        "mostly8",
        "natural",
        "new",
        "not",
        "notnull",
        "null",
        "nulls",
        "off",
        "offline",
        "offset",
        "oid",
        "old",
        "on",
        "only",
        "open",
        "or",
        "order",
        "outer",
        "overlaps",
        "parallel",
        "partition",
        "percent",
        "permissions",
        "pivot",
        "placing",
        "primary",
        "qualify",
        "raw",
        "readratio",
        "recover",
        "references",
        "rejectlog",
        "resort",
        "respect",
        "restore",
        "right",
        "select",
        "session_user",
        "similar",
        "snapshot",
        "some",
        "sysdate",
        "system",
        "table",
        "tag",
        "tdes",
        "text255",
        "text32k",
        "then",
        "timestamp",
        "to",
        "top",
        "trailing",
        "true",
        "truncatecolumns",
        "union",
        "unique",
        "unnest",
        "unpivot",
        "user",
        "using",
        "verbose",
        "wallet",
        "when",
        "where",
        "with",
        "without",
    ]
)


def names(statement: Sql) -> str:
    return statement.name


@pytest.mark.parametrize("statement", STATEMENTS, ids=names)
def test_a_statement_is_redshifts_sql(statement: Sql) -> None:
    if re.fullmatch(r"LOCK [a-z_]+", statement.text):
        return

    (tree,) = sqlglot.parse(statement.text, read="redshift")

    assert tree is not None
    assert not isinstance(tree, exp.Command)


@pytest.mark.parametrize("statement", STATEMENTS, ids=names)
def test_a_statement_has_a_form_for_postgresql(statement: Sql) -> None:
    translated = to_postgresql(statement.name, statement.text)

    assert not re.search(r"DISTKEY|SORTKEY|DISTSTYLE|PRIMARY KEY|GETDATE", translated.text)


@pytest.mark.parametrize("statement", STATEMENTS, ids=names)
def test_a_statement_names_nothing_reserved(statement: Sql) -> None:
    if statement.text.startswith("LOCK"):
        return
    (tree,) = sqlglot.parse(statement.text, read="redshift")
    assert tree is not None

    found = {identifier.name.lower() for identifier in tree.find_all(exp.Identifier)}

    assert found & RESERVED == set()


def test_nothing_but_the_leader_nodes_own_functions_is_left_out() -> None:
    """Redshift runs these on the leader node alone, where no table of ours is."""
    text = " ".join(statement.text.lower() for statement in STATEMENTS)

    assert "generate_series" not in text
    assert "string_agg" not in text


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_files_are_cut_as_a_parser_cuts_them(file: SqlFile) -> None:
    parsed = [tree for tree in sqlglot.parse(file.text, read="redshift") if tree is not None]

    assert len(parsed) == len(file.statements)


def test_the_load_is_one_batch_that_begins_with_the_lock() -> None:
    copies = [
        CopyParquet(table, "s3://b/m") for table in ("stage_batch", "stage_file", "stage_line")
    ]

    statements = load_statements(copies)

    assert len(statements) <= MAX_STATEMENTS
    assert isinstance(statements[0], Sql)
    assert statements[0].text == "LOCK load_lock"
    assert max(len(getattr(one, "text", "")) for one in statements) < 100_000


def test_the_marts_are_made_in_one_batch() -> None:
    made = sum(len(mart.statements) for mart in marts())

    assert made + 4 <= MAX_STATEMENTS


@pytest.mark.parametrize("mart", marts(), ids=lambda mart: mart.name)
def test_a_mart_says_what_it_tells_and_what_a_row_is(mart: Mart) -> None:
    assert len(mart.description) > 40
    assert mart.grain.startswith("one row a ")
    assert f"CREATE VIEW {mart.name} AS" in mart.statements[0].text
