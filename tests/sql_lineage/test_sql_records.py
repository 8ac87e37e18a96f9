"""The records that loops and cursors go through: what is written from one came from the cursor's query."""

from __future__ import annotations

import pytest

from sql_answers import doubts, movements, pairs, told


@pytest.mark.parametrize(
    ("dialect", "sql", "expected", "moved"),
    [
        ("oracle", "BEGIN FOR r IN (SELECT a, b FROM t) LOOP INSERT INTO o (x) VALUES (r.b); END LOOP; END;",
         {"O.X <- T.B"}, ["<- T", "O <- T"]),
        ("postgres", ("DO $$ BEGIN FOR r IN SELECT a FROM t LOOP INSERT INTO o (x) VALUES (upper(r.a)); END LOOP; "
         "END $$"),
         {"o.x <- t.a"}, ["<- t", "o <- t"]),
        ("bigquery", "FOR r IN (SELECT a FROM t) DO UPDATE o SET x = r.a WHERE i = 1; END FOR;",
         {"o.x <- t.a"}, ["<- t", "o <- t"]),
        ("snowflake", ("DECLARE c CURSOR FOR SELECT a FROM t; BEGIN FOR r IN c DO INSERT INTO o (x) VALUES (r.a); END "
         "FOR; END"),
         {"O.X <- T.A"}, ["<- T", "O <- T"]),
        ("oracle", ("CREATE PROCEDURE p IS CURSOR c (n NUMBER) IS SELECT a FROM t WHERE i = n; BEGIN FOR r IN c (1) "
         "LOOP INSERT INTO o (x, y) SELECT r.a, u.y FROM u; END LOOP; END;"),
         {"O.X <- T.A", "O.Y <- U.Y"}, ["<- T", "O <- U, T"]),
        ("oracle", ("CREATE PROCEDURE p IS n NUMBER; CURSOR c IS SELECT a FROM t; r c%ROWTYPE; BEGIN OPEN c; LOOP "
         "FETCH c INTO r; INSERT INTO o (x) VALUES (r.a); END LOOP; END;"),
         {"O.X <- T.A"}, ["<- T", "O <- T"]),
        ("oracle", "DECLARE r t%ROWTYPE; BEGIN SELECT * INTO r FROM t; INSERT INTO o (x) VALUES (r.a); END;",
         {"O.X <- T.A"}, ["<- T", "O <- T"]),
        ("oracle", ("BEGIN FOR r IN (SELECT a FROM t) LOOP FOR s IN (SELECT b FROM u WHERE i = r.a) LOOP INSERT INTO o "
         "(x) VALUES (s.b); END LOOP; END LOOP; FOR r IN (SELECT c FROM v) LOOP INSERT INTO p (y) VALUES (r.c); END "
         "LOOP; END;"),
         {"O.X <- U.B", "P.Y <- V.C"}, ["<- T", "<- U, T", "O <- U, T", "<- V", "P <- V"]),
    ],
)  # fmt: skip
def test_what_is_written_from_a_record_came_from_the_query_that_filled_it(
    dialect: str, sql: str, expected: set[str], moved: list[str]
) -> None:
    answer = told(sql, dialect)

    assert pairs(answer.merged) == expected
    assert movements(answer) == moved
    assert doubts(answer) == []


def test_what_decided_about_a_record_decides_about_what_is_written_from_it() -> None:
    answer = told("BEGIN FOR r IN (SELECT a FROM t WHERE d > 1) LOOP INSERT INTO o (x) VALUES (r.a); END LOOP; END;")

    assert {f"{edge.source.name} {edge.how.value}" for edge in answer.merged.datasets} == {"d FILTER"}


def test_a_relation_of_a_query_goes_before_a_record_of_its_name() -> None:
    answer = told("BEGIN FOR r IN (SELECT a FROM t) LOOP INSERT INTO o (x) SELECT r.a FROM u r; END LOOP; END;")

    assert pairs(answer.merged) == {"o.x <- u.a"}


@pytest.mark.parametrize(
    "sql",
    [
        "BEGIN FOR i IN 1 .. 10 LOOP INSERT INTO o (x) VALUES (i); END LOOP; END;",
        "CREATE PROCEDURE p (r IN t%ROWTYPE) IS BEGIN INSERT INTO o (x) VALUES (r.a); END;",
        "BEGIN FOR r IN unknown_cursor LOOP INSERT INTO o (x) VALUES (r.a); END LOOP; END;",
    ],
)
def test_a_record_of_unknown_rows_is_no_column_and_no_doubt(sql: str) -> None:
    answer = told(sql, "oracle")

    assert movements(answer) == ["O <-"]
    assert doubts(answer) == []


def test_a_cursor_over_a_variable_s_rows_is_no_doubt() -> None:
    answer = told(
        "DECLARE rows_of RESULTSET DEFAULT (SELECT a FROM t); c CURSOR FOR rows_of; BEGIN OPEN c; DELETE FROM o; END",
        "snowflake",
    )

    assert movements(answer) == ["<- T", "O <-"]
    assert doubts(answer) == []
