"""What becomes of whole tables: made, emptied, changed, renamed, swapped, dropped; alone and inside a script."""

from __future__ import annotations

import pytest

from sql_answers import doubts, flows, lifecycles, movements, names, pairs, told

COLUMNS = {"o": ["a", "b"], "s": ["a", "b"], "p": ["a", "b"]}


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        ("postgres", "DROP TABLE o", {"o": "DROP"}),
        ("postgres", "DROP TABLE IF EXISTS s.o, p CASCADE", {"s.o": "DROP", "p": "DROP"}),
        ("postgres", "DROP VIEW o", {"o": "DROP"}),
        ("postgres", "DROP MATERIALIZED VIEW o", {"o": "DROP"}),
        ("snowflake", "DROP TABLE d.s.o", {"D.S.O": "DROP"}),
        ("postgres", "DROP INDEX i; DROP FUNCTION f; DROP SCHEMA s; DROP SEQUENCE q", {}),
        ("postgres", "TRUNCATE o, p", {"o": "TRUNCATE", "p": "TRUNCATE"}),
        ("tsql", "TRUNCATE TABLE dbo.o", {"dbo.o": "TRUNCATE"}),
        ("postgres", "ALTER TABLE o ADD COLUMN x INT", {"o": "ALTER"}),
        ("postgres", "ALTER TABLE o DROP COLUMN x, ALTER COLUMN y TYPE text", {"o": "ALTER"}),
        ("postgres", "ALTER TABLE o RENAME COLUMN a TO b", {"o": "ALTER"}),
        ("postgres", "ALTER INDEX i RENAME TO j", {}),
        ("postgres", "CREATE TABLE o (x INT)", {"o": "CREATE"}),
        ("postgres", "CREATE TABLE IF NOT EXISTS o AS SELECT a FROM t", {"o": "CREATE"}),
        ("postgres", "CREATE VIEW o AS SELECT a FROM t", {"o": "CREATE"}),
        ("postgres", "CREATE MATERIALIZED VIEW o AS SELECT a FROM t", {"o": "CREATE"}),
        ("snowflake", "CREATE OR REPLACE TABLE o AS SELECT a FROM t", {"O": "OVERWRITE"}),
        ("postgres", "CREATE OR REPLACE VIEW o AS SELECT a FROM t", {"o": "OVERWRITE"}),
        ("postgres", "SELECT a INTO o FROM t", {"o": "CREATE"}),
        ("spark", "INSERT OVERWRITE TABLE o SELECT a FROM t", {"o": "OVERWRITE"}),
        ("snowflake", "INSERT OVERWRITE INTO o SELECT a FROM t", {"O": "OVERWRITE"}),
        ("postgres", "INSERT INTO o SELECT a FROM t", {}),
        ("postgres", "UPDATE o SET a = 1; DELETE FROM o", {}),
        ("postgres", "CREATE INDEX i ON o (a); CREATE SCHEMA s; CREATE SEQUENCE q", {}),
    ],
)
def test_a_lifecycle_says_what_became_of_a_table(dialect: str, sql: str, expected: dict[str, str]) -> None:
    answer = told(sql, dialect)

    assert lifecycles(answer.merged) == expected
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("dialect", "sql", "change"),
    [
        ("snowflake", "CREATE DYNAMIC TABLE IF NOT EXISTS o TARGET_LAG = '1 minute' WAREHOUSE = w AS SELECT a FROM t",
         "CREATE"),
        ("snowflake", "CREATE OR REPLACE DYNAMIC TABLE o TARGET_LAG = '1 day' WAREHOUSE = w AS SELECT a FROM t",
         "OVERWRITE"),
        ("tsql", "CREATE TABLE o WITH (DISTRIBUTION = HASH(a), HEAP) AS SELECT a FROM t OPTION (LABEL = 'x')",
         "CREATE"),
        ("tsql", "CREATE VIEW o WITH SCHEMABINDING AS SELECT a FROM t WITH CHECK OPTION", "CREATE"),
        ("oracle", "CREATE TABLE o NOLOGGING PARALLEL 4 TABLESPACE x AS SELECT a FROM t", "CREATE"),
        ("oracle", "CREATE OR REPLACE FORCE VIEW o AS SELECT a FROM t WITH READ ONLY", "OVERWRITE"),
        ("oracle", "CREATE MATERIALIZED VIEW o BUILD IMMEDIATE REFRESH FAST ON COMMIT AS SELECT a FROM t", "CREATE"),
        ("postgres", "CREATE MATERIALIZED VIEW o TABLESPACE x AS SELECT a FROM t WITH NO DATA", "CREATE"),
        ("postgres", "CREATE MATERIALIZED VIEW IF NOT EXISTS o TABLESPACE x AS SELECT a FROM t", "CREATE"),
        ("postgres", "CREATE UNLOGGED TABLE o AS SELECT a FROM t", "CREATE"),
        ("postgres", "CREATE VIEW o AS SELECT a FROM t WITH LOCAL CHECK OPTION", "CREATE"),
        ("redshift", "CREATE TABLE o DISTKEY(a) SORTKEY(a) BACKUP NO AS SELECT a FROM t", "CREATE"),
        ("bigquery", "CREATE TABLE o PARTITION BY a CLUSTER BY a OPTIONS (labels = [('x', 'y')]) AS SELECT a FROM t",
         "CREATE"),
        ("databricks", "CREATE OR REPLACE TABLE o USING DELTA PARTITIONED BY (a) LOCATION '/x' AS SELECT a FROM t",
         "OVERWRITE"),
        ("trino", "CREATE TABLE o WITH (format = 'ORC', partitioned_by = ARRAY['a']) AS SELECT a FROM t", "CREATE"),
        ("teradata", "CREATE MULTISET TABLE o, NO FALLBACK AS (SELECT a FROM t) WITH DATA PRIMARY INDEX (a)", "CREATE"),
        ("clickhouse", "CREATE TABLE o ENGINE = MergeTree ORDER BY a SETTINGS x = 1 AS SELECT a FROM t", "CREATE"),
        ("mysql", "CREATE TABLE o ENGINE = InnoDB SELECT a FROM t", "CREATE"),
        ("hive", "CREATE TABLE o STORED AS ORC TBLPROPERTIES ('x' = 'y') AS SELECT a FROM t", "CREATE"),
    ],
)  # fmt: skip
def test_what_a_dialect_says_around_a_query_does_not_hide_what_is_made_from_it(
    dialect: str, sql: str, change: str
) -> None:
    answer = told(sql, dialect)

    assert [line.lower() for line in movements(answer)] == ["o <- t"]
    assert {pair.lower() for pair in pairs(answer.merged)} == {"o.a <- t.a"}
    assert list(lifecycles(answer.merged).values()) == [change]
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("postgres", "ALTER TABLE s RENAME TO o"),
        ("oracle", "RENAME s TO o"),
        ("mysql", "RENAME TABLE s TO o"),
        ("mysql", "ALTER TABLE s RENAME o"),
        ("teradata", "RENAME TABLE s AS o"),
        ("clickhouse", "RENAME TABLE s TO o"),
        ("spark", "ALTER TABLE s RENAME TO o"),
        ("bigquery", "ALTER TABLE s RENAME TO o"),
        ("tsql", "EXEC sp_rename 's', 'o'"),
    ],
)
def test_a_rename_hands_every_column_on_to_the_new_name(dialect: str, sql: str) -> None:
    answer = told(sql, dialect, COLUMNS)

    assert [line.lower() for line in movements(answer)] == ["o <- s"]
    assert {pair.lower() for pair in pairs(answer.merged)} == {"o.a <- s.a", "o.b <- s.b"}
    (output,) = answer.merged.outputs
    assert output.facets["lifecycleStateChange"]["lifecycleStateChange"] == "RENAME"
    assert output.facets["lifecycleStateChange"]["previousIdentifier"]["name"].lower() == "s"


