"""What each kind of statement reads and writes, and how statements of a script hang together."""

# ruff: noqa: S608 - SQL text is what is tested; no database ever sees it

from __future__ import annotations

import pytest

from riverhead_emitter.model import Dataset, Lineage
from riverhead_emitter.naming import Database, database
from riverhead_sql import lineage_of

DUCKDB = Database("db", "duckdb")
POSTGRES = Database("db", "postgres")


def inputs(lineage: Lineage) -> list[str]:
    return [touched.dataset.name for touched in lineage.inputs]


def outputs(lineage: Lineage) -> list[str]:
    return [touched.dataset.name for touched in lineage.outputs]


def pairs(lineage: Lineage) -> set[str]:
    return {
        f"{edge.output.dataset.name}.{edge.output.name} <- {edge.source.dataset.name}.{edge.source.name}"
        for edge in lineage.columns
    }


@pytest.mark.parametrize(
    ("sql", "read", "written", "expected"),
    [
        ("INSERT INTO o SELECT a FROM t", ["t"], ["o"], {"o.a <- t.a"}),
        ("INSERT INTO o (x, y) SELECT a, b FROM t", ["t"], ["o"], {"o.x <- t.a", "o.y <- t.b"}),
        ("WITH c AS (SELECT a FROM t) INSERT INTO o SELECT a FROM c", ["t"], ["o"], {"o.a <- t.a"}),
        ("INSERT INTO o (x) VALUES (1), (2)", [], ["o"], set()),
        ("INSERT INTO o (x) VALUES ((SELECT MAX(a) FROM t))", ["t"], ["o"], {"o.x <- t.a"}),
        ("INSERT INTO o SELECT a FROM o", ["o"], ["o"], {"o.a <- o.a"}),
        ("CREATE TABLE o AS SELECT a FROM t", ["t"], ["o"], {"o.a <- t.a"}),
        ("CREATE OR REPLACE TABLE o AS SELECT a FROM t", ["t"], ["o"], {"o.a <- t.a"}),
        ("CREATE VIEW o (x) AS SELECT a FROM t", ["t"], ["o"], {"o.x <- t.a"}),
        ("CREATE TABLE o (x INT)", [], ["o"], set()),
        ("DROP TABLE o", [], ["o"], set()),
        ("TRUNCATE TABLE o", [], ["o"], set()),
        ("SELECT t.a FROM t JOIN u ON t.i = u.i", ["t", "u"], [], set()),
        ("UPDATE o SET x = t.a FROM t WHERE o.i = t.i", ["t"], ["o"], {"o.x <- t.a"}),
        ("DELETE FROM o USING t WHERE o.i = t.i", ["t"], ["o"], set()),
        (
            (
                "MERGE INTO o USING t ON o.i = t.i WHEN MATCHED THEN UPDATE SET x = t.a "
                "WHEN NOT MATCHED THEN INSERT (i, x) VALUES (t.i, t.b)"
            ),
            ["t"], ["o"], {"o.x <- t.a", "o.i <- t.i", "o.x <- t.b"},
        ),
        ("SELECT a INTO o FROM t", ["t"], ["o"], {"o.a <- t.a"}),
        ("BEGIN", [], [], set()),
        ("SET search_path = 'x'", [], [], set()),
    ],
)  # fmt: skip
def test_a_statement_says_what_it_reads_and_writes(
    sql: str, read: list[str], written: list[str], expected: set[str]
) -> None:
    lineage = lineage_of(sql, default=POSTGRES).merged

    assert (inputs(lineage), outputs(lineage), pairs(lineage)) == (read, written, expected)
    assert lineage.unresolved == ()


