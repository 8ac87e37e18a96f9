"""Which column a name means: quoted, folded, counted, starred, merged, unpacked, and in every kind of scope."""

# ruff: noqa: S608 - SQL text is what is tested; no database ever sees it

from __future__ import annotations

import pytest

from sql_answers import deciding, doubts, kinds, movements, names, pairs, told


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        ("snowflake", 'INSERT INTO "Low"."o" ("a b") SELECT "x y" FROM "T t"', {"Low.o.a b <- T t.x y"}),
        ("snowflake", 'INSERT INTO o SELECT "a", A FROM t', {"O.a <- T.a", "O.A <- T.A"}),
        ("postgres", 'INSERT INTO O SELECT A, "A" AS "B", "a" AS c FROM T', {"o.a <- t.a", "o.B <- t.A", "o.c <- t.a"}),
        ("postgres", 'INSERT INTO "O" SELECT u."X" FROM "T" AS U', {"O.X <- T.X"}),
        ("oracle", 'INSERT INTO o SELECT a, "a" AS "Low" FROM t', {"O.A <- T.A", "O.Low <- T.a"}),
        ("bigquery", "INSERT INTO D.O SELECT Id FROM `p-1.D.T`", {"D.O.id <- p-1.D.T.id"}),
        ("bigquery", "INSERT INTO d.o SELECT a FROM `p-1`.`d`.`t`", {"d.o.a <- p-1.d.t.a"}),
        ("mysql", "INSERT INTO `O` SELECT `order`.`a b` FROM `T t` AS `order`", {"O.a b <- T t.a b"}),
        ("tsql", "INSERT INTO [dbo].[O o] ([a b]) SELECT [x].[Unit Price] FROM [Order Details] AS [x]",
         {"dbo.o o.a b <- order details.unit price"}),
        ("tsql", "INSERT INTO o SELECT t.a FROM srv.d.dbo.t AS t", {"o.a <- srv.d.dbo.t.a"}),
        ("tsql", "INSERT INTO o SELECT t.a FROM d..t AS t", {"o.a <- d.t.a"}),
        ("spark", "INSERT INTO o SELECT `a b` FROM `d`.`t t`", {"o.a b <- d.t t.a b"}),
        ("duckdb", 'INSERT INTO "a.b" SELECT "x.y" FROM "c.d"', {"a.b.x.y <- c.d.x.y"}),
    ],
)  # fmt: skip
def test_a_quoted_name_is_itself_and_another_is_folded_as_its_dialect_folds_it(
    dialect: str, sql: str, expected: set[str]
) -> None:
    answer = told(sql, dialect)

    assert pairs(answer.merged) == expected
    assert doubts(answer) == []


