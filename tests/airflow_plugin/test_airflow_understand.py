"""What observations of Airflow mean, tested on fixtures of them; no Airflow here."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_snapshots import task
from riverhead_airflow.understand import interpret
from riverhead_emitter.errors import UnknownObservation, UnreadableRecord
from riverhead_emitter.observation import Observation

PARENT = "outer/evening/01941f29-7c00-7000-8000-000000000001"
ROOT = "outer/night/01941f29-7c00-7000-8000-000000000002"


def event_of(kind: str = "airflow.task", version: int = 1, **changed: Any) -> Any:
    [event] = interpret(Observation(kind, version, "", task(**changed)))
    return event


def names(datasets: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(dataset["namespace"], dataset["name"]) for dataset in datasets]


def test_a_task_that_ended_well_has_its_datasets_and_columns() -> None:
    event = event_of()

    assert event["eventType"] == "COMPLETE"
    assert names(event["inputs"]) == [("duckdb:///data/shop.duckdb", "shop.main.raw_orders")]
    [output] = event["outputs"]
    assert output["name"] == "shop.main.orders_clean"
    fields = output["facets"]["columnLineage"]["fields"]
    assert {source["field"] for source in fields["amount"]["inputFields"]} == {"quantity", "unit_price"}


def test_a_start_names_datasets_and_no_columns() -> None:
    event = event_of(state="START")

    assert [len(event["inputs"]), len(event["outputs"])] == [1, 1]
    assert "columnLineage" not in event["outputs"][0]["facets"]


def test_a_failed_task_keeps_its_datasets_and_says_why() -> None:
    event = event_of(state="FAIL", failure={"message": "ValueError: no", "stack": "Traceback…"})

    assert [len(event["inputs"]), len(event["outputs"])] == [1, 1]
    assert event["run"]["facets"]["errorMessage"]["message"] == "ValueError: no"
    assert event["run"]["facets"]["errorMessage"]["stackTrace"] == "Traceback…"


def test_the_parent_is_the_dag_run_and_so_is_the_root() -> None:
    dag_run = event_of("airflow.dag_run", state="START")
    facet = event_of()["run"]["facets"]["parent"]

    assert facet["job"] == {"namespace": "shop", "name": "shop_daily"}
    assert facet["run"]["runId"] == dag_run["run"]["runId"]
    assert facet["root"] == {"run": facet["run"], "job": facet["job"]}


def test_a_run_from_outside_is_the_root_of_the_task_and_the_parent_of_the_dag_run() -> None:
    origin = {"parent": PARENT, "root": ROOT}

    of_task = event_of(origin=origin)["run"]["facets"]["parent"]
    of_dag_run = event_of("airflow.dag_run", state="START", origin=origin)["run"]["facets"]["parent"]

    assert of_task["job"]["name"] == "shop_daily"
    assert of_task["root"]["job"]["name"] == "night"
    assert of_dag_run["job"]["name"] == "evening"
    assert of_dag_run["root"]["job"]["name"] == "night"


def test_jobs_are_named_and_typed_as_airflow_users_know_them() -> None:
    of_task, of_dag_run = event_of()["job"], event_of("airflow.dag_run", state="START")["job"]

    assert of_task["name"] == "shop_daily.clean_orders"
    assert of_task["facets"]["jobType"]["jobType"] == "TASK"
    assert of_task["facets"]["sql"]["dialect"] == "duckdb"
    assert of_dag_run["name"] == "shop_daily"
    assert of_dag_run["facets"]["jobType"]["jobType"] == "DAG"


def test_a_failed_dag_run_says_why() -> None:
    event = event_of("airflow.dag_run", state="FAIL", failure={"message": "task_failure", "stack": None})

    assert event["run"]["facets"]["errorMessage"]["message"] == "task_failure"


def test_several_texts_of_sql_are_one_script() -> None:
    event = event_of(sql=["CREATE TEMP TABLE t AS SELECT a FROM x;", "INSERT INTO y (b) SELECT a FROM t"])

    assert names(event["inputs"]) == [("duckdb:///data/shop.duckdb", "shop.main.x")]
    assert "shop.main.y" in [name for _, name in names(event["outputs"])]
    assert event["job"]["facets"]["sql"]["query"].count(";") == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"sql": []},
        {"address": None},
        {"is_sql_cut": True},
        {"address": {"conn_id": "x", "kind": "carrier_pigeon", "host": None, "port": None, "name": None}},
    ],
)
def test_what_cannot_be_known_is_not_guessed(changed: dict[str, Any]) -> None:
    event = event_of(**changed)

    assert event["eventType"] == "COMPLETE"
    assert event["inputs"] == event["outputs"] == []


def test_sql_that_is_none_costs_the_datasets_and_not_the_event() -> None:
    event = event_of(sql=["this is {{ not }} SQL ((("])

    assert event["eventType"] == "COMPLETE"


def test_a_newer_observation_asks_for_an_upgrade() -> None:
    with pytest.raises(UnknownObservation, match="upgrade"):
        event_of(version=3)


def test_another_rooms_observation_is_refused() -> None:
    with pytest.raises(UnknownObservation):
        event_of("spark.execution")


@pytest.mark.parametrize("changed", [{"time": "yesterday"}, {"state": "TIRED"}, {"origin": None}, {"failure": "x"}])
def test_facts_of_the_wrong_shape_are_named_unreadable(changed: dict[str, Any]) -> None:
    with pytest.raises(UnreadableRecord):
        event_of(**changed)