def test_a_new_name_without_a_schema_stays_in_the_old_ones() -> None:
    assert movements(told("ALTER TABLE x.s RENAME TO o")) == ["x.o <- x.s"]
    assert movements(told("EXEC sp_rename 'x.s', 'o'", "tsql")) == ["x.o <- x.s"]


def test_several_tables_may_be_renamed_at_once() -> None:
    assert movements(told("RENAME TABLE a TO b, c TO d", "mysql")) == ["b <- a", "d <- c"]


@pytest.mark.parametrize(
    ("dialect", "sql"), [("snowflake", "ALTER TABLE o SWAP WITH s"), ("clickhouse", "EXCHANGE TABLES o AND s")]
)
def test_a_swap_hands_the_columns_of_each_table_to_the_other(dialect: str, sql: str) -> None:
    answer = told(sql, dialect, COLUMNS).merged

    assert {pair.lower() for pair in pairs(answer)} == {"o.a <- s.a", "o.b <- s.b", "s.a <- o.a", "s.b <- o.b"}
    assert sorted(name.lower() for name in names(answer.inputs)) == ["o", "s"]
    assert sorted(name.lower() for name in names(answer.outputs)) == ["o", "s"]
    assert {flow.lower() for flow in flows(answer)} == {"o <- s", "s <- o"}


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("hive", "ALTER TABLE o EXCHANGE PARTITION (d = 'x') WITH TABLE s"),
        ("redshift", "ALTER TABLE o APPEND FROM s"),
        ("tsql", "ALTER TABLE s SWITCH TO o"),
        ("tsql", "ALTER TABLE s SWITCH PARTITION 1 TO o PARTITION 1"),
        ("clickhouse", "ALTER TABLE o REPLACE PARTITION '2026' FROM s"),
        ("clickhouse", "ALTER TABLE o ATTACH PARTITION '2026' FROM s"),
        ("clickhouse", "ALTER TABLE s MOVE PARTITION '2026' TO TABLE o"),
        ("snowflake", "CREATE TABLE o CLONE s"),
        ("bigquery", "CREATE TABLE o COPY s"),
        ("bigquery", "CREATE OR REPLACE TABLE o CLONE s"),
        ("databricks", "CREATE TABLE o SHALLOW CLONE s"),
    ],
)
def test_rows_that_a_table_takes_over_from_another_are_its_columns(dialect: str, sql: str) -> None:
    answer = told(sql, dialect, {"o": ["a", "b"], "s": ["a", "b"]})

    assert [line.lower() for line in movements(answer)] == ["o <- s"]
    assert {pair.lower() for pair in pairs(answer.merged)} == {"o.a <- s.a", "o.b <- s.b"}