@pytest.mark.parametrize("dialect", ["duckdb", "bigquery", "tsql", "mysql", "spark", "trino"])
def test_a_schema_that_writes_a_name_in_another_case_still_knows_it(dialect: str) -> None:
    answer = told("INSERT INTO o SELECT ID, v.AMOUNT FROM t JOIN u AS v ON t.id = v.Id2", dialect, {
        "t": ["Id", "Name"], "u": ["Id2", "Amount"],
    })  # fmt: skip

    assert {pair.lower() for pair in pairs(answer.merged)} == {"o.id <- t.id", "o.amount <- u.amount"}
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("dialect", "schema"),
    [("snowflake", {"t": ["id", "b"]}), ("snowflake", {"T": ["ID", "B"]}), ("oracle", {"t": ["id", "b"]}),
     ("postgres", {"T": ["id", "b"]})],
)  # fmt: skip
def test_a_schemas_table_is_named_as_one_would_write_it(dialect: str, schema: dict[str, list[str]]) -> None:
    answer = told("INSERT INTO o SELECT * FROM t", dialect, schema)

    assert {pair.lower() for pair in pairs(answer.merged)} == {"o.id <- t.id", "o.b <- t.b"}
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        ("postgres", "INSERT INTO o SELECT p, q, r FROM t", {"o.a <- t.p", "o.b <- t.q", "o.c <- t.r"}),
        ("postgres", "INSERT INTO o SELECT p, q FROM t", {"o.a <- t.p", "o.b <- t.q"}),
        ("postgres", "INSERT INTO o SELECT 1, q AS a, p AS b FROM t", {"o.b <- t.q", "o.c <- t.p"}),
        ("postgres", "INSERT INTO o (c, a) SELECT p, q FROM t", {"o.c <- t.p", "o.a <- t.q"}),
        ("postgres", "INSERT INTO o SELECT * FROM t", {"o.a <- t.p", "o.b <- t.q", "o.c <- t.r"}),
        ("postgres", "INSERT INTO o SELECT p, p, p FROM t UNION ALL SELECT q, q, r FROM t",
         {"o.a <- t.p", "o.b <- t.p", "o.c <- t.p", "o.a <- t.q", "o.b <- t.q", "o.c <- t.r"}),
        ("postgres", "WITH w AS (SELECT r, q FROM t) INSERT INTO o SELECT * FROM w", {"o.a <- t.r", "o.b <- t.q"}),
        ("spark", "INSERT OVERWRITE o SELECT p, q, r FROM t", {"o.a <- t.p", "o.b <- t.q", "o.c <- t.r"}),
        ("spark", "INSERT INTO o PARTITION (c = '2026') SELECT p, q FROM t", {"o.a <- t.p", "o.b <- t.q"}),
        ("hive", "INSERT OVERWRITE TABLE o PARTITION (c) SELECT p, q, r FROM t", {"o.a <- t.p", "o.b <- t.q",
         "o.c <- t.r"}),
        ("mysql", "INSERT INTO o SET b = (SELECT MAX(q) FROM t), a = 1", {"o.b <- t.q"}),
        ("databricks", "INSERT INTO o BY NAME SELECT q AS c, p AS a FROM t", {"o.c <- t.q", "o.a <- t.p"}),
        ("oracle", "INSERT INTO o SELECT p, q, r FROM t", {"O.a <- T.p", "O.b <- T.q", "O.c <- T.r"}),
    ],
)  # fmt: skip
def test_an_insert_without_columns_fills_them_in_their_order(dialect: str, sql: str, expected: set[str]) -> None:
    answer = told(sql, dialect, {"o": ["a", "b", "c"], "t": ["p", "q", "r"]})

    assert {pair.lower() for pair in pairs(answer.merged)} == {pair.lower() for pair in expected}
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("dialect", "select", "expected"),
    [
        ("bigquery", "t.s.f AS x FROM t", {"x <- s.f IDENTITY"}),
        ("bigquery", "s.f.g AS x FROM t", {"x <- s.f.g IDENTITY"}),
        ("bigquery", "s.f + 1 AS x FROM t", {"x <- s.f TRANSFORMATION"}),
        ("bigquery", "w.f AS x FROM (SELECT STRUCT(a AS f, b AS g) AS w FROM t)", {"x <- a IDENTITY"}),
        ("bigquery", "w.s.f AS x FROM (SELECT s FROM t) AS w", {"x <- s.f IDENTITY"}),
        ("spark", "s.f AS x FROM t", {"x <- s.f IDENTITY"}),
        ("databricks", "data:items.id::INT AS x FROM t", {"x <- data TRANSFORMATION"}),
        ("trino", "t.s.f AS x FROM t", {"x <- s.f IDENTITY"}),
        ("duckdb", "t.s.f AS x FROM t", {"x <- s.f IDENTITY"}),
        ("postgres", "data -> 'k' ->> 'l' AS x FROM t", {"x <- data TRANSFORMATION"}),
        ("snowflake", "t.data:k.l AS x FROM t", {"X <- DATA TRANSFORMATION"}),
        ("snowflake", "data['k'] AS x FROM t", {"X <- DATA TRANSFORMATION"}),
        ("mysql", "data ->> '$.k' AS x FROM t", {"x <- data TRANSFORMATION"}),
        ("spark", "m['k'] AS x, l[0] AS y FROM t", {"x <- m TRANSFORMATION", "y <- l TRANSFORMATION"}),
    ],
)
def test_a_path_into_a_structure_is_its_field_and_into_a_text_its_column(
    dialect: str, select: str, expected: set[str]
) -> None:
    answer = told(f"CREATE TABLE o AS SELECT {select}", dialect)

    assert kinds(answer.merged) == expected
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("t.$2 AS x FROM t", {"O.X <- T.b"}),
        ("$1 AS x FROM t", {"O.X <- T.a"}),
        ("v.$2 AS x FROM (SELECT b, a FROM t) AS v", {"O.X <- T.a"}),
        ("$2 AS x FROM VALUES (1, 2)", set()),
    ],
)
def test_a_number_means_the_column_in_its_place(select: str, expected: set[str]) -> None:
    answer = told(f"INSERT INTO o SELECT {select}", "snowflake", {"t": ["a", "b"]})

    assert {pair.lower() for pair in pairs(answer.merged)} == {pair.lower() for pair in expected}
    assert doubts(answer) == []