@pytest.mark.parametrize(
    ("sql", "read", "written", "expected"),
    [
        (
            "WITH c AS (INSERT INTO log SELECT a, b FROM s RETURNING a) INSERT INTO o SELECT a FROM c",
            ["s", "log"], ["log", "o"], {"log.a <- s.a", "log.b <- s.b", "o.a <- log.a"},
        ),
        (
            "WITH c AS (DELETE FROM t WHERE old RETURNING a AS x) INSERT INTO o SELECT x FROM c",
            ["t"], ["t", "o"], {"o.x <- t.a"},
        ),
        (
            "WITH c (z) AS (UPDATE t SET x = u.y FROM u RETURNING t.x), d AS (SELECT z FROM c) SELECT z FROM d",
            ["u", "t"], ["t"], {"t.x <- u.y"},
        ),
        (
            (
                "WITH c AS (MERGE INTO t USING u ON t.i = u.i WHEN MATCHED AND u.k THEN UPDATE SET x = u.x "
                "RETURNING t.x) INSERT INTO o SELECT x FROM c"
            ),
            ["u", "t"], ["t", "o"], {"t.x <- u.x", "o.x <- t.x"},
        ),
        (
            "WITH s AS (SELECT a FROM t), c AS (INSERT INTO o SELECT a FROM s) SELECT 1 FROM u",
            ["t", "u"], ["o"], {"o.a <- t.a"},
        ),
        (
            (
                "WITH RECURSIVE r AS (SELECT a FROM t UNION ALL SELECT a + 1 FROM r), "
                "c AS (INSERT INTO o SELECT a FROM r) SELECT 1"
            ),
            ["t"], ["o"], {"o.a <- t.a"},
        ),
        (
            "WITH c AS (INSERT INTO p SELECT a FROM t RETURNING a), d AS (INSERT INTO q SELECT a FROM c) SELECT 1",
            ["t", "p"], ["p", "q"], {"p.a <- t.a", "q.a <- p.a"},
        ),
    ],
)  # fmt: skip
def test_a_write_inside_a_cte_is_a_write_and_returns_its_targets_columns(
    sql: str, read: list[str], written: list[str], expected: set[str]
) -> None:
    lineage = lineage_of(sql, default=POSTGRES).merged

    assert (inputs(lineage), outputs(lineage), pairs(lineage)) == (read, written, expected)
    assert lineage.unresolved == ()


def test_a_write_inside_a_cte_of_a_cte_is_a_write_too() -> None:
    inner = "WITH c AS (INSERT INTO log SELECT a FROM s RETURNING a) SELECT a FROM c"

    lineage = lineage_of(f"WITH d AS ({inner}) INSERT INTO o SELECT a FROM d", default=POSTGRES).merged

    assert outputs(lineage) == ["log", "o"]
    assert pairs(lineage) == {"log.a <- s.a", "o.a <- log.a"}


def test_an_insert_without_columns_fills_the_known_ones_by_position() -> None:
    lineage = lineage_of("INSERT INTO o SELECT b, a FROM t", default=POSTGRES, schema={"o": ["x", "y"]}).merged

    assert pairs(lineage) == {"o.x <- t.b", "o.y <- t.a"}


def test_an_insert_by_name_fills_the_columns_of_the_same_name() -> None:
    lineage = lineage_of("INSERT INTO o BY NAME SELECT b, a FROM t", default=DUCKDB, schema={"o": ["a", "b"]}).merged

    assert pairs(lineage) == {"o.a <- t.a", "o.b <- t.b"}


def test_a_known_output_shows_all_its_columns_and_not_only_the_written_ones() -> None:
    lineage = lineage_of("INSERT INTO o (y) SELECT a FROM t", default=POSTGRES, schema={"o": ["x", "y"]}).merged

    assert [field.name for field in lineage.outputs[0].fields] == ["x", "y"]


def test_a_star_into_listed_columns_is_named_and_never_guessed() -> None:
    lineage = lineage_of("INSERT INTO o (x, y) SELECT * FROM t", default=POSTGRES).merged

    assert lineage.columns == ()
    assert {reason.what for reason in lineage.unresolved} == {"* of t", "columns of o"}


