"""How the statements of a script hang together: temporary tables, USE, and each target's own mapping."""

# ruff: noqa: S608 - SQL text is what is tested; no database ever sees it

from __future__ import annotations

import pytest

from riverhead_emitter.naming import Database
from riverhead_sql import lineage_of
from sql_answers import deciding, doubts, flows, kinds, movements, names, pairs, told


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("postgres", "CREATE TEMP TABLE q AS SELECT a AS x FROM t; INSERT INTO o SELECT x FROM q"),
        ("postgres", ("CREATE TEMPORARY TABLE q (x INT) ON COMMIT DROP; INSERT INTO q SELECT a FROM t; INSERT INTO o "
         "SELECT x FROM q")),
        ("postgres", "CREATE TEMP VIEW q AS SELECT a AS x FROM t; INSERT INTO o SELECT x FROM q"),
        ("postgres", "SELECT a AS x INTO TEMP q FROM t; INSERT INTO o SELECT x FROM q"),
        ("postgres", "CREATE TEMP TABLE q AS SELECT a AS x FROM t; INSERT INTO o SELECT x FROM pg_temp.q"),
        ("redshift", "CREATE TABLE #q AS SELECT a AS x FROM t; INSERT INTO o SELECT x FROM #q"),
        ("redshift", ("CREATE TEMP TABLE q (LIKE o); INSERT INTO q (x) SELECT a FROM t; INSERT INTO o (x) SELECT x "
         "FROM q")),
        ("snowflake", "CREATE OR REPLACE TEMPORARY TABLE q AS SELECT a AS x FROM t; INSERT INTO o SELECT x FROM q"),
        ("snowflake", "CREATE LOCAL TEMP TABLE q AS SELECT a AS x FROM t; INSERT INTO o SELECT x FROM q"),
        ("tsql", "SELECT a AS x INTO #q FROM t INSERT INTO o SELECT x FROM #q DROP TABLE #q"),
        ("tsql", "SELECT a AS x INTO ##q FROM t; INSERT INTO o SELECT x FROM ##q"),
        ("tsql", "CREATE TABLE #q (x INT) INSERT INTO #q SELECT a FROM t INSERT INTO o SELECT x FROM #q"),
        ("tsql", "SELECT a AS x INTO #q FROM t INSERT INTO o SELECT x FROM tempdb..#q"),
        ("tsql", "DECLARE @q TABLE (x INT) INSERT INTO @q SELECT a FROM t INSERT INTO o (x) SELECT x FROM @q"),
        ("tsql", ("DECLARE @q TABLE (x INT) INSERT INTO @q (x) SELECT a FROM t INSERT INTO o (x) SELECT q.x FROM @q "
         "AS q")),
        ("teradata", ("CREATE VOLATILE TABLE q AS (SELECT a AS x FROM t) WITH DATA ON COMMIT PRESERVE ROWS; INSERT "
         "INTO o SELECT x FROM q")),
        ("teradata", ("CREATE MULTISET VOLATILE TABLE q (x INT) ON COMMIT PRESERVE ROWS; INS INTO q SEL a FROM t; INS "
         "INTO o SEL x FROM q")),
        ("spark", "CREATE OR REPLACE TEMPORARY VIEW q AS SELECT a AS x FROM t; INSERT INTO o SELECT x FROM q"),
        ("spark", "CACHE TABLE q AS SELECT a AS x FROM t; INSERT INTO o SELECT x FROM q; UNCACHE TABLE q"),
        ("spark", ("CACHE LAZY TABLE q OPTIONS ('storageLevel' = 'DISK_ONLY') AS SELECT a AS x FROM t; INSERT INTO o "
         "SELECT x FROM q")),
        ("databricks", "CREATE TEMP VIEW q AS SELECT a AS x FROM t; INSERT INTO o SELECT x FROM q"),
        ("hive", "CREATE TEMPORARY TABLE q AS SELECT a AS x FROM t; INSERT INTO TABLE o SELECT x FROM q"),
        ("mysql", ("CREATE TEMPORARY TABLE q SELECT a AS x FROM t; INSERT INTO o SELECT x FROM q; DROP TEMPORARY "
         "TABLE q")),
        ("bigquery", "CREATE TEMP TABLE q AS SELECT a AS x FROM t; INSERT INTO o SELECT x FROM q"),
        ("sqlite", "CREATE TEMP TABLE q AS SELECT a AS x FROM t; INSERT INTO o SELECT x FROM q"),
        ("duckdb", "CREATE OR REPLACE TEMP TABLE q AS SELECT a AS x FROM t; INSERT INTO o SELECT x FROM q"),
        ("clickhouse", "CREATE TEMPORARY TABLE q AS SELECT a AS x FROM t; INSERT INTO o SELECT x FROM q"),
        ("oracle", "CREATE PRIVATE TEMPORARY TABLE q AS SELECT a AS x FROM t; INSERT INTO o SELECT x FROM q"),
    ],
)  # fmt: skip
def test_a_temporary_table_of_any_dialect_only_hands_rows_on(dialect: str, sql: str) -> None:
    answer = told(sql, dialect)

    assert [name.lower() for name in names(answer.merged.inputs) if name != "o"] == ["t"]
    assert [name.lower() for name in names(answer.merged.outputs)] == ["o"]
    assert {pair.lower() for pair in pairs(answer.merged)} == {"o.x <- t.a"}
    assert doubts(answer) == []