def test_a_number_of_a_column_that_is_not_known_is_named() -> None:
    answer = told("INSERT INTO o SELECT $2 AS x FROM t", "snowflake")

    assert pairs(answer.merged) == set()
    assert [doubt.partition(":")[0] for doubt in doubts(answer)] == ["column $2"]


@pytest.mark.parametrize(
    ("dialect", "select", "expected"),
    [
        ("bigquery", "* EXCEPT (b) FROM t", {"a <- t.a", "c <- t.c"}),
        ("bigquery", "* REPLACE (a + c AS b) FROM t", {"a <- t.a", "b <- t.a", "b <- t.c", "c <- t.c"}),
        ("bigquery", "t.* EXCEPT (a, c), u.d FROM t, u", {"b <- t.b", "d <- u.d"}),
        ("databricks", "* EXCEPT (a) FROM t", {"b <- t.b", "c <- t.c"}),
        ("snowflake", "* EXCLUDE b FROM t", {"a <- t.a", "c <- t.c"}),
        ("snowflake", "* EXCLUDE (a, b) RENAME (c AS z) FROM t", {"z <- t.c"}),
        ("snowflake", "* REPLACE (UPPER(a) AS a) FROM t", {"a <- t.a", "b <- t.b", "c <- t.c"}),
        ("snowflake", "t.* RENAME a AS z FROM t JOIN u ON a = d", {"z <- t.a", "b <- t.b", "c <- t.c"}),
        ("clickhouse", "* EXCEPT (a) FROM t", {"b <- t.b", "c <- t.c"}),
        ("clickhouse", "* EXCEPT a FROM t", {"b <- t.b", "c <- t.c"}),
        ("duckdb", "* EXCLUDE (a), a AS last FROM t", {"b <- t.b", "c <- t.c", "last <- t.a"}),
        ("duckdb", "u.*, t.* EXCLUDE (b) FROM t, u", {"d <- u.d", "e <- u.e", "a <- t.a", "c <- t.c"}),
        ("postgres", "* FROM t, u", {"a <- t.a", "b <- t.b", "c <- t.c", "d <- u.d", "e <- u.e"}),
        ("postgres", "v.* FROM t AS v", {"a <- t.a", "b <- t.b", "c <- t.c"}),
        ("postgres", "v.* FROM t AS v (x, y, z)", {"x <- t.a", "y <- t.b", "z <- t.c"}),
        ("postgres", "s.t.* FROM s.t", {"k <- s.t.k"}),
        ("postgres", "v.* FROM (SELECT a AS x, d FROM t, u) AS v", {"x <- t.a", "d <- u.d"}),
        ("oracle", "t.*, d FROM t, u", {"a <- t.a", "b <- t.b", "c <- t.c", "d <- u.d"}),
    ],
)
def test_a_star_is_the_columns_that_it_leaves_in(dialect: str, select: str, expected: set[str]) -> None:
    answer = told(f"CREATE TABLE o AS SELECT {select}", dialect, {"t": ["a", "b", "c"], "u": ["d", "e"], "s.t": ["k"]})

    assert {pair.lower().removeprefix("o.") for pair in pairs(answer.merged)} == expected
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("spark", "INSERT INTO o TABLE t"),
        ("spark", "INSERT OVERWRITE TABLE o TABLE t"),
        ("postgres", "INSERT INTO o TABLE t"),
        ("postgres", "CREATE TABLE o AS TABLE t"),
        ("mysql", "CREATE TABLE o AS TABLE t"),
        ("duckdb", "INSERT INTO o FROM t"),
        ("teradata", "CREATE TABLE o AS t WITH DATA"),
        ("teradata", "LOCKING ROW FOR ACCESS INSERT INTO o SELECT * FROM t"),
        ("teradata", "CREATE VIEW o AS LOCKING ROW FOR ACCESS SELECT * FROM t"),
        ("databricks", "INSERT INTO o SELECT * FROM STREAM(t)"),
        ("databricks", "INSERT INTO o SELECT * FROM STREAM t"),
        ("tsql", "INSERT INTO o SELECT * FROM t WITH (NOLOCK)"),
        ("clickhouse", "INSERT INTO o SELECT * FROM t FINAL"),
        ("oracle", "INSERT INTO o SELECT * FROM t PARTITION (p1)"),
        ("snowflake", "INSERT INTO o SELECT * FROM t AT (OFFSET => -60)"),
        ("bigquery", "INSERT INTO o SELECT * FROM t FOR SYSTEM_TIME AS OF TIMESTAMP '2026-01-01'"),
        ("postgres", "INSERT INTO o SELECT * FROM t TABLESAMPLE SYSTEM (10)"),
    ],
)
def test_a_whole_table_is_read_in_every_way_that_a_dialect_says_it(dialect: str, sql: str) -> None:
    answer = told(sql, dialect, {"t": ["a", "b"]})

    assert [line.lower() for line in movements(answer)] == ["o <- t"]
    assert {pair.lower() for pair in pairs(answer.merged)} == {"o.a <- t.a", "o.b <- t.b"}
    assert doubts(answer) == []


