"""Whose results a task took: its pulls of XComs."""

from __future__ import annotations

from typing import Any

from airflow_snapshots import task
from riverhead_airflow.handed import Handed
from riverhead_airflow.understand import interpret
from riverhead_emitter.guard import FailureLog
from riverhead_emitter.observation import Observation


def instances() -> type:
    """Return a class of task instances of its own, as a process has one."""

    class Instance:
        dag_id, task_id = "shop", "b"

        def xcom_pull(self, task_ids: Any = None, dag_id: Any = None, key: str = "return_value") -> Any:
            return None if key == "missing" else [task_ids, dag_id]

    return Instance


def test_a_pull_returns_what_it_did_and_says_whose_it_was() -> None:
    kind, handed = instances(), Handed(FailureLog())
    handed.watch(kind)
    handed.watch(kind)

    value = kind().xcom_pull(task_ids=["a", "c"])
    kind().xcom_pull("a", "other")
    kind().xcom_pull("a")
    kind().xcom_pull("b")
    kind().xcom_pull("d", key="missing")
    kind().xcom_pull()

    assert value == [["a", "c"], None]
    assert [(pull["dag_id"], pull["task_id"]) for pull in handed.taken()] == [
        ("shop", "a"),
        ("shop", "c"),
        ("other", "a"),
    ]
    assert handed.taken() == []


def test_what_was_handed_over_is_a_flow_from_job_to_job() -> None:
    told = {"pulls": [{"dag_id": "shop", "task_id": "a"}]}

    [event] = interpret(Observation("airflow.task", 2, "", task(sql=[], address=None, told=told)))

    [entry] = event["job"]["facets"]["lineage"]["entries"]
    assert entry["type"] == "JOB"
    assert [(source["type"], source["name"]) for source in entry["inputs"]] == [("JOB", "shop.a")]
