"""Tasks that end without a process of their own, on a real Airflow with triggerer and API server."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import airflow_cluster
import hosts
import postgresql

if TYPE_CHECKING:
    from airflow_cluster import Cluster

pytestmark = [pytest.mark.journey, pytest.mark.matrix]

DAGS = Path(__file__).parent / "airflow_ends"
MARKED = {"by_hand_while_it_waits": "success", "by_hand_while_it_runs": "failed"}
_WAITING = {
    "by_hand_while_it_waits": "up_for_reschedule",
    "by_hand_while_it_runs": "running",
    "by_its_trigger": "success",
}


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Let the tasks wait, mark them, and return what was told of them."""
    python = hosts.interpreter("AIRFLOW_3_3")
    folder = tmp_path_factory.mktemp("ends")
    with (
        postgresql.Server() as server,
        airflow_cluster.cluster(python, folder, DAGS, [], server=server) as cluster,
    ):
        # Its processes read no DAG that ends from its trigger where they hear listeners; the DAG processor does.
        run_id = cluster.stack.trigger("ends")
        cluster.stack.await_that(lambda: is_waiting(cluster, run_id), "two tasks wait to be marked", 120)
        for task_id, state in MARKED.items():
            mark(cluster, f"{run_id}/taskInstances/{task_id}", state)
        cluster.stack.wait_for("ends", run_id, seconds=120)
        cluster.stack.await_that(lambda: marks_in(cluster.delivered) == len(MARKED), "both marks are delivered", 60)
        return cluster.events()


def marks_in(path: Path) -> int:
    return path.read_text(encoding="utf-8").count('"OTHER"')


def is_waiting(cluster: Cluster, run_id: str) -> bool:
    states = {task.task_id: task.state for task in cluster.stack.tasks("ends", run_id)}
    # The process that marks the end of a run must not be killed before it has told its start.
    started = cluster.delivered.exists() and "by_hand_while_it_runs" in cluster.delivered.read_text(encoding="utf-8")
    return started and states == _WAITING


def mark(cluster: Cluster, task: str, state: str) -> None:
    """Do as somebody does who marks a task in Airflow's pages."""
    address = f"http://127.0.0.1:{cluster.stack.port}"
    token = json.loads(asked(f"{address}/auth/token", "GET", {}))["access_token"]
    asked(
        f"{address}/api/v2/dags/ends/dagRuns/{task}",
        "PATCH",
        {"Authorization": f"Bearer {token}"},
        {"new_state": state},
    )


def asked(url: str, method: str, headers: dict[str, str], body: dict[str, Any] | None = None) -> bytes:
    content = {"Content-Type": "application/json"} if body is not None else {}
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {**headers, **content}, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return bytes(answer.read())


def told(events: list[dict[str, Any]], task_id: str) -> dict[str, dict[str, Any]]:
    found = [event for event in events if event["job"]["name"] == f"ends.{task_id}"]
    assert len({event["run"]["runId"] for event in found}) == 1
    kinds = [event["eventType"] for event in found]
    assert len([kind for kind in kinds if kind in {"COMPLETE", "FAIL", "ABORT"}]) == 1, kinds
    return {event["eventType"]: event for event in found}


def test_a_task_that_its_trigger_ends_is_complete(events: list[dict[str, Any]]) -> None:
    assert set(told(events, "by_its_trigger")) == {"START", "RUNNING", "COMPLETE"}


def test_a_task_that_is_marked_while_it_waits_says_so_and_ends_once(events: list[dict[str, Any]]) -> None:
    found = told(events, "by_hand_while_it_waits")

    assert set(found) == {"START", "RUNNING", "OTHER", "COMPLETE"}
    instance = found["OTHER"]["run"]["facets"]["airflow"]["taskInstance"]
    assert (instance["state"], instance["state_set_by"]) == ("success", "hand")


def test_a_task_that_is_marked_while_it_runs_is_killed_and_ends_once(events: list[dict[str, Any]]) -> None:
    found = told(events, "by_hand_while_it_runs")

    assert set(found) == {"START", "OTHER", "FAIL"}
    assert found["OTHER"]["run"]["facets"]["airflow"]["taskInstance"]["state"] == "failed"