def test_columns_that_a_pattern_chooses_are_named() -> None:
    answer = told("CREATE TABLE o AS SELECT COLUMNS('a|c') FROM t", "duckdb", {"t": ["a", "b", "c"]})

    assert movements(answer) == ["o <- t"]
    assert [doubt.partition(":")[0] for doubt in doubts(answer)] == ["COLUMNS('a|c')"]


@pytest.mark.parametrize(
    ("sql", "read", "expected"),
    [
        ("WITH t AS (SELECT a FROM t) INSERT INTO o SELECT a FROM t", ["t"], {"o.a <- t.a"}),
        ("WITH t AS (SELECT b AS a FROM s.t) INSERT INTO o SELECT a FROM t", ["s.t"], {"o.a <- s.t.b"}),
        ("WITH t AS (SELECT b AS a FROM u) INSERT INTO o SELECT a FROM s.t", ["s.t"], {"o.a <- s.t.a"}),
        ("WITH t AS (SELECT b AS a FROM u) INSERT INTO o SELECT x.a FROM t AS x JOIN s.t AS y ON x.a = y.k", ["u",
         "s.t"],
         {"o.a <- u.b"}),
        ("WITH c AS (SELECT a FROM t), t AS (SELECT b AS a FROM u) INSERT INTO o SELECT c.a, t.a AS b FROM c, t", ["t",
         "u"],
         {"o.a <- t.a", "o.b <- u.b"}),
        (("WITH c AS (SELECT a FROM t) INSERT INTO o SELECT x FROM (WITH c AS (SELECT b AS x FROM u) SELECT x FROM c) "
         "AS q"), ["u"],
         {"o.x <- u.b"}),
        ("WITH o AS (SELECT a FROM t) INSERT INTO o SELECT a FROM o", ["t"], {"o.a <- t.a"}),
        ("WITH c (x, y) AS (SELECT a, b FROM t) INSERT INTO o SELECT y, x FROM c", ["t"], {"o.y <- t.b", "o.x <- t.a"}),
        ("WITH a AS (SELECT x FROM t), b AS (SELECT x FROM a), c AS (SELECT x FROM b) INSERT INTO o SELECT x FROM c", [
         "t"],
         {"o.x <- t.x"}),
    ],
)  # fmt: skip
def test_a_cte_hides_the_table_of_its_name_only_where_it_is_seen(sql: str, read: list[str], expected: set[str]) -> None:
    answer = told(sql)

    assert sorted(names(answer.merged.inputs)) == sorted(read)
    assert pairs(answer.merged) == expected
    assert doubts(answer) == []


KEYED = {"t": ["i", "a"], "u": ["i", "b"], "v": ["i", "c"]}