def test_a_transient_table_stays() -> None:
    answer = told("CREATE TRANSIENT TABLE q AS SELECT a FROM t; INSERT INTO o SELECT a FROM q", "snowflake")

    assert movements(answer) == ["Q <- T", "O <- Q"]


def test_temporary_tables_may_be_made_from_each_other() -> None:
    sql = """
        CREATE TEMP TABLE q1 AS SELECT id, SUM(v) AS s FROM t WHERE k = 1 GROUP BY id;
        CREATE TEMP TABLE q2 AS SELECT q1.id, q1.s * u.rate AS r FROM q1 JOIN u ON u.id = q1.id;
        INSERT INTO o (id, r) SELECT id, r FROM q2 WHERE r > 5;
    """

    answer = told(sql).merged

    assert (names(answer.inputs), names(answer.outputs)) == (["t", "u"], ["o"])
    assert kinds(answer) == {"id <- id IDENTITY", "r <- v AGGREGATION", "r <- rate TRANSFORMATION"}
    assert deciding(answer) == {
        "t.k FILTER", "t.id GROUP_BY", "u.id JOIN", "t.id JOIN", "t.v FILTER", "u.rate FILTER",
    }  # fmt: skip


def test_each_column_of_a_temporary_table_keeps_its_own_source() -> None:
    sql = "CREATE TEMP TABLE q AS SELECT a, b AS c FROM t; INSERT INTO o SELECT c FROM q; INSERT INTO p SELECT a FROM q"

    assert pairs(told(sql).merged) == {"o.c <- t.b", "p.a <- t.a"}


def test_a_change_of_a_temporary_table_goes_into_what_is_made_from_it() -> None:
    sql = """
        SELECT i, a AS x INTO #q FROM t
        UPDATE q SET q.x = u.b FROM #q AS q JOIN u ON u.i = q.i
        DELETE FROM #q WHERE i = 3
        INSERT INTO o (x) SELECT x FROM #q
    """

    answer = told(sql, "tsql").merged

    assert sorted(names(answer.inputs)) == ["t", "u"]
    assert names(answer.outputs) == ["o"]
    assert pairs(answer) == {"o.x <- t.a", "o.x <- u.b"}


def test_a_merge_into_a_temporary_table_goes_into_what_is_made_from_it() -> None:
    sql = """
        CREATE TEMP TABLE q AS SELECT i, a AS x FROM t;
        MERGE INTO q USING u ON q.i = u.i WHEN MATCHED THEN UPDATE SET x = u.b
            WHEN NOT MATCHED THEN INSERT (i, x) VALUES (u.i, u.c);
        INSERT INTO o SELECT x FROM q;
    """

    assert pairs(told(sql).merged) == {"o.x <- t.a", "o.x <- u.b", "o.x <- u.c"}


@pytest.mark.parametrize(
    "change",
    ["TRUNCATE TABLE q", "DELETE FROM q", "ALTER TABLE q ADD COLUMN y INT", "CREATE INDEX i ON q (x)", "DROP TABLE q"],
)
def test_no_change_of_a_temporary_table_is_told(change: str) -> None:
    answer = told(f"CREATE TEMP TABLE q (x INT); {change}; INSERT INTO o SELECT a FROM t")

    assert movements(answer) == ["o <- t"]


