"""PIVOT and UNPIVOT: rows that become columns, and columns that become rows."""

# ruff: noqa: S608 - SQL text is what is tested; no database ever sees it

from __future__ import annotations

import pytest

from sql_answers import deciding, doubts, kinds, movements, names, pairs, told


def columns(sql: str, dialect: str, **schema: list[str]) -> set[str]:
    answer = told(f"CREATE TABLE o AS {sql}", dialect, schema)
    assert doubts(answer) == []
    return kinds(answer.merged)


@pytest.mark.parametrize(
    ("dialect", "sql", "made"),
    [
        ("bigquery", "SELECT * FROM (SELECT k, q, v FROM t) PIVOT (SUM(v) FOR q IN ('n', 's'))", ["n", "s"]),
        ("bigquery", "SELECT * FROM (SELECT k, q, v FROM t) PIVOT (SUM(v) AS total FOR q IN ('n', 's'))", ["total_n",
         "total_s"]),
        ("bigquery", "SELECT * FROM (SELECT k, q, v FROM t) PIVOT (SUM(v) FOR q IN ('n' AS north, 's' AS south))", [
         "north", "south"]),
        ("snowflake", "SELECT * FROM (SELECT k, q, v FROM t) PIVOT (SUM(v) FOR q IN ('n', 's')) AS p", ["'n'", "'s'"]),
        ("snowflake", "SELECT * FROM (SELECT k, q, v FROM t) PIVOT (SUM(v) FOR q IN ('n', 's')) AS p (k, north, south)",
         ["NORTH", "SOUTH"]),
        ("oracle", "SELECT * FROM (SELECT k, q, v FROM t) PIVOT (SUM(v) FOR q IN ('n' AS north, 's' AS south))", [
         "NORTH", "SOUTH"]),
        ("tsql", "SELECT * FROM (SELECT k, q, v FROM t) AS d PIVOT (SUM(v) FOR q IN ([n], [s])) AS p", ["n", "s"]),
        ("spark", "SELECT * FROM (SELECT k, q, v FROM t) PIVOT (SUM(v) FOR q IN ('n' AS north, 's'))", ["north", "s"]),
        ("databricks", "SELECT * FROM (SELECT k, q, v FROM t) PIVOT (SUM(v) AS total FOR q IN ('n', 's'))", ["n", "s"]),
        ("duckdb", "SELECT * FROM (SELECT k, q, v FROM t) PIVOT (SUM(v) FOR q IN ('n', 's'))", ["n", "s"]),
        ("redshift", "SELECT * FROM (SELECT k, q, v FROM t) PIVOT (SUM(v) FOR q IN ('n', 's'))", ["n", "s"]),
    ],
)  # fmt: skip
def test_each_value_of_the_turned_column_becomes_a_column(dialect: str, sql: str, made: list[str]) -> None:
    found = columns(sql, dialect)

    assert {edge.partition(" <- ")[0] for edge in found if "CONDITIONAL" in edge} == set(made)
    assert {edge.lower() for edge in found} == {"k <- k identity"} | {
        edge.lower() for name in made for edge in (f"{name} <- v AGGREGATION", f"{name} <- q CONDITIONAL")
    }


def test_each_aggregate_makes_its_own_columns() -> None:
    sql = "SELECT * FROM (SELECT q, v, w FROM t) PIVOT (SUM(v) AS s, MAX(w) AS m FOR q IN ('n' AS n, 'e' AS e))"

    found = columns(sql, "oracle")

    assert {edge for edge in found if "AGGREGATION" in edge} == {
        "N_S <- V AGGREGATION", "N_M <- W AGGREGATION", "E_S <- V AGGREGATION", "E_M <- W AGGREGATION",
    }  # fmt: skip


def test_a_pivots_columns_may_be_named_one_by_one() -> None:
    sql = "SELECT p.k AS key, p.[n] + 1 AS north FROM (SELECT k, q, v FROM t) AS d PIVOT (SUM(v) FOR q IN ([n])) AS p"

    assert columns(sql, "tsql") == {"key <- k IDENTITY", "north <- v AGGREGATION", "north <- q CONDITIONAL"}


def test_a_pivot_of_a_stored_table_keeps_its_other_columns() -> None:
    sql = "SELECT * FROM t PIVOT (SUM(v) FOR q IN ('n'))"

    assert columns(sql, "bigquery", t=["k", "j", "q", "v"]) == {
        "k <- k IDENTITY", "j <- j IDENTITY", "n <- v AGGREGATION", "n <- q CONDITIONAL",
    }  # fmt: skip


def test_a_pivot_of_a_table_whose_columns_are_not_known_lets_named_ones_through() -> None:
    sql = "SELECT k, n FROM t PIVOT (SUM(v) FOR q IN ('n'))"

    assert columns(sql, "bigquery") == {"k <- k IDENTITY", "n <- v AGGREGATION", "n <- q CONDITIONAL"}


def test_a_pivots_listed_names_count_from_the_end_where_the_kept_columns_are_not_known() -> None:
    sql = "SELECT p.north, p.south FROM t PIVOT (SUM(v) FOR q IN ('n', 's')) AS p (k, north, south)"

    assert columns(sql, "snowflake") == {
        "NORTH <- V AGGREGATION", "NORTH <- Q CONDITIONAL", "SOUTH <- V AGGREGATION", "SOUTH <- Q CONDITIONAL",
    }  # fmt: skip


def test_a_star_over_a_pivot_of_a_table_whose_columns_are_not_known_is_named() -> None:
    answer = told("INSERT INTO o SELECT * FROM t PIVOT (SUM(v) FOR q IN ('n'))", "bigquery")

    assert movements(answer) == ["o <- t"]
    assert "* of t" in [doubt.partition(":")[0] for doubt in doubts(answer)]