@pytest.mark.parametrize(
    ("sql", "expected", "joins"),
    [
        ("SELECT i, a, b FROM t NATURAL JOIN u", {"i <- t.i", "a <- t.a", "b <- u.b"}, {"t.i", "u.i"}),
        ("SELECT * FROM t NATURAL JOIN u", {"i <- t.i", "a <- t.a", "b <- u.b"}, {"t.i", "u.i"}),
        ("SELECT * FROM t NATURAL LEFT JOIN u", {"i <- t.i", "a <- t.a", "b <- u.b"}, {"t.i", "u.i"}),
        ("SELECT * FROM t JOIN u USING (i) JOIN v USING (i)", {"i <- t.i", "a <- t.a", "b <- u.b", "c <- v.c"},
         {"t.i", "u.i", "v.i"}),
        ("SELECT i, c FROM t JOIN u USING (i) LEFT JOIN v USING (i)", {"i <- t.i", "c <- v.c"}, {"t.i", "u.i", "v.i"}),
        ("SELECT i FROM t RIGHT JOIN u USING (i)", {"i <- u.i"}, {"t.i", "u.i"}),
        ("SELECT i FROM t FULL JOIN u USING (i)", {"i <- t.i", "i <- u.i"}, {"t.i", "u.i"}),
        ("SELECT t.i, u.i AS j FROM t JOIN u USING (i)", {"i <- t.i", "j <- u.i"}, {"t.i", "u.i"}),
        ("SELECT u.* FROM t JOIN u USING (i)", {"i <- u.i", "b <- u.b"}, {"t.i", "u.i"}),
    ],
)  # fmt: skip
def test_columns_that_a_join_merges_are_one(sql: str, expected: set[str], joins: set[str]) -> None:
    answer = told(f"CREATE TABLE o AS {sql}", schema=KEYED)

    assert {pair.removeprefix("o.") for pair in pairs(answer.merged)} == expected
    assert deciding(answer.merged) == {f"{column} JOIN" for column in joins}
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("dialect", "select", "schema", "expected"),
    [
        ("snowflake", "a + 1 AS b, b * 2 AS c FROM t", {}, {"B <- A TRANSFORMATION", "C <- A TRANSFORMATION"}),
        ("redshift", "a + 1 AS b, b * 2 AS c, c || 'x' AS d FROM t", {},
         {"b <- a TRANSFORMATION", "c <- a TRANSFORMATION", "d <- a TRANSFORMATION"}),
        ("databricks", "SUM(a) AS s, s / 2 AS h FROM t", {}, {"s <- a AGGREGATION", "h <- a AGGREGATION"}),
        ("databricks", "a + 1 AS b, b * 2 AS c FROM t", {"t": ["a", "b"]}, {"b <- a TRANSFORMATION",
         "c <- b TRANSFORMATION"}),
        ("redshift", "a + 1 AS b, b * 2 AS c FROM t", {"t": ["a", "b"]}, {"b <- a TRANSFORMATION",
         "c <- b TRANSFORMATION"}),
        ("teradata", "a + 1 AS b, b * 2 AS c FROM t", {}, {"b <- a TRANSFORMATION", "c <- a TRANSFORMATION"}),
        ("clickhouse", "a + 1 AS b, b * 2 AS c FROM t", {}, {"b <- a TRANSFORMATION", "c <- a TRANSFORMATION"}),
        ("bigquery", "a + 1 AS b, b * 2 AS c FROM t", {}, {"b <- a TRANSFORMATION", "c <- b TRANSFORMATION"}),
        ("tsql", "a + 1 AS b, b * 2 AS c FROM t", {}, {"b <- a TRANSFORMATION", "c <- b TRANSFORMATION"}),
        ("snowflake", "t.a + 1 AS b, t.b * 2 AS c FROM t", {}, {"B <- A TRANSFORMATION", "C <- B TRANSFORMATION"}),
    ],
)  # fmt: skip
def test_an_alias_is_a_column_of_its_own_query_only_where_the_dialect_reads_it(
    dialect: str, select: str, schema: dict[str, list[str]], expected: set[str]
) -> None:
    found = kinds(told(f"CREATE TABLE o AS SELECT {select}", dialect, schema).merged)

    assert {edge.lower() for edge in found} == {edge.lower() for edge in expected}


