"""Rows that go between tables and files: COPY, UNLOAD, LOAD, EXPORT, stages, and files in a FROM."""

# ruff: noqa: S608 - SQL text is what is tested; no database ever sees it

from __future__ import annotations

import pytest

from riverhead_emitter.model import Dataset
from sql_answers import doubts, lifecycles, movements, pairs, told


@pytest.mark.parametrize(
    ("dialect", "sql", "target", "source"),
    [
        ("postgres", "COPY s.o (a, b) FROM '/in/f.csv' WITH (FORMAT csv)", "s.o", Dataset("file", "/in/f.csv")),
        ("redshift", "COPY o FROM 's3://b/in/day' IAM_ROLE 'arn:aws:iam::1:role/r' FORMAT AS PARQUET", "o",
         Dataset("s3://b", "in/day")),
        ("redshift", "COPY o (a, b) FROM 's3://b/in/f.csv' CREDENTIALS 'x' CSV GZIP", "o", Dataset("s3://b",
         "in/f.csv")),
        ("snowflake", "COPY INTO o FROM 's3://b/in/f.csv' FILE_FORMAT = (TYPE = CSV)", "O", Dataset("s3://b",
         "in/f.csv")),
        ("snowflake", "COPY INTO o (a, b) FROM @stage/day FILE_FORMAT = (TYPE = CSV) PATTERN = '.*[.]csv'", "O",
         Dataset("sql", "@stage/day")),
        ("databricks", "COPY INTO s.o FROM 's3://b/in/day' FILEFORMAT = JSON", "s.o", Dataset("s3://b", "in/day")),
        ("bigquery", "LOAD DATA INTO d.o FROM FILES (format = 'CSV', uris = ['gs://b/in/f.csv'])", "d.o",
         Dataset("gs://b", "in/f.csv")),
        ("hive", "LOAD DATA INPATH '/in/day' INTO TABLE o PARTITION (d = 'x')", "o", Dataset("file", "/in/day")),
        ("spark", "LOAD DATA LOCAL INPATH '/in/day' OVERWRITE INTO TABLE o", "o", Dataset("file", "/in/day")),
        ("hive", "IMPORT TABLE o FROM '/in/day'", "o", Dataset("file", "/in/day")),
        ("mysql", "LOAD DATA LOCAL INFILE '/in/f.csv' INTO TABLE o FIELDS TERMINATED BY ','", "o", Dataset("file",
         "/in/f.csv")),
        ("mysql", "LOAD DATA INFILE '/in/f.csv' REPLACE INTO TABLE s.o", "s.o", Dataset("file", "/in/f.csv")),
        ("tsql", "BULK INSERT dbo.o FROM '/in/f.csv' WITH (FIELDTERMINATOR = ',', FIRSTROW = 2)", "dbo.o",
         Dataset("file", "/in/f.csv")),
        ("duckdb", "COPY o FROM '/in/f.parquet' (FORMAT parquet)", "o", Dataset("file", "/in/f.parquet")),
    ],
)  # fmt: skip
def test_a_load_reads_the_file_and_writes_the_table(dialect: str, sql: str, target: str, source: Dataset) -> None:
    answer = told(sql, dialect)

    assert [touched.dataset for touched in answer.merged.inputs] == [source]
    assert [touched.dataset.name for touched in answer.merged.outputs] == [target]
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("dialect", "sql", "target", "expected"),
    [
        ("redshift", "UNLOAD ('SELECT a, b FROM t WHERE d = ''x''') TO 's3://b/out/day' IAM_ROLE 'r' PARQUET",
         Dataset("s3://b", "out/day"), {"out/day.a <- t.a", "out/day.b <- t.b"}),
        ("redshift", "UNLOAD ($$SELECT a FROM t$$) TO 's3://b/out/day'", Dataset("s3://b", "out/day"), {
         "out/day.a <- t.a"}),
        ("athena", "UNLOAD (SELECT a FROM t) TO 's3://b/out/day' WITH (format = 'PARQUET')", Dataset("s3://b",
         "out/day"),
         {"out/day.a <- t.a"}),
        ("postgres", "COPY (SELECT a, b AS c FROM t) TO '/out/f.csv' CSV HEADER", Dataset("file", "/out/f.csv"),
         {"/out/f.csv.a <- t.a", "/out/f.csv.c <- t.b"}),
        ("duckdb", "COPY (SELECT Id AS Key FROM t) TO '/out/f.parquet'", Dataset("file", "/out/f.parquet"),
         {"/out/f.parquet.Key <- t.id"}),
        ("postgres", "COPY t (a, b) TO '/out/f.csv'", Dataset("file", "/out/f.csv"),
         {"/out/f.csv.a <- t.a", "/out/f.csv.b <- t.b"}),
        ("snowflake", "COPY INTO @stage/day FROM (SELECT a FROM t)", Dataset("sql", "@stage/day"), {
         "@stage/day.A <- T.A"}),
        ("snowflake", "COPY INTO 's3://b/out/day' FROM (SELECT a FROM t) FILE_FORMAT = (TYPE = PARQUET)",
         Dataset("s3://b", "out/day"), {"out/day.A <- T.A"}),
        ("bigquery", "EXPORT DATA OPTIONS (uri = 'gs://b/out/*.csv', format = 'CSV') AS SELECT a FROM t",
         Dataset("gs://b", "out"), {"out.a <- t.a"}),
        ("hive", "INSERT OVERWRITE DIRECTORY '/out/day' SELECT a FROM t", Dataset("file", "/out/day"), {
         "/out/day.a <- t.a"}),
        ("spark", "INSERT OVERWRITE LOCAL DIRECTORY '/out/day' USING parquet SELECT a FROM t", Dataset("file",
         "/out/day"),
         {"/out/day.a <- t.a"}),
        ("clickhouse", "INSERT INTO FUNCTION file('/out/f.parquet', 'Parquet') SELECT a FROM t", Dataset("file",
         "/out/f.parquet"),
         {"/out/f.parquet.a <- t.a"}),
        ("mysql", "SELECT a FROM t INTO OUTFILE '/out/f.csv'", Dataset("file", "/out/f.csv"), {"/out/f.csv.a <- t.a"}),
        ("mysql", "SELECT a INTO OUTFILE '/out/f.csv' FIELDS TERMINATED BY ',' FROM t", Dataset("file", "/out/f.csv"),
         {"/out/f.csv.a <- t.a"}),
    ],
)  # fmt: skip
def test_an_export_reads_the_query_and_writes_the_file(
    dialect: str, sql: str, target: Dataset, expected: set[str]
) -> None:
    answer = told(sql, dialect)

    assert [touched.dataset.name.lower() for touched in answer.merged.inputs] == ["t"]
    assert [touched.dataset for touched in answer.merged.outputs] == [target]
    assert pairs(answer.merged) == expected
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("hive", "EXPORT TABLE t TO '/out/day'"),
        ("redshift", "UNLOAD ('SELECT * FROM t') TO '/out/day'"),
        ("postgres", "COPY t TO '/out/day'"),
        ("snowflake", "COPY INTO '/out/day' FROM t"),
    ],
)
def test_a_whole_table_is_exported_column_by_column_where_they_are_known(dialect: str, sql: str) -> None:
    answer = told(sql, dialect, {"t": ["a", "b"]})

    assert {pair.lower() for pair in pairs(answer.merged)} == {"/out/day.a <- t.a", "/out/day.b <- t.b"}
    assert doubts(answer) == []


