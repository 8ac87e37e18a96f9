"""Teradata's phrases behind a value, which look like calls of a function and are none."""

# ruff: noqa: S608 - SQL text is what is tested; no database ever sees it

from __future__ import annotations

import pytest

from sql_answers import doubts, kinds, pairs, told


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a (INTEGER) AS x", {"x <- a TRANSFORMATION"}),
        ("t.a(DECIMAL(9, 2)) AS x", {"x <- a TRANSFORMATION"}),
        ("a (DATE, FORMAT 'YYYY-MM-DD') (CHAR(8)) AS x", {"x <- a TRANSFORMATION"}),
        ("(a + b) (BIGINT) AS x", {"x <- a TRANSFORMATION", "x <- b TRANSFORMATION"}),
        ("SUM(a) (DECIMAL(18, 2)) AS x", {"x <- a AGGREGATION"}),
        ("COALESCE(a, 0) (SMALLINT, NAMED x)", {"x <- a TRANSFORMATION"}),
        ("a (TITLE 'An a', NOT CASESPECIFIC) AS x", {"x <- a IDENTITY"}),
        ("a (NAMED x)", {"x <- a IDENTITY"}),
        ("'2020-01-01' (DATE) AS y, a AS x", {"x <- a IDENTITY"}),
        ("TO_CHAR(DATE) AS y, TRIM(a) AS x", {"x <- a TRANSFORMATION"}),
    ],
)
def test_a_phrase_is_a_cast_a_name_or_nothing(value: str, expected: set[str]) -> None:
    answer = told(f"CREATE TABLE o AS (SELECT {value} FROM t) WITH DATA", "teradata")

    assert kinds(answer.merged) == expected
    assert doubts(answer) == []


def test_the_columns_of_a_target_are_no_phrase() -> None:
    answer = told("INSERT INTO o (DATE) SELECT d (DATE) FROM t", "teradata")

    assert {pair.lower() for pair in pairs(answer.merged)} == {"o.date <- t.d"}
