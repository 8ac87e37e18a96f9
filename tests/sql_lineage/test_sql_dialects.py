"""In which dialect a text is read, and that the answer says which."""

from __future__ import annotations

import pytest

from riverhead_emitter.naming import Database
from riverhead_sql import lineage_of
from sql_answers import doubts, movements, pairs, told

NAMED = (
    "athena bigquery clickhouse databricks duckdb hive mysql oracle postgres presto redshift snowflake spark sqlite "
    "teradata trino tsql"
)


@pytest.mark.parametrize("name", NAMED.split())
def test_a_named_dialect_is_the_one_that_is_used(name: str) -> None:
    answer = told("INSERT INTO o SELECT a FROM t", name)

    assert answer.dialect == name
    assert [line.lower() for line in movements(answer)] == ["o <- t"]
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("name", "used"),
    [
        ("PostgreSQL", "postgres"),
        ("postgresql+psycopg2", "postgres"),
        ("greenplum", "postgres"),
        ("mssql", "tsql"),
        ("sqlserver", "tsql"),
        ("synapse", "tsql"),
        ("MariaDB", "mysql"),
        ("sparksql", "spark"),
        ("awsathena", "athena"),
        ("prestodb", "presto"),
        (" Snowflake ", "snowflake"),
        ("impala", "hive"),
        ("db2", ""),
        ("ansi", ""),
        ("", ""),
    ],
)
def test_a_dialect_goes_by_the_names_that_people_and_drivers_give_it(name: str, used: str) -> None:
    answer = told("SELECT a FROM t", name)

    assert answer.dialect == used
    assert doubts(answer) == []


def test_a_dialect_that_nobody_knows_is_said_once_and_read_as_general_sql() -> None:
    answer = told("INSERT INTO o SELECT a FROM t; DELETE FROM p", "klingon")

    assert answer.dialect == ""
    assert movements(answer) == ["o <- t", "p <-"]
    assert doubts(answer) == ["dialect klingon: it is not known; the text was read as general SQL"]
    assert [len(each.unresolved) for each in answer.statements] == [1, 0]


def test_the_databases_dialect_holds_where_none_is_named_and_gives_way_to_a_named_one() -> None:
    shop = Database("db", "snowflake")

    by_database = lineage_of("INSERT INTO o SELECT a FROM t", default=shop)
    by_name = lineage_of("INSERT INTO o SELECT a FROM t", dialect="postgres", default=shop)

    assert (by_database.dialect, pairs(by_database.merged)) == ("snowflake", {"O.A <- T.A"})
    assert (by_name.dialect, pairs(by_name.merged)) == ("postgres", {"o.a <- t.a"})


@pytest.mark.parametrize(
    ("sql", "used", "expected"),
    [
        ("SELECT a FROM t", "", "<- t"),
        ("SELECT [first name] INTO [o] FROM [dbo].[t]", "tsql", "o <- dbo.t"),
        ("SELECT TOP 5 a INTO #o FROM t", "tsql", "<- t"),
        ("SELECT a FROM `p-1.d.t`", "bigquery", "<- p-1.d.t"),
        ("SELECT * EXCEPT (a) FROM d.t", "bigquery", "<- d.t"),
        ("INSERT INTO o SELECT f.value FROM t, LATERAL FLATTEN(input => t.d) f", "snowflake", "O <- T"),
        ("COPY INTO o FROM @stage/day", "snowflake", "O <- @stage/day"),
        ("INSERT OVERWRITE TABLE o SELECT x FROM t LATERAL VIEW EXPLODE(l) e AS x", "spark", "o <- t"),
        ("CREATE TABLE o ENGINE = MergeTree ORDER BY a AS SELECT a FROM t", "clickhouse", "o <- t"),
        ("SELECT a FROM t START WITH p IS NULL CONNECT BY PRIOR i = p", "oracle", "<- T"),
        ("SELECT a FROM read_parquet('/in/f.parquet')", "duckdb", "<- /in/f.parquet"),
        ("INSERT INTO `o` SELECT `a` FROM `t`", "mysql", "o <- t"),
        ("INSERT INTO o SELECT a::text FROM t ON CONFLICT (a) DO NOTHING", "", "o <- t"),
    ],
)
def test_without_a_name_the_dialect_is_found_out(sql: str, used: str, expected: str) -> None:
    answer = told(sql, None)

    assert answer.dialect == used
    assert movements(answer) == [expected]
    assert doubts(answer) == []


def test_without_a_name_one_dialect_is_used_for_all_texts() -> None:
    answer = told(["INSERT INTO o SELECT a FROM t", "INSERT INTO [p] SELECT [b c] FROM [u]"], None)

    assert answer.dialect == "tsql"
    assert movements(answer) == ["o <- t", "p <- u"]


def test_without_a_name_the_dialect_that_fails_least_is_used() -> None:
    answer = told("THIS IS NOT SQL; SELECT [a b] FROM [t]; INSERT INTO o SELECT a FROM u", None)

    assert answer.dialect == "tsql"
    assert movements(answer) == ["<- t", "o <- u"]


def test_where_all_dialects_fail_alike_the_general_one_is_used() -> None:
    answer = told("THIS IS NOT SQL; INSERT INTO o SELECT a FROM t", None)

    assert answer.dialect == ""
    assert movements(answer) == ["o <- t"]


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        ("redshift", "INSERT INTO o SELECT a FROM t", "o <- t"),
        ("trino", "INSERT OVERWRITE TABLE o SELECT `a` FROM `t`", "o <- t"),
        ("", "INSERT INTO o SELECT [a] FROM [t]", "o <- t"),
        ("athena", "UNLOAD (SELECT a FROM t) TO 's3://b/o' WITH (format = 'PARQUET')", "o <- t"),
        ("mysql", "REPLACE INTO o SELECT a FROM t", "o <- t"),
    ],
)
def test_what_a_dialect_cannot_read_a_relative_may(dialect: str, sql: str, expected: str) -> None:
    assert movements(told(sql, dialect)) == [expected]


def test_a_relatives_help_is_for_one_statement_and_is_said() -> None:
    answer = told(
        "INSERT INTO o SELECT a FROM t; INSERT INTO p SELECT b FROM `u`; INSERT INTO q SELECT c FROM v", "trino"
    )

    assert answer.dialect == "trino"
    assert movements(answer) == ["o <- t", "p <- u", "q <- v"]
    assert [len(each.unresolved) for each in answer.statements] == [0, 1, 0]
    assert doubts(answer) == [
        "INSERT INTO p SELECT b FROM `u`: its dialect cannot be read so; it was read as spark SQL"
    ]


def test_what_no_relative_can_read_keeps_its_own_dialects_reason() -> None:
    answer = told("INSERT INTO o SELECT FROM WHERE", "trino")

    assert movements(answer) == []
    (doubt,) = doubts(answer)
    assert doubt.startswith("INSERT INTO o SELECT FROM WHERE: ")
    assert "read as" not in doubt
