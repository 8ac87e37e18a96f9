"""What a template engine, a client or a driver was to fill in: read around, named, and never taken for a name."""

# ruff: noqa: S608 - SQL text is what is tested; no database ever sees it

from __future__ import annotations

import pytest

from sql_answers import deciding, doubts, movements, names, pairs, told


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("INSERT INTO o SELECT a FROM t WHERE d = '{{ ds }}'", {"t.d FILTER"}),
        ("INSERT INTO o SELECT a FROM t WHERE d = {{ ds }}", {"t.d FILTER"}),
        ("INSERT INTO o SELECT a FROM t WHERE d >= {{ macros.ds_add(ds, -7) }} AND e = 1", {"t.d FILTER",
         "t.e FILTER"}),
        ("INSERT INTO o SELECT a FROM t WHERE d = ${day} LIMIT {{ n }}", {"t.d FILTER"}),
        ("INSERT INTO o SELECT a FROM t WHERE d = '${day}'", {"t.d FILTER"}),
        ("INSERT INTO o SELECT a FROM t WHERE d = <%= day %>", {"t.d FILTER"}),
    ],
)  # fmt: skip
def test_a_gap_in_the_place_of_a_value_is_no_column(sql: str, expected: set[str]) -> None:
    answer = told(sql)

    assert movements(answer) == ["o <- t"]
    assert pairs(answer.merged) == {"o.a <- t.a"}
    assert deciding(answer.merged) == expected


def test_the_text_of_an_expression_shows_the_template_as_it_was_written() -> None:
    (edge,) = told("INSERT INTO o SELECT a FROM t WHERE d > {{ ds }}").merged.datasets

    assert edge.expression == "d > {{ ds }}"


@pytest.mark.parametrize(
    ("sql", "expected", "named"),
    [
        ("INSERT INTO o SELECT a FROM {{ params.table }}", "o <-", "{{ params.table }}"),
        ("INSERT INTO o SELECT a FROM {{ schema }}.t", "o <-", "{{ schema }}.t"),
        ("INSERT INTO o SELECT a FROM raw.t_{{ ds_nodash }}", "o <-", "raw.t_{{ ds_nodash }}"),
        ("INSERT INTO o SELECT a FROM ${schema}.t", "o <-", "${schema}.t"),
        ("INSERT INTO {{ env }}_mart.o SELECT a FROM t", "<- t", "{{ env }}_mart.o"),
        ("CREATE TABLE {{ this }} AS SELECT a FROM t", "<- t", "{{ this }}"),
        ("INSERT INTO o SELECT t.a FROM t JOIN {{ other }} AS u ON t.i = u.i", "o <- t", "{{ other }}"),
    ],
)
def test_a_name_with_a_gap_is_named_and_no_dataset(sql: str, expected: str, named: str) -> None:
    answer = told(sql)

    assert movements(answer) == [expected]
    assert f"{named}: its name is made by a template or a parameter, whose value is not known" in doubts(answer)


@pytest.mark.parametrize(
    "sql", ["DROP TABLE {{ x }}", "TRUNCATE TABLE {{ x }}", "DELETE FROM {{ x }}", "UPDATE {{ x }} SET a = 1"]
)
def test_a_change_of_a_table_whose_name_is_a_gap_names_it(sql: str) -> None:
    answer = told(sql)

    assert movements(answer) == []
    assert [doubt.rpartition(": ")[0] for doubt in doubts(answer)] == ["{{ x }}"]


def test_what_hangs_on_a_gap_is_named_once_with_it() -> None:
    answer = told("INSERT INTO o SELECT * FROM {{ t }}; DELETE FROM p")

    assert movements(answer) == ["o <-", "p <-"]
    assert [doubt.rpartition(": ")[0] for doubt in doubts(answer)] == ["{{ t }}"]


def test_a_column_that_is_a_gap_has_no_source() -> None:
    answer = told("INSERT INTO o SELECT {{ column }} AS c, a FROM t")

    assert pairs(answer.merged) == {"o.a <- t.a"}
    assert [field.name for field in answer.merged.outputs[0].fields] == ["c", "a"]
    assert "{{ column }}" in "".join(doubts(answer))


