"""How deep a task's lineage is said to be, from plain facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from riverhead_airflow.checking.depth import Depth, Source, Verdict
from riverhead_airflow.checking.facts import TaskFacts
from riverhead_airflow.checking.rules import verdict_of

if TYPE_CHECKING:
    from riverhead_airflow.snapshot import Address

SQL_OPERATOR = ("airflow.providers.common.sql.operators.sql.SQLExecuteQueryOperator", "a.BaseSQLOperator")
PYTHON = ("airflow.operators.python.PythonOperator",)


def task(*classes: str, **facts: Any) -> TaskFacts:
    return TaskFacts("dag", "task", "Operator", classes, **facts)


def sql(*texts: str, **facts: Any) -> Verdict:
    return verdict_of(task(*SQL_OPERATOR, **{"sql": texts, "conn_id": "c", "has_protocol": True, **facts}))


def connection(kind: str) -> Address:
    return {
        "conn_id": "c",
        "kind": kind,
        "host": "db",
        "port": 1,
        "name": "shop",
        "schema": None,
        "account": None,
        "region": None,
    }


def test_sql_that_names_its_columns_is_as_deep_as_can_be() -> None:
    verdict = sql("INSERT INTO daily SELECT day, SUM(amount) AS amount FROM sales GROUP BY day")

    assert (verdict.depth, verdict.source, verdict.is_late) == (Depth.COLUMNS, Source.SQL, False)


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO daily_{{ ds_nodash }} SELECT day FROM sales",
        "{% for t in params.tables %} INSERT INTO all_of_it SELECT day FROM {{ t }}; {% endfor %}",
        "{{ params.sql }}",
        "INSERT INTO copies SELECT * FROM sales",
    ],
)
def test_what_a_template_or_the_database_will_have_said_is_known_at_run_time(text: str) -> None:
    verdict = sql(text)

    assert (verdict.depth, verdict.is_late) == (Depth.COLUMNS, True)


def test_a_template_in_a_value_leaves_the_columns_certain() -> None:
    assert not sql("INSERT INTO daily SELECT day FROM sales WHERE day = '{{ ds }}'").is_late


def test_a_star_is_worth_the_advice_to_name_the_columns() -> None:
    assert "name the columns" in sql("INSERT INTO copies SELECT * FROM sales").advice


def test_sql_that_is_made_by_another_task_is_read_at_run_time() -> None:
    verdict = sql(is_sql_late=True)

    assert (verdict.depth, verdict.is_late) == (Depth.COLUMNS, True)


@pytest.mark.parametrize("text", ["DROP TABLE sales", "SELECT COUNT(*) FROM sales", "TRUNCATE sales"])
def test_nothing_is_missing_where_no_column_moves(text: str) -> None:
    assert sql(text).depth is Depth.COLUMNS


def test_a_file_without_named_columns_gives_datasets() -> None:
    assert sql("COPY sales FROM 's3://bucket/key'", address=connection("postgres")).depth is Depth.DATASETS


def test_a_statement_that_cannot_be_read_takes_the_columns_of_the_others() -> None:
    verdict = sql("CALL rebuild()", "INSERT INTO daily SELECT day FROM sales")

    assert verdict.depth is Depth.DATASETS
    assert "CALL rebuild()" in verdict.reason


def test_sql_that_nobody_can_read_gives_a_run_and_says_so() -> None:
    verdict = sql("this is no statement of any dialect")

    assert verdict.depth is Depth.RUN
    assert "this is no statement" in verdict.reason


@pytest.mark.parametrize(
    "text",
    [
        "INSRT INTO {{ ds }} SELEKT",
        "INSERT INTO {{ params.table }} SELEKT day FROM {{ params.sales }}",
        "SELEKT {{ params.columns }}",
        "this is {{ params.what }}, and no statement",
        "{% if params.all %} INSRT INTO daily SELEKT day {% endif %}",
        "CALL rebuild({{ ds }})",
    ],
)
def test_no_template_makes_sql_of_what_is_none(text: str) -> None:
    verdict = sql(text)

    assert (verdict.depth, verdict.is_late) == (Depth.RUN, False)
    assert "not all of its SQL is understood" in verdict.reason


@pytest.mark.parametrize(
    "text",
    [
        "{{ params.insert }} SELECT day FROM sales",
        "INSERT INTO daily {{ params.query }}",
        "INSERT INTO daily SELECT day FROM sales {{ params.where }}",
        "INSERT INTO daily SELECT day FROM sales WHERE day IN ({{ params.days }}) LIMIT {{ params.most }}",
        "INSERT INTO daily SELECT day FROM sales WHERE day {{ params.newer }}",
        "INSERT INTO daily SELECT day FROM sales {% if params.a %} WHERE x = 1 {% else %} WHERE x = 2 {% endif %}",
        "{% if params.a %} {{ params.first }} {% else %} INSERT INTO daily SELECT day FROM sales {% endif %}",
        "INSERT INTO daily {% for t in ts %} SELECT a FROM {{ t }} {{ '' if loop.last else 'UNION ALL' }} {% endfor %}",
        "{% include 'daily.sql' %}",
        "INSERT INTO a SELECT b FROM c; {{ params.more }}",
        "SELECT x FROM t WHERE a = {{ params.a }} AND b BETWEEN DATE {{ params.b }} AND DATE {{ params.c }}",
    ],
)
def test_what_some_text_in_a_templates_place_makes_sql_is_read_at_run_time(text: str) -> None:
    verdict = sql(text)

    assert verdict.depth is Depth.COLUMNS, verdict.reason


def test_a_good_statement_beside_one_that_no_template_mends_gives_datasets() -> None:
    verdict = sql("INSRT INTO {{ ds }} SELEKT", "INSERT INTO daily SELECT day FROM sales")

    assert (verdict.depth, verdict.is_late) == (Depth.DATASETS, False)
    assert "INSRT INTO {{ ds }} SELEKT" in verdict.reason


@pytest.mark.parametrize("texts", [("",), (" \n",), ("-- later\n",), ("/* {{ ds }} */ ;",), ("{# later #}", "")])
def test_sql_without_a_statement_tells_nothing(texts: tuple[str, ...]) -> None:
    verdict = sql(*texts)

    assert (verdict.depth, verdict.source, verdict.moves_data) == (Depth.RUN, Source.SQL, True)
    assert "no statement" in verdict.reason
    assert verdict.advice


def test_an_operator_that_is_none_of_sql_may_leave_its_field_empty() -> None:
    assert verdict_of(task(*PYTHON, sql=("",))).source is Source.NONE
    assert verdict_of(task("a.CopyOperator", sql=("",), has_protocol=True)).source is Source.OPERATOR


def test_an_engine_of_ones_own_is_seen_at_run_time() -> None:
    verdict = verdict_of(task(*PYTHON, clues=("create_engine",)))

    assert (verdict.depth, verdict.source, verdict.is_late) == (Depth.DATASETS, Source.HOOKS, True)
    assert "SQLAlchemy" in verdict.reason
    assert "hook" not in verdict.reason


def test_sql_that_touches_nothing_misses_nothing() -> None:
    assert not sql("SET search_path = shop").moves_data


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"is_sql_cut": True}, "too long"),
        ({"conn_id": ""}, "connection"),
        ({"missing_sql_file": "queries/daily.sql"}, "queries/daily.sql"),
        ({"address": connection("carrier_pigeon")}, "carrier_pigeon"),
    ],
)
def test_sql_that_will_not_be_read_says_why(facts: dict[str, Any], word: str) -> None:
    verdict = sql("INSERT INTO a SELECT b FROM c", **facts)

    assert verdict.depth is Depth.RUN
    assert word in verdict.reason
    assert verdict.advice


def test_hooks_do_not_tell_what_the_sql_they_are_given_does_not() -> None:
    assert sql("this is no statement of any dialect", clues=("get_records",)).depth is Depth.RUN


def test_hooks_tell_of_a_transfer_between_two_connections() -> None:
    verdict = verdict_of(task("a.GenericTransfer", sql=("SELECT a FROM b",), clues=("get_records", "insert_rows")))

    assert (verdict.depth, verdict.source) == (Depth.DATASETS, Source.HOOKS)


def test_a_spark_job_that_is_listened_to_tells_its_columns() -> None:
    verdict = verdict_of(task("a.SparkSubmitOperator", is_job_listened_to=True))

    assert (verdict.depth, verdict.source, verdict.is_late) == (Depth.COLUMNS, Source.SPARK, True)


def test_outlets_tell_of_a_task_whose_sql_is_not_understood() -> None:
    verdict = sql("this is no statement of any dialect", outlets=1)

    assert (verdict.depth, verdict.source) == (Depth.DATASETS, Source.ASSETS)


def test_an_operator_that_exports_the_rows_of_its_sql_is_asked_itself() -> None:
    verdict = verdict_of(task("a.PostgresToGCSOperator", sql=("SELECT a FROM b",), has_protocol=True))

    assert (verdict.depth, verdict.source) == (Depth.DATASETS, Source.OPERATOR)


@pytest.mark.parametrize(
    ("facts", "source"),
    [
        ({"extractor": "OurExtractor", "has_protocol": True}, Source.EXTRACTOR),
        ({"has_protocol": True, "clues": ("S3Hook",)}, Source.OPERATOR),
        ({"clues": ("S3Hook",), "outlets": 1}, Source.HOOKS),
        ({"clues": ("riverhead",)}, Source.SDK),
        ({"inlets": 1}, Source.ASSETS),
        ({"takes_from": ("extract",), "hands_on": True}, Source.XCOM),
    ],
)
def test_the_first_source_in_the_plugins_order_counts(facts: dict[str, Any], source: Source) -> None:
    verdict = verdict_of(task(*PYTHON, **facts))

    assert (verdict.depth, verdict.source) == (Depth.DATASETS, source)


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("PythonVirtualenvOperator", "another process"),
        ("DockerOperator", "container"),
        ("KubernetesPodOperator", "container"),
    ],
)
def test_hooks_in_another_process_report_to_nobody(name: str, where: str) -> None:
    elsewhere = verdict_of(task(f"a.{name}", "a.DecoratedOperator", clues=("S3Hook",)))

    assert elsewhere.depth is Depth.RUN
    assert where in elsewhere.reason


@pytest.mark.parametrize("facts", [{"takes_from": ("extract",)}, {"hands_on": True}])
def test_half_of_what_goes_by_xcom_is_not_enough(facts: dict[str, Any]) -> None:
    verdict = verdict_of(task(*PYTHON, **facts))

    assert (verdict.depth, verdict.source) == (Depth.RUN, Source.XCOM)
    assert "XCom" in verdict.reason


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("a.BashOperator", "command"),
        ("a.KubernetesPodOperator", "container"),
        ("a.SparkSubmitOperator", "Spark"),
        ("a.PythonOperator", "hook"),
        ("mine.LoadOperator", "class"),
    ],
)
def test_what_will_not_be_seen_has_a_reason_and_an_advice(name: str, word: str) -> None:
    verdict = verdict_of(task(name))

    assert (verdict.depth, verdict.source, verdict.moves_data) == (Depth.RUN, Source.NONE, True)
    assert word in verdict.reason
    assert verdict.advice


@pytest.mark.parametrize("name", ["EmptyOperator", "BaseSensorOperator", "BaseBranchOperator", "TriggerDagRunOperator"])
def test_a_task_that_moves_no_data_misses_nothing(name: str) -> None:
    assert not verdict_of(task("mine.Own", f"airflow.{name}")).moves_data


def test_a_branch_that_takes_a_result_still_moves_no_data() -> None:
    assert not verdict_of(task("a.BaseBranchOperator", takes_from=("extract",))).moves_data


def test_what_a_terminal_would_obey_is_not_repeated() -> None:
    assert "\x1b" not in sql("this \x1b[31m is no statement").reason