def test_every_file_that_a_load_lists_is_an_input() -> None:
    sql = "LOAD DATA OVERWRITE d.o FROM FILES (uris = ['gs://b/x.csv', 'gs://b/y.csv'], format = 'CSV')"

    answer = told(sql, "bigquery").merged

    assert [touched.dataset for touched in answer.inputs] == [Dataset("gs://b", "x.csv"), Dataset("gs://b", "y.csv")]
    assert lifecycles(answer) == {"d.o": "OVERWRITE"}


def test_a_load_without_overwrite_leaves_the_table_what_it_is() -> None:
    sql = "LOAD DATA INTO d.o FROM FILES (uris = ['gs://b/x.csv'], format = 'CSV')"

    assert lifecycles(told(sql, "bigquery").merged) == {}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("COPY o FROM STDIN", ["o <-"]),
        ("COPY t TO STDOUT", ["<- t"]),
        ("COPY (SELECT a FROM t) TO STDOUT WITH CSV", ["<- t"]),
        ("COPY t TO PROGRAM 'gzip > /out/f.gz'", ["<- t"]),
    ],
)
def test_a_copy_to_the_client_is_no_file(sql: str, expected: list[str]) -> None:
    assert movements(told(sql)) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            "COPY INTO o (a, b) FROM (SELECT $1, s.$2 FROM @stage/day s)",
            {"O.A <- @stage/day.$1", "O.B <- @stage/day.$2"},
        ),
        ("COPY INTO o (a) FROM (SELECT UPPER(s.$3) FROM @stage/day AS s)", {"O.A <- @stage/day.$3"}),
        ("INSERT INTO o (a) SELECT s.$1 FROM @stage/day (FILE_FORMAT => 'csv') s", {"O.A <- @stage/day.$1"}),
        ("CREATE TABLE o AS SELECT $2 AS a FROM @stage/day", {"O.A <- @stage/day.$2"}),
        ("CREATE TABLE o AS SELECT s.$1:id::INT AS a FROM @stage/day s", {"O.A <- @stage/day.$1"}),
    ],
)
def test_a_query_over_a_stage_reads_its_columns_by_number(sql: str, expected: set[str]) -> None:
    answer = told(sql, "snowflake")

    assert pairs(answer.merged) == expected
    assert movements(answer) == ["O <- @stage/day"]
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("dialect", "relation", "source"),
    [
        ("duckdb", "'/in/f.parquet'", Dataset("file", "/in/f.parquet")),
        ("duckdb", "'s3://b/in/f.csv' AS f", Dataset("s3://b", "in/f.csv")),
        ("duckdb", "read_json('/in/f.json')", Dataset("file", "/in/f.json")),
        ("duckdb", "'/in/*.parquet'", Dataset("file", "/in")),
        ("spark", "parquet.`/in/day`", Dataset("file", "/in/day")),
        ("spark", "delta.`s3://b/in/day` AS f", Dataset("s3://b", "in/day")),
        ("databricks", "csv.`/in/f.csv`", Dataset("file", "/in/f.csv")),
        ("databricks", "read_files('/in/day', format => 'csv')", Dataset("file", "/in/day")),
        ("clickhouse", "file('/in/f.csv', 'CSV')", Dataset("file", "/in/f.csv")),
        ("tsql", "OPENROWSET(BULK '/in/f.parquet', FORMAT = 'PARQUET') AS f", Dataset("file", "/in/f.parquet")),
        ("tsql", "OPENROWSET (BULK N'/in/*.csv', FORMAT = 'CSV') WITH (a VARCHAR(9) 1) AS f", Dataset("file", "/in")),
    ],
)
def test_a_file_in_a_from_is_read_by_its_columns_names(dialect: str, relation: str, source: Dataset) -> None:
    answer = told(f"INSERT INTO o SELECT a FROM {relation}", dialect)

    assert [touched.dataset for touched in answer.merged.inputs] == [source]
    assert pairs(answer.merged) == {f"o.a <- {source.name}.a"}