@pytest.mark.parametrize("emptied", ["TRUNCATE TABLE q", "DELETE FROM q"])
def test_an_emptied_temporary_table_hands_on_only_what_came_after(emptied: str) -> None:
    sql = f"""
        CREATE TEMP TABLE q AS SELECT a AS x FROM t;
        INSERT INTO o SELECT x FROM q;
        {emptied};
        INSERT INTO q SELECT b FROM u;
        INSERT INTO p SELECT x FROM q;
    """

    answer = told(sql).merged

    assert pairs(answer) == {"o.x <- t.a", "p.x <- u.b"}
    assert flows(answer) == {"o <- t", "p <- u"}


def test_a_temporary_table_that_loses_some_rows_keeps_its_sources() -> None:
    sql = "CREATE TEMP TABLE q AS SELECT a AS x FROM t; DELETE FROM q WHERE x = 1; INSERT INTO o SELECT x FROM q"

    assert pairs(told(sql).merged) == {"o.x <- t.a"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("ADD COLUMN z INT", {"s.x <- t.a", "s.y <- t.b", "s.z <- t.c", "o.x <- s.x", "o.y <- s.y", "o.z <- s.z"}),
        ("RENAME COLUMN x TO z", {"s.z <- t.a", "s.y <- t.b", "o.z <- s.z", "o.y <- s.y"}),
        ("DROP COLUMN x", {"s.y <- t.a", "o.y <- s.y"}),
    ],
)
def test_a_change_of_a_tables_columns_changes_what_the_script_knows_of_them(change: str, expected: set[str]) -> None:
    values = ", ".join("abc"[: len(expected) // 2])
    sql = f"""
        CREATE TABLE s (x INT, y INT);
        ALTER TABLE s {change};
        INSERT INTO s SELECT {values} FROM t;
        CREATE TABLE o AS SELECT * FROM s;
    """

    assert pairs(told(sql).merged) == expected


def test_a_renamed_column_of_a_temporary_table_keeps_its_source() -> None:
    sql = "CREATE TEMP TABLE q AS SELECT a FROM t; ALTER TABLE q RENAME COLUMN a TO x; INSERT INTO o SELECT x FROM q"

    answer = told(sql)

    assert pairs(answer.merged) == {"o.x <- t.a"}
    assert doubts(answer) == []


def test_a_temporary_table_is_made_anew() -> None:
    sql = "SELECT a AS x INTO #q FROM t; DROP TABLE #q; SELECT b AS x INTO #q FROM u; INSERT INTO o SELECT x FROM #q"

    assert pairs(told(sql, "tsql").merged) == {"o.x <- u.b"}


def test_after_a_temporary_table_is_dropped_its_name_is_the_stored_tables_again() -> None:
    sql = "CREATE TEMP TABLE q AS SELECT a AS x FROM t; DROP TABLE q; INSERT INTO o SELECT x FROM q"

    answer = told(sql)

    assert pairs(answer.merged) == {"o.x <- q.x"}
    assert movements(answer)[-1] == "o <- q"


def test_a_sessions_own_table_is_not_the_stored_one_of_the_same_name() -> None:
    answer = told("SELECT a AS x INTO #q FROM t; INSERT INTO o SELECT q.x, h.x AS y FROM q, #q AS h", "tsql")

    assert pairs(answer.merged) == {"o.x <- q.x", "o.y <- t.a"}


def test_a_sessions_own_table_that_an_earlier_session_made_is_no_dataset() -> None:
    answer = told("INSERT INTO o SELECT x FROM #q; INSERT INTO #q SELECT a FROM t; DROP TABLE #q", "tsql")

    assert names(answer.merged.outputs) == ["o"]
    assert [name for name in names(answer.merged.inputs) if "q" in name] == []


def test_a_star_of_a_temporary_table_over_a_star_is_named() -> None:
    answer = told("CREATE TEMP TABLE q AS SELECT * FROM t; INSERT INTO o SELECT * FROM q")

    assert movements(answer) == ["<- t", "o <- t"]
    assert {doubt.partition(":")[0] for doubt in doubts(answer)} == {"* of t"}
    assert flows(answer.merged) == {"o <- t *"}


def test_a_temporary_table_lasts_over_the_texts_of_a_task() -> None:
    answer = told(["CREATE TEMP TABLE q AS SELECT a AS x FROM t", "INSERT INTO o SELECT x FROM q"])

    assert pairs(answer.merged) == {"o.x <- t.a"}


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        ("tsql", "USE d1 INSERT INTO dbo.o SELECT a FROM dbo.t", "d1.dbo.o <- d1.dbo.t"),
        ("tsql", "USE d1\nGO\nINSERT INTO dbo.o SELECT a FROM d2.dbo.t", "d1.dbo.o <- d2.dbo.t"),
        ("mysql", "USE d1; INSERT INTO o SELECT a FROM d2.t", "d1.o <- d2.t"),
        ("hive", "USE d1; INSERT INTO TABLE o SELECT a FROM t", "d1.o <- d1.t"),
        ("databricks", "USE CATALOG c1; USE SCHEMA s1; INSERT INTO o SELECT a FROM s2.t", "c1.s1.o <- c1.s2.t"),
        ("databricks", "USE c1.s1; INSERT INTO o SELECT a FROM t", "c1.s1.o <- c1.s1.t"),
        ("snowflake", "USE d1.s1; INSERT INTO o SELECT a FROM t", "D1.S1.O <- D1.S1.T"),
        ("snowflake", "USE ROLE r; USE WAREHOUSE w; USE SCHEMA s1; INSERT INTO o SELECT a FROM t", "S1.O <- S1.T"),
        ("trino", "USE c1.s1; INSERT INTO o SELECT a FROM t", "c1.s1.o <- c1.s1.t"),
        ("clickhouse", "USE d1; INSERT INTO o SELECT a FROM t", "d1.o <- d1.t"),
        ("duckdb", "USE d1.s1; INSERT INTO o SELECT a FROM t", "d1.s1.o <- d1.s1.t"),
        (
            "spark",
            "USE d1; INSERT INTO o SELECT a FROM t; USE d2; INSERT INTO o SELECT a FROM t",
            "d1.o, d2.o <- d1.t, d2.t",
        ),
        ("postgres", "SET search_path TO s1; INSERT INTO o SELECT a FROM t", "s1.o <- s1.t"),
        ("postgres", 'SET search_path TO "$user", S1, s2; INSERT INTO o SELECT a FROM t', "s1.o <- s1.t"),
        ("postgres", "SET LOCAL search_path = s1, s2; RESET search_path; INSERT INTO o SELECT a FROM t", "o <- t"),
        ("postgres", "SET search_path = 's1, s2'; SET search_path TO DEFAULT; INSERT INTO o SELECT a FROM t", "o <- t"),
    ],
)
def test_use_changes_what_the_names_after_it_mean(dialect: str, sql: str, expected: str) -> None:
    answer = told(sql, dialect).merged

    assert f"{', '.join(names(answer.outputs))} <- {', '.join(names(answer.inputs))}" == expected


