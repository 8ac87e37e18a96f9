"""Tasks on a real Airflow scheduler, from the hook to the delivered event."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import airflow_stack

if TYPE_CHECKING:
    from collections.abc import Callable


pytestmark = pytest.mark.journey

DAGS = Path(__file__).parent / "airflow_dags"
AIRFLOW_3_3, AIRFLOW_2_11 = "RIVERHEAD_TEST_AIRFLOW_3_3", "RIVERHEAD_TEST_AIRFLOW_2_11"
# Beside the provider: a team that has just added riverhead and switched nothing off.
SITUATIONS = [
    pytest.param((AIRFLOW_3_3, True), id="3.3"),
    pytest.param((AIRFLOW_3_3, False), id="3.3-beside-the-provider", marks=pytest.mark.matrix),
    pytest.param((AIRFLOW_2_11, True), id="2.11", marks=pytest.mark.matrix),
]


@dataclass(frozen=True)
class Story:
    """What came of the DAGs."""

    data: Path
    state: str
    state_of_the_waiting: str | None
    events: list[dict[str, Any]]
    home: Path

    def of(self, job: str) -> dict[str, dict[str, Any]]:
        """The events of a job by their type; each type is there once."""
        found = [event for event in self.events if event["job"]["name"] == job]
        assert len({event["run"]["runId"] for event in found}) == 1
        assert len({event["eventType"] for event in found}) == len(found)
        return {event["eventType"]: event for event in found}


@pytest.fixture(scope="module", params=SITUATIONS)
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Run the DAGs once for all tests of this module."""
    variable, is_provider_off = request.param
    interpreter = os.environ.get(variable)
    if not interpreter:
        pytest.skip(f"{variable} does not name the interpreter of an Airflow; `make test` sets it")
    data = tmp_path_factory.mktemp("story")
    delivered = data / "events.ndjson"
    environment = {
        "AIRFLOW__OPENLINEAGE__DISABLED": str(is_provider_off),
        "AIRFLOW__OPENLINEAGE__NAMESPACE": "tale",
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(
            {"type": "file", "log_file_path": str(delivered), "append": True}
        ),
        "AIRFLOW_CONN_STORY_DUCKDB": json.dumps({"conn_type": "duckdb", "host": str(data / "story.duckdb")}),
        "STORY_DATA": str(data),
    }
    home = tmp_path_factory.mktemp("airflow")
    with airflow_stack.airflow(Path(interpreter), home, DAGS, environment) as stack:
        state = stack.run("story", seconds=240)
        # The provider's own listener lets Airflow refuse this DAG, and Airflow 2 has it with any listener.
        can_wait = is_provider_off and stack.has_services
        waiting = stack.run("waits_in_the_triggerer", seconds=120) if can_wait else None
        awaited = {("story", "FAIL" if state == "failed" else "COMPLETE"), ("story.is_killed", "FAIL")}
        awaited |= {("waits_in_the_triggerer", "COMPLETE")} if waiting else set()
        events = events_with(delivered, awaited)
    return Story(data, state, waiting, events, home)


def events_with(path: Path, awaited: set[tuple[str, str]], *, seconds: float = 30) -> list[dict[str, Any]]:
    """Read the delivered events as soon as those that come last are among them."""
    deadline = time.monotonic() + seconds
    while True:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        events: list[dict[str, Any]] = [json.loads(line) for line in lines]
        missing = awaited - {(event["job"]["name"], event["eventType"]) for event in events}
        if not missing:
            return events
        assert time.monotonic() < deadline, f"not delivered: {missing}"
        time.sleep(0.2)


def test_every_task_has_one_start_and_one_end(story: Story) -> None:
    assert sorted(story.of("story.make")) == ["COMPLETE", "START"]
    assert sorted(story.of("story.compute")) == ["COMPLETE", "START"]
    assert sorted(story.of("story.breaks")) == ["FAIL", "START"]
    assert sorted(story.of("story.inherits")) == ["COMPLETE", "START"]


def test_a_task_that_skips_itself_ends(story: Story) -> None:
    assert sorted(story.of("story.skips_itself")) == ["COMPLETE", "START"]


def test_a_task_that_is_killed_ends_once_and_says_so(story: Story) -> None:
    events = story.of("story.is_killed")

    assert sorted(events) == ["FAIL", "START"]
    assert "without a word" in events["FAIL"]["run"]["facets"]["errorMessage"]["message"]


def test_delivered_events_keep_the_specification(
    story: Story, tmp_path: Path, read_events: Callable[[Path], list[dict[str, Any]]]
) -> None:
    copy = tmp_path / "events.ndjson"
    copy.write_text("\n".join(json.dumps(event) for event in story.events), encoding="utf-8")

    assert len(read_events(copy)) == len(story.events)


def test_the_end_has_columns_and_the_start_has_datasets(story: Story) -> None:
    events = story.of("story.compute")

    assert [source["name"] for source in events["START"]["inputs"]] == ["story.main.lines"]
    [output] = events["COMPLETE"]["outputs"]
    assert output["namespace"] == f"duckdb://{story.data / 'story.duckdb'}"
    assert output["name"] == "story.main.sums"
    sources = output["facets"]["columnLineage"]["fields"]["amount"]["inputFields"]
    direct = {
        source["field"] for source in sources if any(how["type"] == "DIRECT" for how in source["transformations"])
    }
    assert direct == {"quantity", "price"}


def test_sql_is_rendered(story: Story) -> None:
    query = story.of("story.make")["COMPLETE"]["job"]["facets"]["sql"]["query"]

    assert "stack__" in query
    assert "{{" not in query


def test_a_failure_keeps_its_datasets_and_its_reason(story: Story) -> None:
    event = story.of("story.breaks")["FAIL"]

    assert [output["name"] for output in event["outputs"]] == ["story.main.not_there"]
    assert "not_there" in event["run"]["facets"]["errorMessage"]["message"]
    assert "Traceback" in event["run"]["facets"]["errorMessage"]["stackTrace"]


def test_the_dag_run_is_parent_and_root(story: Story) -> None:
    dag_run = story.of("story")
    parent = story.of("story.make")["COMPLETE"]["run"]["facets"]["parent"]

    assert "START" in dag_run
    assert parent["run"]["runId"] == dag_run["START"]["run"]["runId"]
    assert parent["root"]["run"]["runId"] == parent["run"]["runId"]


def test_a_child_process_inherits_both(story: Story) -> None:
    run_id = story.of("story.inherits")["START"]["run"]["runId"]
    dag_run_id = story.of("story")["START"]["run"]["runId"]

    inherited = (story.data / "inherits.txt").read_text(encoding="utf-8").strip()

    assert inherited == f"tale/story.inherits/{run_id} tale/story/{dag_run_id}"


def test_what_the_author_sets_stays(story: Story) -> None:
    assert (story.data / "has_its_own.txt").read_text(encoding="utf-8").startswith("the author's ")


def test_the_official_listener_is_not_heard(story: Story) -> None:
    assert {event["producer"].partition(":0")[0] for event in story.events} == {"urn:riverhead"}


def test_a_dag_that_ends_from_its_trigger_is_still_read_and_run(story: Story) -> None:
    assert story.state_of_the_waiting in {None, "success"}


def test_nothing_was_swallowed(story: Story) -> None:
    assert [path.read_text(encoding="utf-8") for path in (story.home / "riverhead").rglob("failures.log")] == []
