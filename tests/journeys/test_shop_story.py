"""The whole way of an event: real Airflow, real Spark, the catalog killed half-way, and the answer about one column."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import airflow_stack
import hosts
from conditions import await_that
from killable_catalog import Catalog
from spool_audit import Audit, identity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.journey

ROOT = Path(__file__).resolve().parents[2]
DAG = "shop_daily"
SPARK_JOB = "daily_revenue"
# Facts of a machine and of a commit, each with the key that it stands under.
MACHINES = re.compile(r'("(?:applicationId|driverHost|uiWebUrl|userName)": )"[^"]*"')


@dataclass(frozen=True)
class Story:
    """What was left after the DAG had run while its catalog was killed and started again."""

    state: str
    accepted: set[tuple[str, str, str]]
    delivered: list[dict[str, Any]]
    tree: str
    data: Path
    doctor: str

    def stable(self, event: dict[str, Any]) -> str:
        """Return the event as text that is the same in every checkout and at every time."""
        facets = {name: facet for name, facet in event["job"]["facets"].items() if name != "sourceCodeLocation"}
        told = {**event, "job": {**event["job"], "facets": facets}}
        # Airflow's own facets are full of times and of what a busy machine has no time for.
        run_facets = {name: facet for name, facet in told["run"]["facets"].items() if not name.startswith("airflow")}
        if used := run_facets.get("riverhead_resources"):
            run_facets["riverhead_resources"] = without_figures(used)
        told["run"] = {**told["run"], "facets": run_facets}
        text = MACHINES.sub(r'\1"..."', json.dumps(told, indent=2, sort_keys=True))
        text = text.replace(str(self.data), "/data").replace(str(ROOT / "dags_examples"), "/examples")
        text = text.replace(str(ROOT), "/checkout")
        for run_id, job in sorted({(other["run"]["runId"], other["job"]["name"]) for other in self.delivered}):
            text = text.replace(run_id, str(uuid.uuid5(uuid.NAMESPACE_URL, job)))
        return re.sub(r'"eventTime": "[^"]+"', '"eventTime": "2026-01-01T00:00:00Z"', text) + "\n"


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    airflow_python, spark_python = hosts.interpreter("AIRFLOW_3_3"), hosts.interpreter("SPARK_4_3")
    folder = tmp_path_factory.mktemp("story")
    data = folder / "data"
    data.mkdir()
    catalog = Catalog(folder)
    catalog.start()
    environment = {
        "AIRFLOW_CONN_SHOP_DUCKDB": json.dumps({"conn_type": "duckdb", "host": str(data / "shop.duckdb")}),
        "AIRFLOW__OPENLINEAGE__DISABLED": "True",
        "OPENLINEAGE_URL": catalog.url,
        "OPENLINEAGE_NAMESPACE": "demo",
        "SHOP_DATA": str(data),
        "SHOP_SPARK_PYTHON": str(spark_python),
    }
    home = folder / "airflow"
    audit = Audit(home / "riverhead", folder / "audit")
    try:
        with airflow_stack.airflow(airflow_python, home, ROOT / "dags_examples", environment) as stack:
            run_id = stack.trigger(DAG)
            await_that(lambda: has_task_ended(stack, run_id), "the first task ends", 120)
            catalog.kill()
            ended = sum(task.state == "success" for task in stack.tasks(DAG, run_id))
            await_that(lambda: has_more_ended(stack, run_id, ended), "a task ends without the catalog", 120)
            doctor = what_the_doctor_says(catalog.url, home / "riverhead")
            catalog.start()
            state = stack.wait_for(DAG, run_id, seconds=420)
            await_that(lambda: not list((home / "riverhead").glob("*/dead.ndjson")), "no dead letters", 1)
            await_that(lambda: has_dag_ended(catalog), "the DAG run's end is delivered", 90)
        yield Story(state, audit.accepted(), catalog.events(), upstream(catalog.url, data), data, doctor)
    finally:
        catalog.kill()


def test_the_dag_succeeds_while_the_catalog_is_down(story: Story) -> None:
    assert story.state == "success"


def test_every_accepted_event_is_delivered_although_the_catalog_was_killed(story: Story) -> None:
    assert {identity(event) for event in story.delivered} == story.accepted


def test_the_doctor_says_that_the_catalog_is_down_and_that_records_wait(story: Story) -> None:
    assert "can be reached" not in story.doctor
    assert re.search(r"PROBLEM http://127.0.0.1:\d+/api/v1/lineage cannot be reached .*; records wait", story.doctor)
    assert re.search(r"[1-9]\d* records? \([\d,]+ bytes\) waits?", story.doctor)


def test_the_applications_parent_is_the_airflow_task_and_the_root_of_all_the_dag_run(story: Story) -> None:
    application = [event for event in story.delivered if event["job"]["name"] == SPARK_JOB]
    queries = [event for event in story.delivered if event["job"]["name"].startswith(f"{SPARK_JOB}.")]
    task = next(event for event in story.delivered if event["job"]["name"] == f"{DAG}.daily_revenue")
    dag = next(event for event in story.delivered if event["job"]["name"] == DAG)

    for events, run, job in (
        (application, task["run"]["runId"], f"{DAG}.daily_revenue"),
        (queries, application[0]["run"]["runId"], SPARK_JOB),
    ):
        assert {event["eventType"] for event in events} == {"START", "COMPLETE"}
        for parent in (event["run"]["facets"]["parent"] for event in events):
            assert (parent["run"]["runId"], parent["job"]["namespace"], parent["job"]["name"]) == (run, "demo", job)
            assert (parent["root"]["run"]["runId"], parent["root"]["job"]["name"]) == (dag["run"]["runId"], DAG)


def test_the_application_says_where_its_script_lies(story: Story) -> None:
    places = {
        (event["job"]["name"].partition(".")[0], place["path"].rpartition("/")[2])
        for event in story.delivered
        if (place := event["job"]["facets"].get("sourceCodeLocation"))
    }

    assert places == {("daily_revenue", "spark_daily_revenue.py"), (DAG, f"{DAG}.py")}


def test_each_started_run_ends_once(story: Story) -> None:
    ends: dict[str, list[str]] = {}
    for event in story.delivered:
        ends.setdefault(event["run"]["runId"], []).append(event["eventType"])

    assert all(sorted(types) == ["COMPLETE", "START"] for types in ends.values())


def test_a_column_of_the_last_output_reaches_the_first_input_through_both_hosts(
    story: Story, golden: Callable[[str, str], None]
) -> None:
    assert "raw_orders.csv" in story.tree
    golden("shop_story.txt", story.tree)


def test_each_event_says_what_it_said_before(story: Story, golden: Callable[[str, str], None]) -> None:
    for event in story.delivered:
        name = f"{event['job']['name']}.{event['eventType'].lower()}.json"
        golden(f"shop_story/{name}", story.stable(event))


def without_figures(facet: Any) -> Any:
    """Return a facet with each number that another run would have otherwise as 0."""
    if isinstance(facet, dict):
        return {name: without_figures(value) for name, value in facet.items()}
    if isinstance(facet, list):
        return [without_figures(value) for value in facet]
    return 0 if isinstance(facet, (int, float)) else facet


def what_the_doctor_says(url: str, spool: Path) -> str:
    environment = {**os.environ, "OPENLINEAGE_URL": url, "RIVERHEAD_SPOOL_DIR": str(spool)}
    doctor = [sys.executable, "-m", "riverhead", "doctor"]
    return subprocess.run(doctor, capture_output=True, text=True, check=False, timeout=60, env=environment).stdout


def upstream(url: str, data: Path) -> str:
    question = [sys.executable, "-m", "riverhead", "upstream", "daily_revenue.parquet.revenue", "--catalog", url]
    answer = subprocess.run(question, capture_output=True, text=True, check=True, timeout=60)
    return answer.stdout.replace(str(data), "<data>").replace(str(ROOT / "dags_examples"), "<examples>")


def has_task_ended(stack: airflow_stack.AirflowStack, run_id: str) -> bool:
    return has_more_ended(stack, run_id, 0)


def has_more_ended(stack: airflow_stack.AirflowStack, run_id: str, than: int) -> bool:
    return sum(task.state == "success" for task in stack.tasks(DAG, run_id)) > than


def has_dag_ended(catalog: Catalog) -> bool:
    return any(event["job"]["name"] == DAG and event["eventType"] == "COMPLETE" for event in catalog.events())