def test_use_changes_only_the_names_after_it() -> None:
    shop = Database("db", "mysql", None, "shop")

    answer = lineage_of("INSERT INTO o SELECT a FROM t; USE other; INSERT INTO o SELECT a FROM t", default=shop)

    assert movements(answer) == ["shop.o <- shop.t", "other.o <- other.t"]


FIVE = "; ".join(f"INSERT INTO o{n} (x{n}) SELECT a{n} FROM t{n} WHERE f{n} > 0" for n in range(1, 6))


def test_five_statements_are_five_mappings_and_never_their_union() -> None:
    answer = told(FIVE)

    assert movements(answer) == [f"o{n} <- t{n}" for n in range(1, 6)]
    assert [pairs(each) for each in answer.statements] == [{f"o{n}.x{n} <- t{n}.a{n}"} for n in range(1, 6)]
    assert pairs(answer.merged) == {f"o{n}.x{n} <- t{n}.a{n}" for n in range(1, 6)}
    assert flows(answer.merged) == {f"o{n} <- t{n}" for n in range(1, 6)}


def test_what_decides_about_one_target_decides_about_no_other() -> None:
    edges = told(FIVE).merged.datasets

    assert {(edge.output.name, edge.source.name) for edge in edges} == {(f"o{n}", f"f{n}") for n in range(1, 6)}


def test_a_source_of_several_targets_is_one_input_with_several_flows() -> None:
    answer = told("INSERT INTO o SELECT a FROM t; INSERT INTO p SELECT t.b FROM t JOIN u ON t.i = u.i").merged

    assert names(answer.inputs) == ["t", "u"]
    assert flows(answer) == {"o <- t", "p <- t", "p <- u"}


def test_where_everything_went_into_everything_no_flow_needs_to_say_so() -> None:
    assert flows(told("INSERT INTO o SELECT a FROM t; INSERT INTO p SELECT a FROM t").merged) == set()
    assert flows(told("INSERT INTO o SELECT t.a FROM t, u").merged) == set()


def test_a_target_of_literal_rows_came_from_nothing() -> None:
    answer = told("INSERT INTO o SELECT a FROM t; INSERT INTO p (x) VALUES (1)").merged

    assert flows(answer) == {"o <- t", "p <- nothing"}


