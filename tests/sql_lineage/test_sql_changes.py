"""UPDATE, DELETE and MERGE in every dialect's way: what they change, from what, and what decides about it."""

# ruff: noqa: S608 - SQL text is what is tested; no database ever sees it

from __future__ import annotations

import pytest

from sql_answers import deciding, doubts, kinds, movements, names, pairs, told


@pytest.mark.parametrize(
    ("dialect", "sql", "read", "expected"),
    [
        ("postgres", "UPDATE o SET x = 1 WHERE i = 2", [], set()),
        ("postgres", "UPDATE o SET x = y + 1", [], {"o.x <- o.y"}),
        ("postgres", "UPDATE ONLY o AS t SET x = t.y", [], {"o.x <- o.y"}),
        ("postgres", "UPDATE o SET x = s.a, y = o.y + s.b FROM s WHERE o.i = s.i", ["s"],
         {"o.x <- s.a", "o.y <- o.y", "o.y <- s.b"}),
        ("postgres", "UPDATE o SET x = q.m FROM (SELECT i, MAX(a) AS m FROM s GROUP BY i) AS q WHERE o.i = q.i", ["s"],
         {"o.x <- s.a"}),
        ("postgres", "UPDATE o SET x = s.a FROM s JOIN u ON s.i = u.i WHERE o.i = u.i", ["s", "u"], {"o.x <- s.a"}),
        ("postgres", "WITH c AS (SELECT i, a FROM s) UPDATE o SET x = c.a FROM c WHERE c.i = o.i", ["s"], {
         "o.x <- s.a"}),
        ("sqlite", "UPDATE o SET x = s.a FROM s WHERE o.i = s.i", ["s"], {"o.x <- s.a"}),
        ("redshift", "UPDATE o SET x = (SELECT MAX(a) FROM s)", ["s"], {"o.x <- s.a"}),
        ("snowflake", "UPDATE o SET o.x = s.a FROM s WHERE o.i = s.i", ["S"], {"O.X <- S.A"}),
        ("bigquery", "UPDATE d.o SET x = s.a FROM d.s AS s WHERE o.i = s.i", ["d.s"], {"d.o.x <- d.s.a"}),
        ("oracle", "UPDATE o t SET t.x = (SELECT s.a FROM s WHERE s.i = t.i) WHERE t.k = 1", ["S"], {"O.X <- S.A"}),
        ("teradata", "UPDATE o FROM s SET x = s.a WHERE o.i = s.i", ["s"], {"o.x <- s.a"}),
        ("databricks", "UPDATE o SET x = (SELECT MAX(s.a) FROM s) WHERE TRUE", ["s"], {"o.x <- s.a"}),
        ("tsql", "UPDATE o SET o.x = s.a FROM o JOIN s ON o.i = s.i", ["s"], {"o.x <- s.a"}),
        ("tsql", "UPDATE t SET t.x = s.a FROM dbo.o AS t JOIN dbo.s AS s ON t.i = s.i", ["dbo.s"], {
         "dbo.o.x <- dbo.s.a"}),
        ("tsql", "UPDATE TOP (10) o SET x = s.a FROM o JOIN s ON o.i = s.i", ["s"], {"o.x <- s.a"}),
        ("tsql", "UPDATE o SET o.x += s.a FROM o JOIN s ON o.i = s.i", ["s"], {"o.x <- s.a", "o.x <- o.x"}),
        ("mysql", "UPDATE o JOIN s ON o.i = s.i SET o.x = s.a", ["s"], {"o.x <- s.a"}),
        ("mysql", "UPDATE o, s SET o.x = s.a WHERE o.i = s.i", ["s"], {"o.x <- s.a"}),
        ("mysql", "UPDATE shop.o AS p LEFT JOIN shop.s AS r ON p.i = r.i SET p.x = r.a WHERE r.i IS NULL", ["shop.s"],
         {"shop.o.x <- shop.s.a"}),
    ],
)  # fmt: skip
def test_an_update_writes_its_table_from_the_values_that_it_sets(
    dialect: str, sql: str, read: list[str], expected: set[str]
) -> None:
    answer = told(sql, dialect)

    assert [name.rpartition(".")[2].lower() for name in names(answer.merged.outputs)] == ["o"]
    assert names(answer.merged.inputs) == read
    assert pairs(answer.merged) == expected
    assert doubts(answer) == []