@pytest.mark.parametrize(
    "sql",
    [
        "{% set x = 1 %} INSERT INTO o SELECT a FROM t",
        "{%- if full %} TRUNCATE TABLE p; {% endif -%} INSERT INTO o SELECT a FROM t",
        "{# DROP TABLE p; #} INSERT INTO o SELECT a FROM t",
        "INSERT INTO o SELECT a FROM t {% if day %} WHERE d = '{{ day }}' {% endif %}",
        "INSERT INTO o SELECT a{# {{ b }}\nmore #} FROM t",
        "<% if x %> INSERT INTO o SELECT a FROM t <% end %>",
    ],
)
def test_blocks_and_comments_of_a_template_say_nothing(sql: str) -> None:
    answer = told(sql)

    assert movements(answer)[-1] == "o <- t"
    assert pairs(answer.merged) == {"o.a <- t.a"}
    assert doubts(answer) == []


def test_both_ways_of_a_condition_are_read() -> None:
    answer = told(
        "INSERT INTO o SELECT a FROM t {% if x %} JOIN u ON t.i = u.i {% else %} JOIN v ON t.i = v.i {% endif %}"
    )

    assert sorted(names(answer.merged.inputs)) == ["t", "u", "v"]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT a FROM {{ ref('orders') }}", ["orders"]),
        ('SELECT a FROM {{ ref("orders") }}', ["orders"]),
        ("SELECT a FROM {{ref('orders')}}", ["orders"]),
        ("SELECT a FROM {{- ref('orders') -}} WHERE b", ["orders"]),
        ("SELECT a FROM {{ source('raw', 'orders') }}", ["raw.orders"]),
        ("SELECT o.a FROM {{ ref('orders') }} o JOIN {{ source('raw', 'pay') }} AS p USING (i)", ["orders", "raw.pay"]),
        ("{{ config(materialized='table', tags=['x']) }} SELECT a FROM {{ ref('orders') }}", ["orders"]),
        (("{{\n  config(\n    materialized='incremental'\n  )\n}}\n\nWITH c AS (SELECT a FROM {{ ref('orders') }}) "
         "SELECT a FROM c"),
         ["orders"]),
        ("SELECT a FROM {{ ref('shop', 'orders') }}", ["orders"]),
        ("SELECT {{ star(ref('orders')) }} FROM {{ ref('orders') }}", ["orders"]),
        (("SELECT a FROM {{ ref('orders') }} {% if is_incremental() %} WHERE d > (SELECT MAX(d) FROM {{ ref('days') "
         "}}) {% endif %}"),
         ["orders", "days"]),
    ],
)  # fmt: skip
def test_dbt_says_the_names_of_its_models_and_sources(sql: str, expected: list[str]) -> None:
    assert names(told(sql).merged.inputs) == expected


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("postgres", "INSERT INTO o SELECT a FROM t WHERE b = %s AND c = %s"),
        ("postgres", "INSERT INTO o SELECT a FROM t WHERE b = %(x)s"),
        ("postgres", "INSERT INTO o SELECT a FROM t WHERE b = $1"),
        ("postgres", "INSERT INTO o SELECT a FROM t WHERE b = :x"),
        ("mysql", "INSERT INTO o SELECT a FROM t WHERE b = %s"),
        ("mysql", "INSERT INTO o SELECT a FROM t WHERE b IN (%s, %s)"),
        ("sqlite", "INSERT INTO o SELECT a FROM t WHERE b = ?"),
        ("sqlite", "INSERT INTO o SELECT a FROM t WHERE b = @x"),
        ("oracle", "INSERT INTO o SELECT a FROM t WHERE b = :1"),
        ("snowflake", "INSERT INTO o SELECT a FROM t WHERE b = %(x)s"),
        ("snowflake", "INSERT INTO o SELECT a FROM t WHERE b = $x"),
        ("snowflake", "INSERT INTO o SELECT a FROM t WHERE b = ?"),
        ("bigquery", "INSERT INTO o SELECT a FROM t WHERE b = @x"),
        ("tsql", "INSERT INTO o SELECT a FROM t WHERE b = @x"),
        ("trino", "INSERT INTO o SELECT a FROM t WHERE b = ?"),
        ("clickhouse", "INSERT INTO o SELECT a FROM t WHERE b = {x:Int32}"),
        ("databricks", "INSERT INTO o SELECT a FROM t WHERE b = :x"),
    ],
)
def test_a_parameter_is_a_value(dialect: str, sql: str) -> None:
    answer = told(sql, dialect)

    assert [line.lower() for line in movements(answer)] == ["o <- t"]
    assert {pair.lower() for pair in pairs(answer.merged)} == {"o.a <- t.a"}
    assert {edge.source.name.lower() for edge in answer.merged.datasets} <= {"b", "c"}
    assert answer.merged.datasets
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("INSERT INTO IDENTIFIER('d.s.o') SELECT a FROM IDENTIFIER('t')", ["D.S.O <- T"]),
        ("INSERT INTO o SELECT a FROM identifier( 'd.s.t' )", ["O <- D.S.T"]),
        ("INSERT INTO o SELECT a FROM IDENTIFIER('\"Low\".t')", ["O <- Low.T"]),
        ("TRUNCATE TABLE IDENTIFIER('o')", ["O <-"]),
    ],
)
def test_a_name_that_is_written_as_a_text_is_a_name(sql: str, expected: list[str]) -> None:
    answer = told(sql, "snowflake")

    assert movements(answer) == expected
    assert doubts(answer) == []


