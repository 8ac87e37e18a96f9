"""Which source columns an output column comes from, and as what."""

# ruff: noqa: S608 - SQL text is what is tested; no database ever sees it

from __future__ import annotations

import pytest

from riverhead_emitter.naming import Database
from riverhead_sql import lineage_of

DUCKDB = Database("db", "duckdb")


def column_edges(select: str, dialect: str = "duckdb", **schema: list[str]) -> set[str]:
    lineage = lineage_of(f"CREATE TABLE o AS {select}", default=Database("db", dialect), schema=schema).merged
    return {
        f"{edge.output.name} <- {edge.source.dataset.name}.{edge.source.name} {edge.how.value}"
        + (" masked" if edge.is_masking else "")
        for edge in lineage.columns
    }


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("SELECT a FROM t", {"a <- t.a IDENTITY"}),
        ("SELECT a AS b FROM t", {"b <- t.a IDENTITY"}),
        ("SELECT (a) AS b FROM t", {"b <- t.a IDENTITY"}),
        ("SELECT CAST(a AS INT) AS a FROM t", {"a <- t.a TRANSFORMATION"}),
        ("SELECT a + b * 2 AS c FROM t", {"c <- t.a TRANSFORMATION", "c <- t.b TRANSFORMATION"}),
        ("SELECT COALESCE(a, b) AS c FROM t", {"c <- t.a TRANSFORMATION", "c <- t.b TRANSFORMATION"}),
        ("SELECT SUM(a) AS s FROM t", {"s <- t.a AGGREGATION"}),
        ("SELECT ROUND(SUM(a * b), 2) AS s FROM t", {"s <- t.a AGGREGATION", "s <- t.b AGGREGATION"}),
        ("SELECT 1 AS one, 'x' AS x, now() AS n FROM t", set()),
        ("SELECT COUNT(*) AS n FROM t", set()),
    ],
)
def test_a_projection_says_how_it_uses_its_columns(select: str, expected: set[str]) -> None:
    assert column_edges(select) == expected


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        (
            "SELECT CASE WHEN a > 1 THEN b ELSE c END AS x FROM t",
            {"x <- t.a CONDITIONAL", "x <- t.b TRANSFORMATION", "x <- t.c TRANSFORMATION"},
        ),
        ("SELECT CASE a WHEN 1 THEN b END AS x FROM t", {"x <- t.a CONDITIONAL", "x <- t.b TRANSFORMATION"}),
        ("SELECT IF(a, b, 0) AS x FROM t", {"x <- t.a CONDITIONAL", "x <- t.b TRANSFORMATION"}),
        ("SELECT NULLIF(a, b) AS x FROM t", {"x <- t.a TRANSFORMATION", "x <- t.b CONDITIONAL"}),
        (
            "SELECT SUM(CASE WHEN a = 1 THEN b END) AS x FROM t",
            {"x <- t.a CONDITIONAL", "x <- t.b AGGREGATION"},
        ),
        ("SELECT SUM(a) FILTER (WHERE b = 1) AS x FROM t", {"x <- t.a AGGREGATION", "x <- t.b CONDITIONAL"}),
        ("SELECT CASE WHEN a > 1 THEN a END AS x FROM t", {"x <- t.a CONDITIONAL", "x <- t.a TRANSFORMATION"}),
    ],
)
def test_a_column_that_chooses_a_value_is_conditional(select: str, expected: set[str]) -> None:
    assert column_edges(select) == expected


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        (
            "SELECT ROW_NUMBER() OVER (PARTITION BY a ORDER BY b) AS n FROM t",
            {"n <- t.a WINDOW", "n <- t.b WINDOW"},
        ),
        ("SELECT LAG(a) OVER (ORDER BY b) AS p FROM t", {"p <- t.a TRANSFORMATION", "p <- t.b WINDOW"}),
        ("SELECT SUM(a) OVER (PARTITION BY b) AS s FROM t", {"s <- t.a AGGREGATION", "s <- t.b WINDOW"}),
        (
            "SELECT SUM(a) OVER w AS s FROM t WINDOW w AS (PARTITION BY b ORDER BY c)",
            {"s <- t.a AGGREGATION", "s <- t.b WINDOW", "s <- t.c WINDOW"},
        ),
        ("SELECT ARRAY_AGG(a ORDER BY b) AS l FROM t", {"l <- t.a AGGREGATION", "l <- t.b WINDOW"}),
        ("SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY a) AS m FROM t", {"m <- t.a AGGREGATION"}),
    ],
)
def test_a_column_that_places_a_row_in_its_window_is_a_window_source(select: str, expected: set[str]) -> None:
    assert column_edges(select) == expected


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("WITH c AS (SELECT SUM(a) AS s FROM t) SELECT s + 1 AS x FROM c", {"x <- t.a AGGREGATION"}),
        ("WITH c AS (SELECT a + 1 AS b FROM t) SELECT b FROM c", {"b <- t.a TRANSFORMATION"}),
        ("WITH c(x, y) AS (SELECT a, b FROM t) SELECT y FROM c", {"y <- t.b IDENTITY"}),
        ("SELECT q.b FROM (SELECT a AS b, z FROM t) AS q", {"b <- t.a IDENTITY"}),
        ("WITH t AS (SELECT a FROM raw.t) SELECT a FROM t", {"a <- raw.t.a IDENTITY"}),
        ("WITH RECURSIVE r(n) AS (SELECT a FROM t UNION ALL SELECT n + 1 FROM r) SELECT n FROM r",
         {"n <- t.a TRANSFORMATION"}),
        ("SELECT a FROM t UNION ALL SELECT b FROM u", {"a <- t.a IDENTITY", "a <- u.b IDENTITY"}),
        ("SELECT a, b FROM t UNION BY NAME SELECT b, a FROM u",
         {"a <- t.a IDENTITY", "b <- t.b IDENTITY", "a <- u.a IDENTITY", "b <- u.b IDENTITY"}),
        ("SELECT a FROM t EXCEPT SELECT b FROM u", {"a <- t.a IDENTITY"}),
        ("SELECT (SELECT MAX(b) FROM u WHERE u.i = t.i) AS m FROM t", {"m <- u.b AGGREGATION"}),
        ("SELECT l.x FROM t CROSS JOIN LATERAL (SELECT b AS x FROM u WHERE u.i = t.i) AS l", {"x <- u.b IDENTITY"}),
        ("SELECT e.x FROM t CROSS JOIN UNNEST(t.list) AS e(x)", {"x <- t.list TRANSFORMATION"}),
        ("SELECT v.x FROM (VALUES (1, 2)) AS v(x, y)", set()),
        ("SELECT a AS b, b + 1 AS c FROM t", {"b <- t.a IDENTITY", "c <- t.a TRANSFORMATION"}),
    ],
)  # fmt: skip
def test_columns_are_followed_through_every_kind_of_inner_query(select: str, expected: set[str]) -> None:
    assert column_edges(select) == expected


