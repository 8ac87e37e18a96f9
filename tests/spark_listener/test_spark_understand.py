"""Observations of user actions → events."""

from __future__ import annotations

from typing import Any

import pytest

from riverhead_emitter.errors import UnreadableRecord
from riverhead_emitter.observation import Observation
from riverhead_spark.executions import KIND, VERSION
from riverhead_spark.understand import interpret
from spark_plans import RUN_ID, SPARKS, events_of, names_of, recorded


@pytest.mark.parametrize("spark", SPARKS)
def test_an_action_is_one_start_and_one_end_of_the_same_run(spark: str) -> None:
    events = events_of(spark, "save_as_table")

    assert [event["eventType"] for event in events] == ["START", "COMPLETE"]
    assert {event["run"]["runId"] for event in events} == {RUN_ID}
    assert len({event["job"]["name"] for event in events}) == 1


@pytest.mark.parametrize("spark", SPARKS)
def test_a_start_names_datasets_and_no_columns(spark: str) -> None:
    start = events_of(spark, "filter_join_aggregate")[0]

    assert names_of(start["inputs"]) == ["file /lake/orders", "file /lake/customers"]
    assert names_of(start["outputs"]) == ["file /lake/totals"]
    assert "columnLineage" not in start["outputs"][0]["facets"]


@pytest.mark.parametrize("spark", SPARKS)
def test_a_file_job_is_named_as_the_official_agent_names_it(spark: str) -> None:
    complete = events_of(spark, "filter_join_aggregate")[-1]

    assert complete["job"]["name"] == "plans.adaptive_spark_plan.lake_totals"
    assert complete["job"]["namespace"] == "tests"
    assert complete["job"]["facets"]["jobType"]["jobType"] == "SQL_JOB"
    assert complete["run"]["facets"]["processing_engine"]["version"].startswith(spark)


@pytest.mark.parametrize("spark", SPARKS)
def test_a_table_is_its_location_with_its_name_as_a_symlink(spark: str) -> None:
    complete = events_of(spark, "save_as_table")[-1]

    assert names_of(complete["outputs"]) == ["file /lake/warehouse/prices"]
    symlink = complete["outputs"][0]["facets"]["symlinks"]["identifiers"][0]
    assert symlink == {"namespace": "file:/lake/warehouse", "name": "spark_catalog.default.prices", "type": "TABLE"}
    assert complete["job"]["name"].endswith("command.default_prices")


@pytest.mark.parametrize("spark", SPARKS)
def test_sql_text_is_told_where_the_action_was_sql(spark: str) -> None:
    insert, write = events_of(spark, "insert_select")[-1], events_of(spark, "union")[-1]

    assert insert["job"]["facets"]["sql"]["query"] == "insert into ledger (total, id) select amount * 2, id from orders"
    assert "sql" not in write["job"]["facets"]


@pytest.mark.parametrize("spark", SPARKS)
def test_a_failed_action_fails_with_its_error_and_all_its_datasets(spark: str) -> None:
    fail = events_of(spark, "failing_write")[-1]

    error = fail["run"]["facets"]["errorMessage"]
    assert fail["eventType"] == "FAIL"
    assert error["message"].startswith("org.apache.spark.")
    assert error["programmingLanguage"] == "JAVA"
    assert names_of(fail["inputs"]) == ["file /lake/orders"]
    assert names_of(fail["outputs"]) == ["file /lake/failed"]


@pytest.mark.parametrize("spark", SPARKS)
def test_directories_of_partitions_are_no_part_of_a_datasets_name(spark: str) -> None:
    events = events_of(spark, "partitions")

    assert names_of(events[1]["outputs"]) == ["file /lake/by_status"]
    assert names_of(events[3]["inputs"]) == ["file /lake/by_status"]


@pytest.mark.parametrize("spark", SPARKS)
def test_schemas_hold_the_types_of_columns(spark: str) -> None:
    complete = events_of(spark, "filter_join_aggregate")[-1]

    assert complete["outputs"][0]["facets"]["schema"]["fields"] == [
        {"name": "country", "type": "string"},
        {"name": "total", "type": "double"},
    ]


def test_an_end_whose_start_could_not_be_asked_for_tells_both() -> None:
    end = recorded("4.3", "union")[-1]

    events = interpret(_changed(end, is_started=False))

    assert [event["eventType"] for event in events] == ["START", "COMPLETE"]
    assert events[0]["eventTime"] < events[1]["eventTime"]


def test_a_command_that_writes_nothing_is_no_run() -> None:
    end = recorded("4.3", "union")[-1]
    plan = {"nodes": [{"n": "SetCommand", "ch": [], "f": {}}], "attributes": {}, "cut": 0}
    execution = {**end.payload["executions"][0], "plan": plan}

    assert interpret(_changed(end, executions=[execution])) == []


def test_the_parent_and_the_root_come_from_the_application() -> None:
    parent = {"namespace": "airflow", "name": "dag.task", "run_id": "0190a8d0-0000-7000-8000-0000000000aa"}
    root = {"namespace": "airflow", "name": "dag", "run_id": "0190a8d0-0000-7000-8000-0000000000bb"}
    start = recorded("4.3", "union")[0]
    application = {**start.payload["application"], "parent": parent, "root": root}

    facet = interpret(_changed(start, application=application))[0]["run"]["facets"]["parent"]

    assert facet["run"]["runId"] == parent["run_id"]
    assert facet["root"] == {"run": {"runId": root["run_id"]}, "job": {"namespace": "airflow", "name": "dag"}}


def test_nothing_given_is_no_parent() -> None:
    assert "parent" not in events_of("4.3", "union")[0]["run"]["facets"]


@pytest.mark.parametrize("payload", [{}, {"executions": []}, {"executions": [{"plan": {}}]}, {"executions": 1}])
def test_a_payload_that_is_none_is_an_unreadable_record(payload: dict[str, Any]) -> None:
    with pytest.raises(UnreadableRecord):
        interpret(Observation(KIND, VERSION, RUN_ID, payload))


def test_a_later_layout_is_refused_with_a_sentence() -> None:
    with pytest.raises(UnreadableRecord, match="another release"):
        interpret(Observation(KIND, VERSION + 1, RUN_ID, {}))


def _changed(observation: Observation, **changes: Any) -> Observation:
    return Observation(observation.kind, observation.version, observation.run_id, {**observation.payload, **changes})