def test_a_query_copied_to_a_file_gives_the_file_its_columns() -> None:
    lineage = lineage_of("COPY (SELECT a, SUM(b) AS s FROM t GROUP BY a) TO '/out/f.parquet'", default=DUCKDB).merged

    assert lineage.outputs[0].dataset == Dataset("file", "/out/f.parquet")
    assert pairs(lineage) == {"/out/f.parquet.a <- t.a", "/out/f.parquet.s <- t.b"}


@pytest.mark.parametrize("target", [DUCKDB, POSTGRES])
def test_a_table_copied_to_a_file_hands_every_known_column_on(target: Database) -> None:
    lineage = lineage_of("COPY t TO '/out/f.csv'", default=target, schema={"t": ["a", "b"]}).merged

    assert pairs(lineage) == {"/out/f.csv.a <- t.a", "/out/f.csv.b <- t.b"}


def test_a_file_copied_into_a_table_is_an_input() -> None:
    lineage = lineage_of("COPY t (a) FROM '/in/f.csv'", default=POSTGRES).merged

    assert (inputs(lineage), outputs(lineage)) == (["/in/f.csv"], ["t"])


@pytest.mark.parametrize(
    "source",
    [
        "'/in/Day.parquet'",
        "read_parquet('/in/Day.parquet')",
        "parquet_scan('/in/Day.parquet') AS f",
        "read_csv('/in/Day.parquet', header = true)",
    ],
)
def test_a_file_in_a_from_is_an_input_with_its_name_as_written(source: str) -> None:
    lineage = lineage_of(f"CREATE TABLE o AS SELECT a FROM {source}", default=DUCKDB).merged

    assert lineage.inputs[0].dataset == Dataset("file", "/in/Day.parquet")
    assert pairs(lineage) == {"o.a <- /in/Day.parquet.a"}


def test_several_files_read_as_one_are_all_inputs() -> None:
    lineage = lineage_of("SELECT a FROM read_csv(['/a.csv', 's3://b/c.csv'])", default=DUCKDB).merged

    assert [touched.dataset for touched in lineage.inputs] == [Dataset("file", "/a.csv"), Dataset("s3://b", "c.csv")]


def test_a_pattern_of_files_is_the_folder_that_it_looks_into() -> None:
    lineage = lineage_of("SELECT a FROM '/in/day=*/f.parquet'", default=DUCKDB).merged

    assert inputs(lineage) == ["/in"]


def test_the_columns_of_a_file_keep_their_case() -> None:
    lineage = lineage_of("COPY (SELECT Id AS Key FROM '/in/f.parquet') TO '/out/f.parquet'", default=DUCKDB).merged

    assert pairs(lineage) == {"/out/f.parquet.Key <- /in/f.parquet.Id"}


def test_names_are_completed_from_the_database() -> None:
    warehouse = database("duckdb", "/data/warehouse.duckdb", None, None)
    assert warehouse is not None

    lineage = lineage_of("INSERT INTO mart.o SELECT a FROM t", default=warehouse).merged

    assert lineage.inputs[0].dataset == Dataset("duckdb:///data/warehouse.duckdb", "warehouse.main.t")
    assert lineage.outputs[0].dataset == Dataset("duckdb:///data/warehouse.duckdb", "warehouse.mart.o")


def test_a_schema_is_found_by_any_form_of_a_name() -> None:
    warehouse = Database("db", "postgres", "shop", "public")

    by_short, by_long = (
        lineage_of("CREATE TABLE o AS SELECT * FROM t", default=warehouse, schema={name: ["a"]}).merged
        for name in ("t", "shop.public.t")
    )

    assert pairs(by_short) == pairs(by_long) == {"shop.public.o.a <- shop.public.t.a"}


def test_use_changes_what_names_mean() -> None:
    sql = "USE DATABASE d1; USE SCHEMA s1; INSERT INTO t SELECT a FROM u"

    lineage = lineage_of(sql, default=Database("db", "snowflake")).merged

    assert (inputs(lineage), outputs(lineage)) == (["D1.S1.U"], ["D1.S1.T"])