def test_an_alias_is_no_column_of_its_own_query_in_a_dialect_that_does_not_read_it() -> None:
    assert column_edges("SELECT a AS b, b + 1 AS c FROM t", "postgres") == {
        "b <- t.a IDENTITY",
        "c <- t.b TRANSFORMATION",
    }


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("SELECT MD5(a) AS h FROM t", {"h <- t.a TRANSFORMATION masked"}),
        ("SELECT redact(a) AS h FROM t", {"h <- t.a TRANSFORMATION masked"}),
        ("SELECT COUNT(DISTINCT a) AS n FROM t", {"n <- t.a AGGREGATION masked"}),
        ("WITH c AS (SELECT SHA256(a) AS h FROM t) SELECT h || 'x' AS k FROM c", {"k <- t.a TRANSFORMATION masked"}),
        ("SELECT MD5(a) || a AS leak FROM t", {"leak <- t.a TRANSFORMATION"}),
        ("SELECT MD5(a) || b AS x FROM t", {"x <- t.a TRANSFORMATION masked", "x <- t.b TRANSFORMATION"}),
    ],
)
def test_masking_holds_only_where_every_way_to_the_output_masks(select: str, expected: set[str]) -> None:
    assert column_edges(select) == expected


def test_a_star_is_the_columns_of_a_known_table() -> None:
    assert column_edges("SELECT * FROM t JOIN u USING (id)", t=["id", "a"], u=["id", "b"]) == {
        "id <- t.id IDENTITY",
        "a <- t.a IDENTITY",
        "b <- u.b IDENTITY",
    }