@pytest.mark.parametrize(
    ("dialect", "select", "columns", "expected"),
    [
        ("snowflake", "a + 1 AS b FROM t WHERE b > 2", ["a"], {"T.A FILTER"}),
        ("snowflake", "a + 1 AS b FROM t WHERE b > 2", ["a", "b"], {"T.B FILTER"}),
        ("mysql", "a + 1 AS b FROM t HAVING b > 2", ["a"], {"t.a FILTER"}),
        ("postgres", "a + 1 AS b FROM t WHERE b > 2", ["a", "b"], {"t.b FILTER"}),
        ("postgres", "a + 1 AS b, COUNT(*) FROM t GROUP BY b", ["a", "b"], {"t.b GROUP_BY"}),
        ("postgres", "a + 1 AS b, COUNT(*) FROM t GROUP BY b", ["a"], {"t.a GROUP_BY"}),
        ("postgres", "a + 1 AS b FROM t ORDER BY b", ["a", "b"], {"t.a SORT"}),
    ],
)
def test_a_clause_reads_an_alias_only_where_the_dialect_does(
    dialect: str, select: str, columns: list[str], expected: set[str]
) -> None:
    assert deciding(told(f"CREATE TABLE o AS SELECT {select}", dialect, {"t": columns}).merged) == expected


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        ("postgres", "SELECT a, b FROM t UNION SELECT c, d FROM u", {"a <- t.a", "a <- u.c", "b <- t.b", "b <- u.d"}),
        ("postgres", "SELECT a AS x FROM t UNION ALL SELECT b AS y FROM u UNION ALL SELECT c FROM v",
         {"x <- t.a", "x <- u.b", "x <- v.c"}),
        ("postgres", "(SELECT a FROM t ORDER BY b LIMIT 1) UNION ALL (SELECT c FROM u)", {"a <- t.a", "a <- u.c"}),
        ("postgres", "SELECT a FROM t INTERSECT SELECT b FROM u", {"a <- t.a"}),
        ("oracle", "SELECT a FROM t MINUS SELECT b FROM u", {"a <- t.a"}),
        ("postgres", "SELECT x FROM (SELECT a AS x FROM t UNION SELECT b FROM u) AS q", {"x <- t.a", "x <- u.b"}),
        ("duckdb", "SELECT a, b FROM t UNION ALL BY NAME SELECT b, a FROM u", {"a <- t.a", "b <- t.b", "a <- u.a",
         "b <- u.b"}),
        ("duckdb", "SELECT a FROM t UNION BY NAME SELECT b FROM u", {"a <- t.a", "b <- u.b"}),
        ("snowflake", "SELECT a, b FROM t UNION ALL BY NAME SELECT b, c FROM u", {"a <- t.a", "b <- t.b", "b <- u.b",
         "c <- u.c"}),
        ("bigquery", "SELECT a, b FROM t UNION ALL BY NAME SELECT b, a FROM u", {"a <- t.a", "b <- t.b", "a <- u.a",
         "b <- u.b"}),
    ],
)  # fmt: skip
def test_a_set_operation_puts_columns_together_by_position_or_by_name(
    dialect: str, sql: str, expected: set[str]
) -> None:
    found = pairs(told(f"CREATE TABLE o AS {sql}", dialect).merged)

    assert {pair.lower().removeprefix("o.") for pair in found} == expected


@pytest.mark.parametrize("operation", ["EXCEPT", "INTERSECT", "EXCEPT ALL"])
def test_the_right_side_of_a_difference_filters(operation: str) -> None:
    answer = told(f"CREATE TABLE o AS SELECT a FROM t {operation} SELECT b FROM u WHERE c > 1").merged

    assert names(answer.inputs) == ["t", "u"]
    assert deciding(answer) >= {"u.b FILTER", "u.c FILTER"}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (("WITH RECURSIVE r AS (SELECT i, p FROM t UNION ALL SELECT t.i, t.p FROM t JOIN r ON t.p = r.i) SELECT i, p "
         "FROM r"),
         {"i <- i IDENTITY", "p <- p IDENTITY"}),
        (("WITH RECURSIVE r (k, path) AS (SELECT i, n FROM t UNION ALL SELECT t.i, r.path || t.n FROM t JOIN r ON t.p "
         "= r.k) "
         "SELECT k, path FROM r"), {"k <- i IDENTITY", "path <- n TRANSFORMATION"}),
        (("WITH RECURSIVE r AS (SELECT i, 0 AS level FROM t UNION ALL SELECT t.i, level + 1 FROM t, r WHERE t.p = r.i) "
         "SELECT i, level FROM r"), {"i <- i IDENTITY"}),
        ("WITH RECURSIVE r AS (SELECT a, b FROM t UNION SELECT b, a FROM r) SELECT a, b FROM r",
         {"a <- a IDENTITY", "a <- b IDENTITY", "b <- b IDENTITY", "b <- a IDENTITY"}),
        ("WITH RECURSIVE n AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM n WHERE x < 9) SELECT x, t.a FROM n, t", {
         "a <- a IDENTITY"}),
    ],
)  # fmt: skip
def test_a_recursive_cte_carries_what_its_first_query_and_each_round_put_in(sql: str, expected: set[str]) -> None:
    answer = told(f"CREATE TABLE o AS {sql}")

    assert names(answer.merged.inputs) == ["t"]
    assert kinds(answer.merged) == expected
    assert doubts(answer) == []


def test_what_decides_inside_a_recursive_cte_is_said() -> None:
    sql = (
        "WITH RECURSIVE r AS (SELECT i FROM t WHERE p IS NULL UNION ALL SELECT t.i FROM t JOIN r ON t.p = r.i) "
        "SELECT i FROM r"
    )

    assert deciding(told(f"CREATE TABLE o AS {sql}").merged) == {"t.p FILTER", "t.p JOIN", "t.i JOIN"}


