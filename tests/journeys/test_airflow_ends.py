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
            answered(cluster, f"dags/ends/dagRuns/{run_id}/taskInstances/{task_id}", "PATCH", {"new_state": state})
        [asset] = answered(cluster, "assets")["assets"]
        answered(cluster, "assets/events", "POST", {"asset_id": asset["id"], "extra": {}})
        cluster.stack.wait_for("ends", run_id, seconds=120)
        cluster.wait(awaited=["ends", "waits_for_an_asset"], seconds=120)
        cluster.stack.await_that(lambda: marks_in(cluster.delivered) == len(MARKED), "both marks are delivered", 60)
        return cluster.events()


def marks_in(path: Path) -> int:
    return path.read_text(encoding="utf-8").count('"OTHER"')


def is_waiting(cluster: Cluster, run_id: str) -> bool:
    states = {task.task_id: task.state for task in cluster.stack.tasks("ends", run_id)}
    # The process that marks the end of a run must not be killed before it has told its start.
    started = cluster.delivered.exists() and "by_hand_while_it_runs" in cluster.delivered.read_text(encoding="utf-8")
    return started and states == _WAITING


def answered(cluster: Cluster, path: str, method: str = "GET", body: dict[str, Any] | None = None) -> Any:
    """Ask Airflow's API, as its pages do for whoever looks at them."""
    address = f"http://127.0.0.1:{cluster.stack.port}"
    token = asked(f"{address}/auth/token", "GET", {}, None)["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return asked(f"{address}/api/v2/{path}", method, headers, None if body is None else json.dumps(body).encode())


def asked(url: str, method: str, headers: dict[str, str], body: bytes | None) -> Any:
    with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=30) as answer:
        return json.loads(answer.read())


def told(events: list[dict[str, Any]], task_id: str) -> dict[str, dict[str, Any]]:
    found = [event for event in events if event.get("job", {}).get("name") == f"ends.{task_id}"]
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


def test_an_asset_that_is_filled_by_hand_is_an_event_of_its_dataset(events: list[dict[str, Any]]) -> None:
    [filled] = [event["dataset"] for event in events if "dataset" in event]

    assert (filled["namespace"], filled["name"]) == ("s3://lake", "by_hand")
    assert "deliveryTime" in filled["facets"]["riverhead_freshness"]