def test_an_update_from_another_row_of_its_own_table_has_that_tables_column_as_source() -> None:
    answer = told("UPDATE o AS p SET x = r.y FROM o AS r WHERE p.parent = r.i")

    assert names(answer.merged.outputs) == ["o"]
    assert pairs(answer.merged) == {"o.x <- o.y"}
    assert deciding(answer.merged) == {"o.parent FILTER", "o.i FILTER"}


@pytest.mark.parametrize(
    ("dialect", "place", "name"),
    [
        ("postgres", "places[1]", "places"),
        ("postgres", "addr.city", "addr.city"),
        ("bigquery", "o.addr.city", "addr.city"),
    ],
)
def test_a_part_of_a_column_is_written_too(dialect: str, place: str, name: str) -> None:
    answer = told(f"UPDATE o SET {place} = s.c FROM s WHERE o.i = s.i", dialect)

    assert pairs(answer.merged) == {f"o.{name} <- s.c"}


def test_what_decides_about_an_updates_rows_is_said() -> None:
    update = told("UPDATE o SET x = s.a FROM s JOIN u ON s.k = u.k WHERE o.i = s.i AND o.z > 1").merged

    assert deciding(update) == {"s.k JOIN", "u.k JOIN", "o.i FILTER", "s.i FILTER", "o.z FILTER"}


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        ("postgres", "UPDATE o SET (x, y) = (s.a, s.b) FROM s WHERE o.i = s.i", {"o.x <- s.a", "o.y <- s.b"}),
        (
            "postgres",
            "UPDATE o SET (x, y) = (SELECT a, MAX(b) FROM s WHERE s.i = o.i GROUP BY a)",
            {"o.x <- s.a", "o.y <- s.b"},
        ),
        ("postgres", "UPDATE o SET (x, y) = ROW (s.a, 1), z = s.c FROM s", {"o.x <- s.a", "o.z <- s.c"}),
        ("oracle", "UPDATE o SET (x, y) = (SELECT a, b FROM s WHERE s.i = o.i), z = 1", {"O.X <- S.A", "O.Y <- S.B"}),
    ],
)
def test_each_column_of_a_row_gets_its_own_value(dialect: str, sql: str, expected: set[str]) -> None:
    assert pairs(told(sql, dialect).merged) == expected