@pytest.mark.parametrize("written", ["IDENTIFIER($x)", "IDENTIFIER(:x)", "IDENTIFIER($d || '.t')"])
def test_a_name_that_a_variable_holds_is_named(written: str) -> None:
    answer = told(f"INSERT INTO o SELECT a FROM {written}", "snowflake")

    assert movements(answer) == ["O <-"]
    assert f"{written}: its name is made by a template or a parameter, whose value is not known" in doubts(answer)


@pytest.mark.parametrize("dialect", ["postgres", "snowflake", "bigquery", "spark", "tsql", "mysql", None])
@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO {{ o }} SELECT {{ a }}, b AS {{ c }} FROM {{ t }} WHERE {{ d }} GROUP BY {{ e }} ORDER BY {{ f }}",
        "SELECT {{ a }}.b, {{ t }}.*, SUM({{ c }}) AS s FROM x JOIN {{ t }} ON {{ t }}.i = x.i",
        "WITH {{ c }} AS (SELECT a FROM t) INSERT INTO o SELECT a FROM {{ c }}",
        "CREATE TABLE o AS SELECT a AS {{ x }} FROM t; INSERT INTO p SELECT * FROM o",
        "UPDATE {{ o }} SET {{ a }} = {{ b }} WHERE {{ c }} = 1",
        "MERGE INTO o USING {{ s }} AS s ON o.{{ k }} = s.{{ k }} WHEN MATCHED THEN UPDATE SET {{ x }} = s.{{ x }}",
        "{{ macro() }}",
        "{{ macro() }}; SELECT FROM {{ x }} WHERE",
        "CALL {{ p }}('x'); ALTER TABLE {{ x }} RENAME TO {{ y }}; CREATE TABLE {{ z }} ({{ c }} INT)",
        "COPY {{ o }} FROM 's3://{{ bucket }}/{{ ds }}/f.csv'",
        "SELECT {{ f }}(a) AS x, CAST(b AS {{ type }}) AS y FROM t",
        "INSERT INTO o ({{ columns }}) SELECT {{ columns }} FROM t",
        "INSERT INTO o SELECT ${a}, b FROM ${t} PIVOT (SUM(v) FOR k IN (${ks}))",
    ],
)
def test_no_made_up_name_gets_into_an_answer(sql: str, dialect: str | None) -> None:
    answer = told(sql, dialect, {"t": ["a", "b"], "x": ["i"]})

    assert "gap_" not in str(answer).lower()