@pytest.mark.parametrize("dialect", ["mysql", "oracle"])
def test_an_exchanged_partition_goes_both_ways(dialect: str) -> None:
    answer = told("ALTER TABLE o EXCHANGE PARTITION p1 WITH TABLE s", dialect, COLUMNS).merged

    assert sorted(name.lower() for name in names(answer.outputs)) == ["o", "s"]
    assert {pair.lower() for pair in pairs(answer)} >= {"o.a <- s.a", "s.a <- o.a"}


MADE = "CREATE TABLE o_new AS SELECT a FROM t"


@pytest.mark.parametrize(
    ("dialect", "rest"),
    [
        ("postgres", "DROP TABLE o; ALTER TABLE o_new RENAME TO o"),
        ("postgres", "DROP TABLE IF EXISTS o; ALTER TABLE o_new RENAME TO o"),
        ("postgres", "ALTER TABLE o RENAME TO o_old; ALTER TABLE o_new RENAME TO o; DROP TABLE o_old"),
        ("postgres", "BEGIN; DROP TABLE o; ALTER TABLE o_new RENAME TO o; COMMIT"),
        ("mysql", "RENAME TABLE o TO o_old, o_new TO o; DROP TABLE o_old"),
        ("snowflake", "ALTER TABLE o_new SWAP WITH o; DROP TABLE o_new"),
        ("snowflake", "ALTER TABLE o SWAP WITH o_new; DROP TABLE o_new"),
        ("teradata", "DROP TABLE o; RENAME TABLE o_new AS o"),
        ("oracle", "DROP TABLE o; RENAME o_new TO o"),
        ("clickhouse", "DROP TABLE o; RENAME TABLE o_new TO o"),
    ],
)
def test_a_table_that_is_built_aside_and_put_in_anothers_place_is_that_one(dialect: str, rest: str) -> None:
    answer = told(f"{MADE}; {rest}", dialect).merged

    assert [name.lower() for name in names(answer.inputs)] == ["t"]
    assert [name.lower() for name in names(answer.outputs)] == ["o"]
    assert {pair.lower() for pair in pairs(answer)} == {"o.a <- t.a"}
    assert set(lifecycles(answer).values()) <= {"CREATE", "OVERWRITE", "RENAME"}


def test_a_procedure_of_the_server_renames_like_a_statement() -> None:
    answer = told("SELECT a INTO o_new FROM t; DROP TABLE o; EXEC sp_rename 'o_new', 'o'", "tsql").merged

    assert (names(answer.inputs), names(answer.outputs)) == (["t"], ["o"])
    assert pairs(answer) == {"o.a <- t.a"}


def test_without_dropping_the_old_version_a_swap_leaves_it_under_the_other_name() -> None:
    answer = told(f"{MADE}; ALTER TABLE o_new SWAP WITH o", "snowflake").merged

    assert "O.A <- T.A" in pairs(answer)
    assert "O_NEW.A <- T.A" not in pairs(answer)


def test_a_rename_inside_a_script_renames_what_was_written_before_and_not_after() -> None:
    sql = "INSERT INTO s SELECT a FROM t; ALTER TABLE s RENAME TO o; CREATE TABLE s AS SELECT b FROM u"

    answer = told(sql).merged

    assert pairs(answer) == {"o.a <- t.a", "s.b <- u.b"}
    assert sorted(names(answer.outputs)) == ["o", "s"]


