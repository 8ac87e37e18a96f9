"""Observations of user actions → events."""

from __future__ import annotations

from typing import Any

import pytest

from last_words import last_words
from riverhead_emitter.errors import UnknownObservation, UnreadableRecord
from riverhead_emitter.observation import Observation
from riverhead_spark.executions import KIND, VERSION, Actions
from riverhead_spark.understand import interpret
from spark_plans import RECORDED, RUN_ID, SPARKS, ends_of, events_of, names_of, recorded


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
    assert symlink == {"namespace": "file:/lake/warehouse", "name": "default.prices", "type": "TABLE"}
    assert complete["job"]["name"].endswith("command.default_prices")


@pytest.mark.parametrize("spark", SPARKS)
def test_a_run_keeps_its_jobs_name_when_only_a_nested_command_says_where_it_writes(spark: str) -> None:
    start, complete = events_of(spark, "create_v2_table")

    assert [start["eventType"], complete["eventType"]] == ["START", "COMPLETE"]
    assert start["job"]["name"] == complete["job"]["name"]
    assert start["job"]["name"].endswith("create_table_as_select.APP_copies")


@pytest.mark.parametrize("spark", SPARKS)
@pytest.mark.parametrize("name", RECORDED)
def test_every_run_carries_one_jobs_name(spark: str, name: str) -> None:
    # Each observation of a recording is interpreted alone, as the drainer does it: START knows nothing of the end.
    pairs = zip(*[iter(events_of(spark, name))] * 2, strict=True)

    assert all(start["job"] == end["job"] for start, end in pairs)


def test_a_start_told_at_the_end_names_the_job_as_the_end_does() -> None:
    end = recorded("4.3", "create_v2_table")[-1]
    command, *nested = end.payload["executions"]
    unseen = {key: value for key, value in command.items() if key != "plan"}

    events = interpret(_changed(end, is_started=False, executions=[unseen, *nested]))

    assert [event["job"]["name"] for event in events] == [events[0]["job"]["name"]] * 2
    assert events[0]["job"]["name"].endswith(".APP_copies")


@pytest.mark.parametrize("spark", SPARKS)
@pytest.mark.parametrize(("name", "rows"), [("filter_join_aggregate", 2), ("save_as_table", 3), ("insert_select", 3)])
def test_a_complete_tells_how_much_was_written(spark: str, name: str, rows: int) -> None:
    start, complete = events_of(spark, name)

    statistics = complete["outputs"][0]["outputFacets"]["outputStatistics"]
    assert (statistics["rowCount"], statistics["fileCount"], statistics["size"]) == (rows, 1, 1000)
    assert "outputFacets" not in start["outputs"][0]


def test_a_start_told_at_the_end_does_not_know_yet_what_was_written() -> None:
    start, complete = interpret(_changed(recorded("4.3", "union")[-1], is_started=False))

    assert "outputFacets" in complete["outputs"][0]
    assert "outputFacets" not in start["outputs"][0]


@pytest.mark.parametrize("spark", SPARKS)
def test_a_failed_write_tells_no_figures(spark: str) -> None:
    assert "outputFacets" not in events_of(spark, "failing_write")[-1]["outputs"][0]


@pytest.mark.parametrize("written", [None, [], {"numOutputRows": "3"}, {"numOutputRows": True}, {"numFiles": -1}])
def test_figures_that_are_none_are_left_out(written: object) -> None:
    end = recorded("4.3", "union")[-1]
    execution = {**end.payload["executions"][0], "written": written}

    (complete,) = interpret(_changed(end, executions=[execution]))

    assert "outputFacets" not in complete["outputs"][0]


@pytest.mark.parametrize("spark", SPARKS)
def test_sql_text_is_told_where_the_action_was_sql(spark: str) -> None:
    insert, write = events_of(spark, "insert_select")[-1], events_of(spark, "union")[-1]

    assert insert["job"]["facets"]["sql"]["query"] == "insert into ledger (total, id) select amount * 2, id from orders"
    assert "sql" not in write["job"]["facets"]


@pytest.mark.parametrize("spark", SPARKS)
def test_an_action_that_spark_cannot_plan_fails_with_its_datasets(spark: str) -> None:
    (fail,) = ends_of(spark, "failing_plan")

    assert fail["eventType"] == "FAIL"
    assert "errorMessage" in fail["run"]["facets"]
    assert names_of(fail["inputs"]) == ["file /lake/orders", "file /lake/customers"]
    assert names_of(fail["outputs"]) == ["file /lake/crossed"]


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
def test_an_action_that_was_left_is_aborted_with_its_datasets_and_no_figures(spark: str) -> None:
    *_, end = recorded(spark, "filter_join_aggregate")
    root, *nested = end.payload["executions"]
    left = _changed(end, executions=[{**root, "is_left": True}, *nested], is_started=True)

    (event,) = interpret(left)

    assert event["eventType"] == "ABORT"
    assert "before this action did" in event["run"]["facets"]["errorMessage"]["message"]
    assert event["outputs"]
    assert "outputFacets" not in event["outputs"][0]


@pytest.mark.parametrize("spark", SPARKS)
def test_an_action_whose_driver_died_is_aborted_when_it_did(spark: str) -> None:
    start, *_ = recorded(spark, "filter_join_aggregate")
    begun = Actions(start.payload["application"]).take(start.payload["executions"][0])
    assert begun is not None

    (event,) = interpret(last_words(begun, "2030-01-02T03:04:05.600000Z"))

    assert (event["eventType"], event["eventTime"]) == ("ABORT", "2030-01-02T03:04:05.600000Z")
    assert event["run"]["facets"]["errorMessage"]["message"] == "the driver's process ended without a word"
    assert names_of(event["outputs"]) == ["file /lake/totals"]


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


NOTHING = {"nodes": [{"n": "Range", "ch": [], "f": {}}], "attributes": {}, "cut": 0}


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"executions": []},
        {"executions": [{"plan": {}}]},
        {"executions": 1},
        {"executions": [{"plan": NOTHING, "progress": 1}]},
    ],
)
def test_a_payload_that_is_none_is_an_unreadable_record(payload: dict[str, Any]) -> None:
    with pytest.raises(UnreadableRecord):
        interpret(Observation(KIND, VERSION, RUN_ID, payload))


def test_a_later_layout_is_refused_with_a_sentence() -> None:
    with pytest.raises(UnknownObservation, match="another release"):
        interpret(Observation(KIND, VERSION + 1, RUN_ID, {}))


def _changed(observation: Observation, **changes: Any) -> Observation:
    return Observation(observation.kind, observation.version, observation.run_id, {**observation.payload, **changes})