def test_a_hierarchical_query_follows_its_prior_rows() -> None:
    sql = "CREATE TABLE o AS SELECT i, PRIOR n AS above, LEVEL AS l FROM t START WITH k = 1 CONNECT BY PRIOR i = p"

    answer = told(sql, "oracle")

    assert pairs(answer.merged) == {"O.I <- T.I", "O.ABOVE <- T.N"}
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("dialect", "select", "expected"),
    [
        ("postgres", "SUM(v) OVER (PARTITION BY k ORDER BY ts) AS x FROM t",
         {"x <- v AGGREGATION", "x <- k WINDOW", "x <- ts WINDOW"}),
        ("postgres", "SUM(v) OVER w AS x FROM t WINDOW w AS (PARTITION BY k ORDER BY ts)",
         {"x <- v AGGREGATION", "x <- k WINDOW", "x <- ts WINDOW"}),
        ("postgres", "ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts DESC) AS x FROM t", {"x <- k WINDOW",
         "x <- ts WINDOW"}),
        ("postgres", "SUM(v) OVER (w ROWS 2 PRECEDING) AS x FROM t WINDOW w AS (ORDER BY ts)", {"x <- v AGGREGATION",
         "x <- ts WINDOW"}),
        ("postgres", "v - LAG(u) OVER (ORDER BY ts) AS x FROM t", {"x <- v TRANSFORMATION", "x <- u TRANSFORMATION",
         "x <- ts WINDOW"}),
        ("snowflake", "v AS x FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts) = 1", {"x <- v IDENTITY"}),
    ],
)  # fmt: skip
def test_a_window_decides_about_its_column(dialect: str, select: str, expected: set[str]) -> None:
    found = kinds(told(f"CREATE TABLE o AS SELECT {select}", dialect).merged)

    assert {edge.lower() for edge in found} == {edge.lower() for edge in expected}


@pytest.mark.parametrize("dialect", ["snowflake", "bigquery", "databricks", "teradata", "duckdb", "redshift"])
@pytest.mark.parametrize(
    "qualify",
    ["v FROM t QUALIFY RANK() OVER (PARTITION BY k ORDER BY ts) = 1",
     "v, RANK() OVER (PARTITION BY k ORDER BY ts) AS n FROM t QUALIFY n = 1"],
)  # fmt: skip
def test_a_qualify_filters_by_what_its_window_reads(dialect: str, qualify: str) -> None:
    answer = told(f"CREATE TABLE o AS SELECT {qualify}", dialect).merged

    assert {edge.lower() for edge in deciding(answer)} == {"t.k filter", "t.ts filter"}