def test_an_update_of_a_join_may_write_several_tables() -> None:
    answer = told("UPDATE o JOIN s ON o.i = s.i SET o.x = s.a, s.seen = o.y, o.z = 1", "mysql")

    assert sorted(names(answer.merged.outputs)) == ["o", "s"]
    assert pairs(answer.merged) == {"o.x <- s.a", "s.seen <- o.y"}


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        ("postgres", "DELETE FROM o", "o <-"),
        ("postgres", "DELETE FROM ONLY o AS p WHERE p.x = 1", "o <-"),
        ("postgres", "DELETE FROM o USING s, u WHERE o.i = s.i AND s.k = u.k", "o <- s, u"),
        ("postgres", "DELETE FROM o WHERE i IN (SELECT i FROM s)", "o <- s"),
        ("postgres", "WITH c AS (SELECT i FROM s) DELETE FROM o USING c WHERE o.i = c.i", "o <- s"),
        ("bigquery", "DELETE d.o WHERE i IN (SELECT i FROM d.s)", "d.o <- d.s"),
        ("bigquery", "DELETE FROM d.o AS p WHERE EXISTS (SELECT 1 FROM d.s WHERE s.i = p.i)", "d.o <- d.s"),
        ("bigquery", "DELETE d.o p WHERE p.x = 1", "d.o <-"),
        ("snowflake", "DELETE FROM o USING s WHERE o.i = s.i", "O <- S"),
        ("tsql", "DELETE p FROM dbo.o AS p JOIN dbo.s AS s ON p.i = s.i", "dbo.o <- dbo.s"),
        ("tsql", "DELETE FROM p FROM dbo.o AS p INNER JOIN dbo.s AS s ON p.i = s.i", "dbo.o <- dbo.s"),
        ("tsql", "DELETE TOP (10) FROM o WHERE x = 1", "o <-"),
        ("tsql", "DELETE o WHERE x = 1", "o <-"),
        ("mysql", "DELETE p FROM o AS p JOIN s ON p.i = s.i", "o <- s"),
        ("mysql", "DELETE FROM p USING o AS p JOIN s ON p.i = s.i", "o <- s"),
        ("mysql", "DELETE o, p FROM o JOIN p ON o.i = p.i JOIN s ON s.i = p.i", "o, p <- s"),
        ("mysql", "DELETE FROM o, p USING o JOIN p ON o.i = p.i JOIN s ON s.i = p.i", "o, p <- s"),
        ("mysql", "DELETE FROM o WHERE x = 1 ORDER BY y LIMIT 5", "o <-"),
        ("oracle", "DELETE o WHERE x = 1", "O <-"),
        ("oracle", "DELETE FROM o p WHERE p.i IN (SELECT i FROM s)", "O <- S"),
        ("teradata", "DELETE FROM o ALL", "o <-"),
        ("clickhouse", "ALTER TABLE o DELETE WHERE x = 1", "o <-"),
        ("clickhouse", "DELETE FROM o WHERE i IN (SELECT i FROM s)", "o <- s"),
    ],
)
def test_a_delete_writes_the_tables_that_lose_rows(dialect: str, sql: str, expected: str) -> None:
    answer = told(sql, dialect)

    merged = answer.merged
    assert f"{', '.join(names(merged.outputs))} <- {', '.join(names(merged.inputs))}".strip() == expected
    assert pairs(merged) == set()
    assert doubts(answer) == []


def test_what_decides_about_a_deletes_rows_is_said() -> None:
    delete = told("DELETE FROM o USING s WHERE o.i = s.i AND s.old").merged

    assert deciding(delete) == {"o.i FILTER", "s.i FILTER", "s.old FILTER"}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("WITH c AS (SELECT i, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts) AS n FROM o) DELETE FROM c WHERE n > 1",
         ["o"]),
        ("WITH c AS (SELECT x, y FROM o WHERE z = 1) UPDATE c SET x = y", ["o"]),
    ],
)  # fmt: skip
def test_a_change_of_a_cte_changes_the_table_under_it(sql: str, expected: list[str]) -> None:
    assert names(told(sql, "tsql").merged.outputs) == expected