def test_a_star_leaves_out_replaces_and_renames_what_it_says() -> None:
    select = "SELECT * EXCLUDE (ssn) REPLACE (amount / 100 AS amount) RENAME (id AS key) FROM t"

    assert column_edges(select, t=["id", "ssn", "amount"]) == {
        "key <- t.id IDENTITY",
        "amount <- t.amount TRANSFORMATION",
    }


def test_a_star_over_an_unknown_table_lets_named_columns_through() -> None:
    select = "WITH s AS (SELECT * FROM raw.t), r AS (SELECT id AS key, amount FROM s) SELECT * FROM r"

    assert column_edges(select) == {"key <- raw.t.id IDENTITY", "amount <- raw.t.amount IDENTITY"}


def test_a_star_over_an_unknown_table_is_named_and_never_guessed() -> None:
    lineage = lineage_of("CREATE TABLE o AS SELECT * FROM t", default=DUCKDB).merged

    assert lineage.columns == ()
    assert [reason.what for reason in lineage.unresolved] == ["* of t"]


def test_a_column_that_two_unknown_tables_may_have_is_named_and_never_guessed() -> None:
    lineage = lineage_of("CREATE TABLE o AS SELECT x, t.y FROM t JOIN u ON t.i = u.i", default=DUCKDB).merged

    assert [(edge.output.name, edge.source.dataset.name) for edge in lineage.columns] == [("y", "t")]
    assert [reason.what for reason in lineage.unresolved] == ["column x"]


def test_a_schema_decides_whose_column_it_is() -> None:
    assert column_edges("SELECT x, y FROM t JOIN u ON i = j", t=["i", "x"], u=["j", "y"]) == {
        "x <- t.x IDENTITY",
        "y <- u.y IDENTITY",
    }


def test_the_columns_of_one_known_table_leave_the_rest_to_the_only_unknown_one() -> None:
    assert column_edges("SELECT x, y FROM t JOIN u ON i = j", t=["i", "x"]) == {
        "x <- t.x IDENTITY",
        "y <- u.y IDENTITY",
    }


@pytest.mark.parametrize(
    ("join", "expected"),
    [
        ("JOIN", {"id <- t.id IDENTITY"}),
        ("RIGHT JOIN", {"id <- u.id IDENTITY"}),
        ("FULL JOIN", {"id <- t.id TRANSFORMATION", "id <- u.id TRANSFORMATION"}),
    ],
)
def test_a_merged_join_key_comes_from_the_side_whose_rows_all_stay(join: str, expected: set[str]) -> None:
    assert column_edges(f"SELECT id FROM t {join} u USING (id)") == expected


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        ("postgres", {"Big <- t.Big IDENTITY", "small <- t.small IDENTITY"}),
        ("snowflake", {"Big <- T.Big IDENTITY", "SMALL <- T.SMALL IDENTITY"}),
        ("duckdb", {"big <- t.big IDENTITY", "small <- t.small IDENTITY"}),
    ],
)
def test_names_are_folded_as_the_dialect_stores_them(dialect: str, expected: set[str]) -> None:
    assert column_edges('SELECT "Big", Small FROM T', dialect) == expected


def test_the_expression_of_an_edge_is_the_text_that_computed_it() -> None:
    sql = "CREATE TABLE o AS WITH c AS (SELECT SUM(a) AS s FROM t) SELECT s AS total FROM c"

    (edge,) = lineage_of(sql, default=DUCKDB).merged.columns

    assert edge.expression == "SUM(a)"


def test_the_text_of_an_expression_is_bounded() -> None:
    lineage = lineage_of(f"CREATE TABLE o AS SELECT CONCAT(a, '{'x' * 5000}') AS c FROM t", default=DUCKDB).merged

    assert len(lineage.columns[0].expression) <= 300


def test_an_output_field_has_its_type_where_the_query_casts() -> None:
    lineage = lineage_of("CREATE TABLE o AS SELECT CAST(a AS DOUBLE) AS a, b FROM t", default=DUCKDB).merged

    assert [(field.name, field.type) for field in lineage.outputs[0].fields] == [("a", "DOUBLE"), ("b", "")]