def test_a_count_in_a_pivot_masks_what_it_counts() -> None:
    found = columns("SELECT * FROM (SELECT q, v FROM t) PIVOT (COUNT(v) FOR q IN ('n'))", "bigquery")

    assert found == {"n <- v AGGREGATION masked", "n <- q CONDITIONAL"}


def test_what_stands_around_a_pivot_still_decides() -> None:
    sql = (
        "INSERT INTO o WITH c AS (SELECT k, q, v FROM t WHERE z > 1) "
        "SELECT p.k, p.n FROM c PIVOT (SUM(v) FOR q IN ('n')) AS p JOIN u ON u.k = p.k WHERE p.n > 5"
    )

    answer = told(sql, "bigquery").merged

    assert names(answer.inputs) == ["t", "u"]
    assert deciding(answer) >= {"t.z FILTER", "t.k JOIN", "u.k JOIN", "t.v FILTER"}


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("snowflake", "INSERT INTO o SELECT * FROM t PIVOT (SUM(v) FOR q IN (ANY))"),
        ("snowflake", "INSERT INTO o SELECT * FROM t PIVOT (SUM(v) FOR q IN (SELECT q FROM t))"),
        ("duckdb", "INSERT INTO o FROM (PIVOT t ON q USING SUM(v))"),
        ("duckdb", "CREATE TABLE o AS PIVOT t ON q USING SUM(v) GROUP BY k"),
    ],
)
def test_a_pivot_over_values_that_only_the_data_knows_is_named(dialect: str, sql: str) -> None:
    answer = told(sql, dialect, {"t": ["k", "q", "v"]})

    assert [line.lower() for line in movements(answer)] == ["o <- t"]
    assert {pair for pair in pairs(answer.merged) if not pair.lower().startswith("o.k")} == set()
    assert doubts(answer) != []


@pytest.mark.parametrize(
    ("dialect", "unpivot"),
    [
        ("tsql", "UNPIVOT (v FOR m IN (x, y)) AS u"),
        ("tsql", "UNPIVOT (v FOR m IN ([x], [y])) AS u"),
        ("snowflake", "UNPIVOT (v FOR m IN (x, y))"),
        ("snowflake", "UNPIVOT INCLUDE NULLS (v FOR m IN (x AS ex, y AS why))"),
        ("bigquery", "UNPIVOT (v FOR m IN (x, y))"),
        ("bigquery", "UNPIVOT INCLUDE NULLS (v FOR m IN (x AS 'first', y AS 'second'))"),
        ("oracle", "UNPIVOT (v FOR m IN (x AS 'X', y AS 'Y'))"),
        ("spark", "UNPIVOT (v FOR m IN (x, y))"),
        ("spark", "UNPIVOT EXCLUDE NULLS (v FOR m IN (x AS ex, y)) AS u"),
        ("duckdb", "UNPIVOT (v FOR m IN (x, y))"),
        ("redshift", "UNPIVOT (v FOR m IN (x, y))"),
    ],
)
@pytest.mark.parametrize("select", ["k, m, v", "*"])
def test_turned_columns_become_the_values_of_one(dialect: str, unpivot: str, select: str) -> None:
    found = columns(f"SELECT {select} FROM t {unpivot}", dialect, t=["k", "x", "y"])

    assert {edge.lower() for edge in found} == {"k <- k identity", "v <- x identity", "v <- y identity"}


def test_an_unpivot_of_a_table_whose_columns_are_not_known_keeps_what_it_says() -> None:
    assert columns("SELECT k, m, v FROM t UNPIVOT (v FOR m IN (x, y))", "bigquery") == {
        "k <- k IDENTITY", "v <- x IDENTITY", "v <- y IDENTITY",
    }  # fmt: skip


def test_columns_that_are_turned_together_stay_together() -> None:
    sql = "SELECT k, m, a, b FROM t UNPIVOT ((a, b) FOR m IN ((x1, y1), (x2, y2)))"

    assert columns(sql, "bigquery") == {
        "k <- k IDENTITY", "a <- x1 IDENTITY", "a <- x2 IDENTITY", "b <- y1 IDENTITY", "b <- y2 IDENTITY",
    }  # fmt: skip


def test_the_fields_of_an_unpivot_are_the_kept_ones_the_label_and_the_values() -> None:
    sql = "CREATE TABLE o AS SELECT * FROM t UNPIVOT (v FOR m IN (x, y))"

    (output,) = told(sql, "snowflake", {"t": ["k", "x", "y"]}).merged.outputs

    assert [field.name for field in output.fields] == ["K", "M", "V"]


def test_values_that_were_computed_below_an_unpivot_keep_their_sources() -> None:
    sql = "SELECT m, v FROM (SELECT SUM(p) AS x, MD5(q) AS y FROM t) AS d UNPIVOT (v FOR m IN (x, y)) AS u"

    assert columns(sql, "tsql") == {"v <- p AGGREGATION", "v <- q TRANSFORMATION masked"}


def test_one_pivot_may_follow_another() -> None:
    sql = (
        "SELECT * FROM (SELECT k, x, y FROM t) AS d UNPIVOT (v FOR m IN (x, y)) AS u "
        "PIVOT (MAX(v) FOR m IN ([x], [y])) AS p"
    )

    assert {edge for edge in columns(sql, "tsql") if "CONDITIONAL" not in edge} == {
        "k <- k IDENTITY", "x <- x AGGREGATION", "x <- y AGGREGATION", "y <- x AGGREGATION", "y <- y AGGREGATION",
    }  # fmt: skip