def test_a_renamed_table_is_read_by_its_new_name_with_its_columns() -> None:
    answer = told("CREATE TABLE s AS SELECT a FROM t; ALTER TABLE s RENAME TO o; CREATE TABLE p AS SELECT * FROM o")

    assert pairs(answer.merged) == {"o.a <- t.a", "p.a <- o.a"}
    assert doubts(answer) == []


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE s AS SELECT a AS x FROM t; INSERT INTO o SELECT x FROM s; DROP TABLE s",
        "CREATE TABLE s AS SELECT a AS x FROM t; INSERT INTO o SELECT x FROM s; DROP TABLE IF EXISTS s CASCADE",
        "CREATE TABLE s (x INT); INSERT INTO s SELECT a FROM t; INSERT INTO o SELECT x FROM s; DROP TABLE s",
        "CREATE VIEW s AS SELECT a AS x FROM t; INSERT INTO o SELECT x FROM s; DROP VIEW s",
        "SELECT a AS x INTO s FROM t; INSERT INTO o SELECT x FROM s; DROP TABLE s",
        ("CREATE TABLE s AS SELECT a AS y FROM t; CREATE TABLE r AS SELECT y AS x FROM s; INSERT INTO o SELECT x FROM "
        "r; DROP TABLE r, s"),
        ("CREATE TABLE r AS SELECT a AS x FROM t; ALTER TABLE r RENAME TO s; INSERT INTO o SELECT x FROM s; DROP "
        "TABLE s"),
    ],
)  # fmt: skip
def test_a_table_that_a_script_makes_and_drops_only_hands_rows_on(sql: str) -> None:
    answer = told(sql)

    assert names(answer.merged.inputs) == ["t"]
    assert names(answer.merged.outputs) == ["o"]
    assert pairs(answer.merged) == {"o.x <- t.a"}
    assert doubts(answer) == []


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE s AS SELECT a FROM t; DROP TABLE x.s",
        "CREATE TABLE s AS SELECT a FROM t; USE SCHEMA x; DROP TABLE s",
        'CREATE TABLE "s" AS SELECT a FROM t; DROP TABLE s',
    ],
)
def test_a_table_of_the_same_name_elsewhere_is_another(sql: str) -> None:
    answer = told(sql, "snowflake")

    assert movements(answer)[0] in {"S <- T", "s <- T"}
    assert [kind for kind in lifecycles(answer.merged).values() if kind == "DROP"] == ["DROP"]


def test_a_table_that_is_dropped_before_it_is_made_stays() -> None:
    answer = told("DROP TABLE IF EXISTS o; CREATE TABLE o AS SELECT a FROM t").merged

    assert names(answer.outputs) == ["o"]
    assert pairs(answer) == {"o.a <- t.a"}
    assert lifecycles(answer) == {"o": "CREATE"}


def test_a_table_that_is_dropped_and_made_anew_after_its_use_is_no_longer_only_passing() -> None:
    sql = "CREATE TABLE s AS SELECT a FROM t; DROP TABLE s; CREATE TABLE s AS SELECT b FROM u"

    answer = told(sql).merged

    assert pairs(answer) == {"s.b <- u.b"}
    assert names(answer.outputs) == ["s"]
    assert lifecycles(answer) == {"s": "CREATE"}


def test_a_dropped_tables_columns_are_forgotten() -> None:
    answer = told("CREATE TABLE s (a INT); DROP TABLE IF EXISTS q; DROP TABLE s; CREATE TABLE o AS SELECT * FROM s")

    assert pairs(answer.merged) == set()
    assert [doubt.partition(":")[0] for doubt in doubts(answer)] == ["* of s"]


def test_emptying_and_filling_a_table_keeps_both() -> None:
    answer = told("TRUNCATE TABLE o; INSERT INTO o SELECT a FROM t")

    assert movements(answer) == ["o <-", "o <- t"]
    assert lifecycles(answer.statements[0]) == {"o": "TRUNCATE"}
    assert pairs(answer.merged) == {"o.a <- t.a"}


def test_a_table_made_like_another_has_it_as_input_and_its_columns() -> None:
    answer = told("CREATE TABLE o (LIKE s); INSERT INTO o SELECT x, y FROM t", schema={"s": ["a", "b"]})

    assert movements(answer) == ["o <- s", "o <- t"]
    assert pairs(answer.merged) == {"o.a <- t.x", "o.b <- t.y"}