def test_a_target_that_is_filled_from_a_table_and_from_literals_came_from_the_table() -> None:
    answer = told("INSERT INTO o (x) VALUES (1); INSERT INTO o SELECT a FROM t; INSERT INTO p SELECT b FROM u").merged

    assert flows(answer) == {"o <- t", "p <- u"}


def test_a_star_whose_columns_are_not_known_is_a_flow_of_all_of_them() -> None:
    answer = told("INSERT INTO o SELECT * FROM t; INSERT INTO p SELECT t.*, u.b FROM t JOIN u ON t.i = u.i").merged

    assert flows(answer) == {"o <- t *", "p <- t *", "p <- u"}


def test_rows_that_a_temporary_table_hands_on_flow_from_what_it_was_made_from() -> None:
    sql = "CREATE TEMP TABLE q AS SELECT a FROM t; INSERT INTO o SELECT a FROM q; INSERT INTO p SELECT b FROM u"

    assert flows(told(sql).merged) == {"o <- t", "p <- u"}


def test_a_bare_query_between_two_writes_flows_nowhere() -> None:
    answer = told("INSERT INTO o SELECT a FROM t; SELECT COUNT(*) FROM v; INSERT INTO p SELECT b FROM u").merged

    assert sorted(names(answer.inputs)) == ["t", "u", "v"]
    assert flows(answer) == {"o <- t", "p <- u"}


def test_a_view_that_a_script_makes_is_read_with_its_columns() -> None:
    answer = told("CREATE VIEW w (p, q) AS SELECT a, b FROM t; CREATE TABLE o AS SELECT * FROM w")

    assert pairs(answer.merged) == {"w.p <- t.a", "w.q <- t.b", "o.p <- w.p", "o.q <- w.q"}
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("dialect", "sql", "expected", "filters"),
    [
        ("snowflake", "INSERT ALL INTO x (p) VALUES (a) INTO y (q, r) VALUES (b, c) SELECT a, b, c FROM t",
         {"X.P <- T.A", "Y.Q <- T.B", "Y.R <- T.C"}, set()),
        ("snowflake", ("INSERT ALL WHEN a > 1 THEN INTO x (p) VALUES (a) WHEN b > 1 THEN INTO y (q) VALUES (c) SELECT "
         "a, b, c FROM t"),
         {"X.P <- T.A", "Y.Q <- T.C"}, {"X T.A", "Y T.B"}),
        ("snowflake", "INSERT OVERWRITE ALL INTO x INTO y SELECT a FROM t", {"X.A <- T.A", "Y.A <- T.A"}, set()),
        ("oracle", "INSERT ALL INTO x (p) VALUES (a) INTO y (q) VALUES (b + 1) SELECT a, b FROM t WHERE k = 1",
         {"X.P <- T.A", "Y.Q <- T.B"}, {"X T.K", "Y T.K"}),
        ("oracle", ("INSERT FIRST WHEN a > 1 THEN INTO x (p) VALUES (b) ELSE INTO y (q) VALUES (c) SELECT a, b, c "
         "FROM t"),
         {"X.P <- T.B", "Y.Q <- T.C"}, {"X T.A", "Y T.A"}),
        ("hive", ("FROM (SELECT a, b FROM t WHERE k = 1) s INSERT INTO TABLE x SELECT s.a INSERT INTO TABLE y SELECT "
         "s.b WHERE s.a > 1"),
         {"x.a <- t.a", "y.b <- t.b"}, {"x t.k", "y t.k", "y t.a"}),
    ],
)  # fmt: skip
def test_each_target_of_a_multi_table_insert_has_its_own_columns_and_conditions(
    dialect: str, sql: str, expected: set[str], filters: set[str]
) -> None:
    answer = told(sql, dialect).merged

    assert [name.lower() for name in names(answer.inputs)] == ["t"]
    assert [name.lower() for name in names(answer.outputs)] == ["x", "y"]
    assert pairs(answer) == expected
    assert {f"{edge.output.name} {edge.source.dataset.name}.{edge.source.name}" for edge in answer.datasets} == filters


def test_several_ctes_and_targets_of_one_text_do_not_mix() -> None:
    sql = """
        WITH c AS (SELECT a FROM t) INSERT INTO o SELECT a FROM c;
        INSERT INTO p SELECT a FROM c;
    """

    assert movements(told(sql)) == ["o <- t", "p <- c"]