_MERGE = "MERGE INTO o USING s ON o.i = s.i "


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        ("postgres", f"{_MERGE} WHEN MATCHED THEN DO NOTHING WHEN NOT MATCHED THEN INSERT (i, x) VALUES (s.i, s.a)",
         {"o.i <- s.i", "o.x <- s.a"}),
        ("postgres", f"{_MERGE} WHEN MATCHED THEN DELETE", set()),
        ("postgres", f"{_MERGE} WHEN MATCHED AND s.gone THEN DELETE WHEN MATCHED THEN UPDATE SET x = s.a, n = o.n + 1",
         {"o.x <- s.a", "o.n <- o.n"}),
        ("postgres", f"{_MERGE} WHEN MATCHED THEN UPDATE SET (x, y) = (s.a, s.b)", {"o.x <- s.a", "o.y <- s.b"}),
        ("tsql", (f"{_MERGE} WHEN NOT MATCHED BY TARGET THEN INSERT (i, x) VALUES (s.i, s.a) "
         "WHEN NOT MATCHED BY SOURCE THEN UPDATE SET o.gone = 1;"), {"o.i <- s.i", "o.x <- s.a"}),
        ("tsql", "MERGE TOP (5) o AS t USING s ON t.i = s.i WHEN MATCHED THEN UPDATE SET t.x = s.a;", {"o.x <- s.a"}),
        ("oracle", ("MERGE INTO o t USING (SELECT i, MAX(a) AS m FROM s GROUP BY i) q ON (t.i = q.i) "
         "WHEN MATCHED THEN UPDATE SET t.x = q.m WHERE q.m > 1"), {"O.X <- S.A"}),
        ("snowflake", (f"{_MERGE} WHEN MATCHED AND s.k = 1 THEN UPDATE SET o.x = s.a WHEN NOT MATCHED THEN INSERT (i, "
         f"x) VALUES (s.i, 0)"),
         {"O.X <- S.A", "O.I <- S.I"}),
        ("bigquery", "MERGE d.o t USING d.s s ON t.i = s.i WHEN MATCHED THEN UPDATE SET x = s.a", {"d.o.x <- d.s.a"}),
        ("teradata", (f"{_MERGE} WHEN MATCHED THEN UPDATE SET x = s.a WHEN NOT MATCHED THEN INSERT (i, x) VALUES "
         f"(s.i, s.a)"),
         {"o.x <- s.a", "o.i <- s.i"}),
    ],
)  # fmt: skip
def test_each_when_of_a_merge_writes_its_own_columns(dialect: str, sql: str, expected: set[str]) -> None:
    answer = told(sql, dialect)

    assert [name.rpartition(".")[2].lower() for name in names(answer.merged.outputs)] == ["o"]
    assert [name.rpartition(".")[2].lower() for name in names(answer.merged.inputs)] == ["s"]
    assert pairs(answer.merged) == expected
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("dialect", "whens"),
    [
        ("databricks", "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"),
        ("databricks", "WHEN NOT MATCHED THEN INSERT *"),
        ("bigquery", "WHEN NOT MATCHED THEN INSERT ROW"),
        ("snowflake", "WHEN NOT MATCHED THEN INSERT ALL BY NAME"),
    ],
)
def test_a_merge_of_whole_rows_writes_the_columns_of_the_same_name(dialect: str, whens: str) -> None:
    answer = told(f"{_MERGE} {whens}", dialect, {"o": ["i", "x"], "s": ["i", "x"]})

    assert {pair.lower() for pair in pairs(answer.merged)} == {"o.i <- s.i", "o.x <- s.x"}


def test_an_insert_of_a_merge_without_columns_fills_the_known_ones_by_position() -> None:
    answer = told(f"{_MERGE} WHEN NOT MATCHED THEN INSERT VALUES (s.b, s.a)", "postgres", {"o": ["i", "x"]})

    assert pairs(answer.merged) == {"o.i <- s.b", "o.x <- s.a"}


def test_a_merges_key_is_a_join_and_its_conditions_are_filters() -> None:
    merge = told(f"{_MERGE} WHEN MATCHED AND s.k > o.k THEN UPDATE SET x = s.a").merged

    assert deciding(merge) == {"o.i JOIN", "s.i JOIN", "s.k FILTER", "o.k FILTER"}
    assert kinds(merge) == {"x <- a IDENTITY"}


def test_a_merge_that_inserts_defaults_takes_no_values_from_its_source() -> None:
    answer = told(f"{_MERGE} WHEN NOT MATCHED THEN INSERT DEFAULT VALUES", schema={"o": ["i", "x"], "s": ["i", "x"]})

    assert movements(answer) == ["o <- s"]
    assert pairs(answer.merged) == set()


def test_a_merge_without_any_when_still_touches_both() -> None:
    assert movements(told(f"{_MERGE} REMOVE DUPLICATES", "redshift")) == ["o <- s"]