def test_a_temporary_table_is_flowed_through_and_never_listed() -> None:
    sql = """
        CREATE TEMP TABLE q AS SELECT id, MD5(email) AS h FROM raw.people WHERE active;
        INSERT INTO mart.hashes SELECT h FROM q;
        DROP TABLE q;
    """

    answer = lineage_of(sql, default=POSTGRES)

    assert (inputs(answer.merged), outputs(answer.merged)) == (["raw.people"], ["mart.hashes"])
    assert pairs(answer.merged) == {"mart.hashes.h <- raw.people.email"}
    assert answer.merged.columns[0].is_masking
    assert [edge.source.name for edge in answer.merged.datasets] == ["active"]
    assert len(answer.statements) == 3


def test_a_temporary_table_gathers_everything_put_into_it() -> None:
    sql = """
        CREATE TEMP TABLE q (x INT);
        INSERT INTO q SELECT a FROM t;
        INSERT INTO q SELECT b FROM u;
        CREATE TABLE o AS SELECT * FROM q;
    """

    assert pairs(lineage_of(sql, default=POSTGRES).merged) == {"o.x <- t.a", "o.x <- u.b"}


def test_a_table_that_the_script_writes_and_then_reads_is_both() -> None:
    sql = "CREATE TABLE stage AS SELECT a FROM t; INSERT INTO mart SELECT a FROM stage"

    lineage = lineage_of(sql, default=POSTGRES).merged

    assert (inputs(lineage), outputs(lineage)) == (["t", "stage"], ["stage", "mart"])


def test_each_output_of_a_script_keeps_its_own_mapping() -> None:
    sql = "CREATE TABLE x AS SELECT a FROM t WHERE p; CREATE TABLE y AS SELECT b FROM u"

    answer = lineage_of(sql, default=POSTGRES)

    assert [pairs(statement) for statement in answer.statements] == [{"x.a <- t.a"}, {"y.b <- u.b"}]
    assert pairs(answer.merged) == {"x.a <- t.a", "y.b <- u.b"}
    assert [edge.output.name for edge in answer.merged.datasets] == ["x"]


def test_columns_that_a_script_defined_are_known_to_the_rest_of_it() -> None:
    sql = ["CREATE TABLE s (x INT, y TEXT)", "INSERT INTO s SELECT b, a FROM t", "CREATE TABLE o AS SELECT * FROM s"]

    assert pairs(lineage_of(sql, default=POSTGRES).merged) == {
        "s.x <- t.b", "s.y <- t.a", "o.x <- s.x", "o.y <- s.y",
    }  # fmt: skip


def test_several_targets_of_one_insert_have_each_their_own_columns() -> None:
    sql = "FROM t INSERT OVERWRITE TABLE x SELECT a, b WHERE p INSERT OVERWRITE TABLE y SELECT a"

    lineage = lineage_of(sql, default=Database("db", "hive")).merged

    assert pairs(lineage) == {"x.a <- t.a", "x.b <- t.b", "y.a <- t.a"}
    assert [(edge.output.name, edge.source.name) for edge in lineage.datasets] == [("x", "p")]


def test_the_rows_of_a_bare_query_go_where_the_host_says() -> None:
    lineage = lineage_of("SELECT a FROM t", default=DUCKDB, result=Dataset("s3://b", "f.csv")).merged

    assert pairs(lineage) == {"f.csv.a <- t.a"}


@pytest.mark.parametrize("clause", ["WHERE b = %(x)s", "LIMIT %s"])
@pytest.mark.parametrize("dialect", ["postgres", "mysql"])
def test_parameters_that_the_driver_fills_in_do_not_hide_the_statement(clause: str, dialect: str) -> None:
    sql = f"INSERT INTO o SELECT a FROM t {clause}"

    assert pairs(lineage_of(sql, default=Database("db", dialect)).merged) == {"o.a <- t.a"}