@pytest.mark.parametrize(
    ("dialect", "select", "expected"),
    [
        ("bigquery", "t.i, e.sku FROM t, UNNEST(t.items) AS e", {"i <- i", "sku <- items"}),
        ("bigquery", "t.i, e AS x FROM t CROSS JOIN UNNEST(t.list) AS e WITH OFFSET AS place", {"i <- i", "x <- list"}),
        ("bigquery", "t.i, e.sku FROM t, t.items AS e", {"i <- i", "sku <- items"}),
        ("bigquery", "t.i, (SELECT MAX(e) FROM UNNEST(t.list) AS e) AS m FROM t", {"i <- i", "m <- list"}),
        ("snowflake", "t.i, f.value:sku::STRING AS sku FROM t, LATERAL FLATTEN(INPUT => t.data:items) AS f", {"i <- i",
         "sku <- data"}),
        ("snowflake", "f.value AS v FROM t, TABLE(FLATTEN(t.data)) AS f", {"v <- data"}),
        ("snowflake", "g.value AS v FROM t, LATERAL FLATTEN(t.data) AS f, LATERAL FLATTEN(f.value:more) AS g", {
         "v <- data"}),
        ("spark", "i, e FROM t LATERAL VIEW EXPLODE(list) v AS e", {"i <- i", "e <- list"}),
        ("spark", "i, k, x FROM t LATERAL VIEW OUTER EXPLODE(map) v AS k, x", {"i <- i", "k <- map", "x <- map"}),
        ("hive", "i, x FROM t LATERAL VIEW POSEXPLODE(list) v AS p, x", {"i <- i", "x <- list"}),
        ("databricks", "i, EXPLODE(list) AS e FROM t", {"i <- i", "e <- list"}),
        ("trino", "t.i, u.k, u.x FROM t CROSS JOIN UNNEST(t.map) AS u (k, x)", {"i <- i", "k <- map", "x <- map"}),
        ("trino", "u.x, u.y FROM t CROSS JOIN UNNEST(t.list, t.other) AS u (x, y)", {"x <- list", "y <- other"}),
        ("trino", "u.x FROM t CROSS JOIN UNNEST(t.list) WITH ORDINALITY AS u (x, n)", {"x <- list"}),
        ("clickhouse", "i, e FROM t ARRAY JOIN list AS e", {"i <- i", "e <- list"}),
        ("clickhouse", "i, list FROM t LEFT ARRAY JOIN list", {"i <- i", "list <- list"}),
        ("clickhouse", "arrayJoin(list) AS e FROM t", {"e <- list"}),
        ("duckdb", "i, UNNEST(list) AS e FROM t", {"i <- i", "e <- list"}),
        ("duckdb", "t.i, u.e FROM t, UNNEST(t.list) AS u (e)", {"i <- i", "e <- list"}),
        ("postgres", "t.i, e.x FROM t CROSS JOIN LATERAL UNNEST(t.list) AS e (x)", {"i <- i", "x <- list"}),
        ("postgres", "t.i, r.a FROM t, JSONB_TO_RECORDSET(t.data) AS r (a INT, b TEXT)", {"i <- i", "a <- data"}),
        ("postgres", "t.i, e.value AS x FROM t, JSONB_EACH(t.data) AS e", {"i <- i", "x <- data"}),
        ("postgres", "t.i, n FROM t, GENERATE_SERIES(1, 5) AS n", {"i <- i"}),
        ("postgres", "t.i, n FROM t, GENERATE_SERIES(1, t.most) AS n", {"i <- i", "n <- most"}),
        ("tsql", "t.i, j.sku FROM t CROSS APPLY OPENJSON(t.doc) WITH (sku VARCHAR(9) '$.sku') AS j", {"i <- i",
         "sku <- doc"}),
        ("tsql", "t.i, s.value AS x FROM t CROSS APPLY STRING_SPLIT(t.list, ',') AS s", {"i <- i", "x <- list"}),
        ("redshift", "t.i, e.sku FROM t, t.items AS e", {"i <- i", "sku <- items"}),
        ("oracle", "t.i, j.sku FROM t, JSON_TABLE(t.doc, '$[*]' COLUMNS (sku VARCHAR2(9) PATH '$.sku')) j", {"i <- i",
         "sku <- doc"}),
        ("mysql", "t.i, j.sku FROM t, JSON_TABLE(t.doc, '$[*]' COLUMNS (sku INT PATH '$.sku')) AS j", {"i <- i",
         "sku <- doc"}),
    ],
)  # fmt: skip
def test_what_a_column_is_unpacked_into_comes_from_it(dialect: str, select: str, expected: set[str]) -> None:
    answer = told(f"CREATE TABLE o AS SELECT {select}", dialect)

    assert [name.lower() for name in names(answer.merged.inputs)] == ["t"]
    assert {f"{edge.output.name} <- {edge.source.name}".lower() for edge in answer.merged.columns} == expected
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("dialect", "select", "expected"),
    [
        ("tsql", "t.i, q.b FROM t CROSS APPLY (SELECT u.b FROM u WHERE u.i = t.i) AS q", {"o.i <- t.i", "o.b <- u.b"}),
        ("tsql", "t.i, q.b FROM t OUTER APPLY (SELECT TOP 1 u.b FROM u WHERE u.i = t.i ORDER BY u.ts) AS q", {
         "o.i <- t.i", "o.b <- u.b"}),
        ("postgres", "q.s FROM t LEFT JOIN LATERAL (SELECT t.a + u.b AS s FROM u) AS q ON TRUE", {"o.s <- t.a",
         "o.s <- u.b"}),
    ],
)  # fmt: skip
def test_a_lateral_query_sees_the_tables_before_it(dialect: str, select: str, expected: set[str]) -> None:
    sql = f"SELECT {select}".replace(" FROM t ", " INTO o FROM t ", 1)

    answer = told(sql, dialect)

    assert names(answer.merged.inputs) == ["t", "u"]
    assert pairs(answer.merged) == expected
    assert doubts(answer) == []


def test_a_name_that_nobody_can_place_is_named_and_its_neighbours_are_not_lost() -> None:
    answer = told("INSERT INTO o SELECT x.a AS p, t.b AS q FROM t")

    assert pairs(answer.merged) == {"o.q <- t.b"}
    assert [doubt.partition(":")[0] for doubt in doubts(answer)] == ["column x.a"]
    assert movements(answer) == ["o <- t"]
