"""Statements that people write and that a dialect's parser does not take as they stand."""

from __future__ import annotations

import pytest

from riverhead_emitter.model import Dataset
from riverhead_sql import lineage_of
from sql_answers import doubts, movements, told


@pytest.mark.parametrize(
    ("dialect", "sql", "moved"),
    [
        ("tsql", "WITH c AS (SELECT a FROM t) UPDATE TOP (5) c SET a = s.b FROM s", "t <- s"),
        ("tsql", "UPDATE t SET a += s.b FROM s", "t <- s"),
        ("tsql", "INSERT INTO t WITH (TABLOCK) (a) SELECT a FROM s", "t <- s"),
        ("teradata", "INSERT INTO t SELECT a (TITLE 'A'), b (FORMAT 'YYYY') FROM s", "t <- s"),
        ("teradata", "INSERT INTO t SELECT a (NAMED x) FROM s", "t <- s"),
        ("teradata", "UPDATE t FROM s SET a = s.b WHERE t.i = s.i", "t <- s"),
        ("teradata", "LOCKING ROW FOR ACCESS INSERT INTO t SELECT a FROM s", "t <- s"),
        ("db2", "INSERT INTO t SELECT a FROM s WITH UR", "t <- s"),
        ("db2", "INSERT INTO t SELECT a FROM s WHERE d > CURRENT DATE", "t <- s"),
        ("db2", "INSERT INTO t SELECT a FROM s WHERE d > x - 7 DAYS", "t <- s"),
        ("db2", "INSERT INTO t SELECT a FROM s OPTIMIZE FOR 10 ROWS", "t <- s"),
        ("bigquery", "LOAD DATA INTO t PARTITION BY d FROM FILES (uris = ['gs://b/x'])", "t <- x"),
        ("bigquery", "CREATE SNAPSHOT TABLE t CLONE s", "t <- s"),
        ("postgres", "REFRESH MATERIALIZED VIEW t", "t <-"),
        ("postgres", "CREATE TABLE o AS SELECT a FROM s; ALTER TABLE IF EXISTS o SET SCHEMA m", "m.o <- s"),
        ("postgres", "CREATE TABLE d.x.o AS SELECT a FROM s; ALTER TABLE d.x.o SET SCHEMA m", "d.m.o <- s"),
        ("postgres", "REFRESH MATERIALIZED VIEW CONCURRENTLY t WITH DATA", "t <-"),
        ("redshift", "REFRESH MATERIALIZED VIEW t", "t <-"),
        ("trino", "REFRESH MATERIALIZED VIEW t", "t <-"),
        ("postgres", "/* from postgresql://***@h/x ; */ INSERT INTO t SELECT a FROM s -- http://***@h", "t <- s"),
        ("oracle", "INSERT INTO T SELECT a FROM S LOG ERRORS INTO e REJECT LIMIT 1", "T <- S"),
        (
            "oracle",
            "MERGE INTO T USING S ON (T.i = S.i) WHEN MATCHED THEN UPDATE SET T.a = S.a DELETE WHERE T.a = 1",
            "T <- S",
        ),
        ("oracle", "INSERT INTO T SELECT a FROM S WHERE b = :1", "T <- S"),
        ("oracle", "UPDATE T SET a = 1 WHERE CURRENT OF c", "T <-"),
        ("mysql", "INSERT DELAYED INTO t SELECT a FROM s", "t <- s"),
        ("clickhouse", "INSERT INTO t SELECT a FROM s LIMIT 3 BY k LIMIT 10", "t <- s"),
        ("snowflake", "INSERT INTO T SELECT a FROM S WHERE d = &day", "T <- S"),
        (
            "databricks",
            "MERGE WITH SCHEMA EVOLUTION INTO t USING s ON t.i = s.i WHEN MATCHED THEN UPDATE SET a = s.a",
            "t <- s",
        ),
        (
            "spark",
            "INSERT INTO t SELECT window(at, '1 hour'), count(*) FROM s GROUP BY window(at, '1 hour')",
            "t <- s",
        ),
        ("postgres", "INSERT INTO t SELECT a FROM s WHERE b = %(x)s", "t <- s"),
    ],
)
def test_what_the_parser_does_not_take_as_it_stands_is_mended(dialect: str, sql: str, moved: str) -> None:
    answer = told(sql, dialect)

    assert movements(answer) == [moved]
    assert not any("read" in doubt and "SQL" in doubt for doubt in doubts(answer))


@pytest.mark.parametrize("dialect", ["tsql", "fabric"])
def test_fabric_is_t_sql_in_everything(dialect: str) -> None:
    answer = told("DELETE FROM t OUTPUT deleted.a INTO log WHERE b = 1", dialect)
    used = told("USE shop; INSERT INTO o SELECT a FROM dbo.t", dialect)

    assert movements(answer) == ["t <-", "log <- t"]
    assert movements(used) == ["shop.o <- shop.dbo.t"]


def test_a_query_that_fills_variables_shows_nobody_its_rows() -> None:
    answer = lineage_of(
        "SELECT @rate = rate, @day = day FROM rates WHERE day = 1; SELECT a, @rate AS b FROM t",
        dialect="tsql",
        result=Dataset("", "result"),
    )

    assert movements(answer) == ["<- rates", "result <- t"]


@pytest.mark.parametrize("sql", ["SELECT a +", "SELECT a FROM t WHERE a BETWEEN"])
def test_a_reason_speaks_no_python(sql: str) -> None:
    assert doubts(told(sql, "postgres")) == [f"{sql}: Something is missing (line 1)"]