@pytest.mark.parametrize(
    "view",
    [
        "CREATE TEMPORARY VIEW v USING parquet OPTIONS (path '/in/day')",
        "CREATE OR REPLACE TEMP VIEW v USING org.apache.spark.sql.parquet OPTIONS (path '/in/day')",
        "CREATE TEMP VIEW v AS SELECT * FROM parquet.`/in/day`",
    ],
)
def test_a_temporary_view_of_files_hands_their_columns_on(view: str) -> None:
    answer = told(f"{view}; INSERT INTO o SELECT a FROM v", "spark")

    assert [touched.dataset for touched in answer.merged.inputs] == [Dataset("file", "/in/day")]
    assert pairs(answer.merged) == {"o.a <- /in/day.a"}


def test_a_file_that_a_script_writes_and_reads_hands_its_columns_on() -> None:
    answer = told("COPY (SELECT a AS x FROM t) TO '/f.parquet'; CREATE TABLE o AS SELECT x FROM '/f.parquet'", "duckdb")

    assert movements(answer) == ["/f.parquet <- t", "o <- /f.parquet"]
    assert pairs(answer.merged) == {"/f.parquet.x <- t.a", "o.x <- /f.parquet.x"}


def test_a_table_that_ends_like_a_file_is_no_file_elsewhere() -> None:
    assert movements(told('INSERT INTO o SELECT a FROM "f.csv"', "postgres")) == ["o <- f.csv"]
    assert told('SELECT a FROM "f.csv"', "postgres").merged.inputs[0].dataset.namespace == "sql"


def test_a_function_that_is_written_into_and_names_no_file_is_named() -> None:
    answer = told("INSERT INTO FUNCTION remote('host', db.o) SELECT a FROM t", "clickhouse")

    assert movements(answer) == ["<- t"]
    assert doubts(answer) == [
        "INSERT INTO FUNCTION remote('…', db.o) SELECT a FROM t: this kind of statement is not followed to its columns"
    ]