def test_a_merge_of_literal_rows_reads_nothing() -> None:
    merge = "MERGE dbo.o AS t USING (VALUES (1, 2)) AS s (i, a) ON t.i = s.i WHEN MATCHED THEN UPDATE SET t.x = s.a;"

    answer = told(merge, "tsql")

    assert movements(answer) == ["dbo.o <-"]
    assert pairs(answer.merged) == set()
    assert doubts(answer) == []


def test_a_merge_of_whole_rows_whose_columns_are_not_known_says_so() -> None:
    answer = told(f"{_MERGE} WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *", "databricks")

    assert movements(answer) == ["o <- s"]
    assert pairs(answer.merged) == set()
    assert answer.merged.unresolved or answer.merged.flows


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        ("postgres", ("INSERT INTO o (i, x) SELECT i, a FROM s ON CONFLICT (i) DO UPDATE SET x = excluded.x, n = o.n "
         "+ 1"),
         {"o.i <- s.i", "o.x <- s.a", "o.n <- o.n"}),
        ("postgres", "INSERT INTO o (i, x) SELECT i, a FROM s ON CONFLICT DO NOTHING", {"o.i <- s.i", "o.x <- s.a"}),
        ("postgres", "INSERT INTO o AS t (i, x) SELECT i, a FROM s ON CONFLICT (i) DO UPDATE SET x = t.y || excluded.x",
         {"o.i <- s.i", "o.x <- s.a", "o.x <- o.y"}),
        ("sqlite", "INSERT INTO o (i, x) SELECT i, a FROM s WHERE TRUE ON CONFLICT (i) DO UPDATE SET y = excluded.x",
         {"o.i <- s.i", "o.x <- s.a", "o.y <- s.a"}),
        ("mysql", "INSERT INTO o (i, x) SELECT i, a FROM s ON DUPLICATE KEY UPDATE y = VALUES(x), n = o.n + 1",
         {"o.i <- s.i", "o.x <- s.a", "o.y <- s.a", "o.n <- o.n"}),
        ("mysql", "INSERT INTO o (i, x) SELECT i, a FROM s ON DUPLICATE KEY UPDATE y = s.b",
         {"o.i <- s.i", "o.x <- s.a", "o.y <- s.b"}),
        ("sqlite", "INSERT OR REPLACE INTO o (i) SELECT i FROM s", {"o.i <- s.i"}),
    ],
)  # fmt: skip
def test_an_insert_that_meets_a_row_updates_it(dialect: str, sql: str, expected: set[str]) -> None:
    answer = told(sql, dialect)

    assert movements(answer) == ["o <- s"]
    assert pairs(answer.merged) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("INSERT INTO o (x) SELECT a FROM s RETURNING x", "o <- s"),
        ("UPDATE o SET x = s.a FROM s WHERE o.i = s.i RETURNING o.*", "o <- s"),
        ("DELETE FROM o WHERE x = 1 RETURNING *", "o <-"),
    ],
)
def test_what_returns_to_the_client_is_written_nowhere(sql: str, expected: str) -> None:
    answer = told(sql)

    assert movements(answer) == [expected]
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("INSERT INTO o (x) OUTPUT inserted.x INTO log (x) SELECT y FROM t", {"o.x <- t.y", "log.x <- o.x"}),
        ("DELETE FROM o OUTPUT deleted.x INTO dbo.log (x)", {"dbo.log.x <- o.x"}),
        ("DELETE FROM o OUTPUT deleted.x INTO log (x) WHERE y = 1", {"log.x <- o.x"}),
        (
            "UPDATE o SET x = 1 OUTPUT inserted.i, deleted.x INTO log (i, x) WHERE y = 1",
            {"log.i <- o.i", "log.x <- o.x"},
        ),
    ],
)
def test_an_output_clause_writes_the_changed_rows_into_a_table(sql: str, expected: set[str]) -> None:
    answer = told(sql, "tsql").merged

    assert sorted(name.removeprefix("dbo.") for name in names(answer.outputs)) == ["log", "o"]
    assert pairs(answer) == expected
