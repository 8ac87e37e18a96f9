"""A real Spark under everything that a listener may fear: the job's results never change, and what is lost is named."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import house
from hosts import interpreter

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.fault

JOB = Path(__file__).parent / "spark_jobs" / "hostile.py"
SPARKS = [
    pytest.param("SPARK_4_3", id="4.3"),
    pytest.param("SPARK_4_0", id="4.0", marks=pytest.mark.matrix),
    pytest.param("SPARK_3_5", id="3.5", marks=pytest.mark.matrix),
]
# What each part of the job gives without anybody who listens.
ROWS = {
    "many_nodes": 0,
    "many_columns": 1,
    "fifty_unions": 50,
    "a_hundred_columns_one_by_one": 1,
    "nested_views": 1,
    "an_unknown_source": 0,
    "after_python_was_busy": 1,
    "a_tap_that_throws": 1,
    "after_it_threw": 1,
    "after_the_queue_was_full": 1,
}


@dataclass(frozen=True)
class Story:
    """What came of the job."""

    folder: Path
    answers: dict[str, Any]
    events: list[dict[str, Any]]
    doctor: str

    def complete(self, output: str) -> dict[str, Any]:
        """The end of the run that wrote this output."""
        name = f"{self.folder}/{output}"
        ended = (event for event in self.events if event["eventType"] == "COMPLETE")
        (found,) = (event for event in ended if name in [dataset["name"] for dataset in event["outputs"]])
        return found

    def gaps(self, output: str) -> list[str]:
        """What the end of that run says is missing, and why."""
        coverage = self.complete(output)["run"]["facets"].get("riverhead_coverage", {"unresolved": []})
        return [f"{gap['what']}: {gap['why']}" for gap in coverage["unresolved"]]


@pytest.fixture(scope="module", params=SPARKS)
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Run the job once for all tests of this module."""
    python = interpreter(request.param)
    folder = tmp_path_factory.mktemp("hostile")
    spool = {"RIVERHEAD_SPOOL_DIR": str(folder / "spool")}
    transport = {"TYPE": "file", "LOG_FILE_PATH": str(folder / "events.ndjson"), "APPEND": "true"}
    done = house.finished(
        [python, JOB, folder],
        cwd=folder,
        environment={
            **{name: str(python) for name in ("PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON")},
            **{f"OPENLINEAGE__TRANSPORT__{name}": value for name, value in transport.items()},
            **spool,
            "RIVERHEAD_TAP_CACHE": str(folder / "tap"),
            "PYTHONPATH": house.source_path(),
        },
        seconds=400,
    )
    assert done.returncode == 0, done.stderr
    doctor = house.finished([sys.executable, "-m", "riverhead", "doctor"], cwd=folder, environment=spool)
    lines = (folder / "events.ndjson").read_text(encoding="utf-8").splitlines()
    answers = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    return Story(folder, answers, [json.loads(line) for line in lines], doctor.stdout)


def test_every_part_of_the_job_gives_what_it_gives_without_a_listener(story: Story) -> None:
    assert {part: story.answers[part] for part in ROWS} == ROWS
    assert story.answers["a_full_queue"] == [1] * 5
    # Spark itself follows it until its stack ends, or refuses it.
    assert story.answers["a_view_of_itself"] in {1, "AnalysisException", "Py4JJavaError"}
    answer = story.answers["a_python_source"]
    assert answer == 1 or answer.startswith("not ")
    print(f"{len(story.answers)} hostile parts of a Spark job gave what they give without a listener")  # noqa: T201 - the figures that people ask for


def test_a_plan_of_ten_thousand_nodes_has_its_output(story: Story) -> None:
    assert story.complete("many_nodes")["outputs"]


def test_a_part_of_a_plan_that_is_cut_is_named(
    story: Story, read_events: Callable[[Path], list[dict[str, Any]]]
) -> None:
    assert read_events(story.folder / "events.ndjson") == story.events
    fields = story.complete("many_columns")["outputs"][0]["facets"].get("columnLineage", {"fields": {}})["fields"]

    assert len(fields) == 5000 or story.gaps("many_columns")


@pytest.mark.parametrize("output", ["fifty_unions", "a_hundred_columns", "nested_views"])
def test_a_deep_or_wide_query_is_followed_to_its_source(story: Story, output: str) -> None:
    complete = story.complete(output)

    assert [dataset["name"] for dataset in complete["inputs"]] == [f"{story.folder}/one"]
    assert complete["outputs"][0]["facets"]["columnLineage"]["fields"]["id"]["inputFields"]
    assert story.gaps(output) == []


def test_a_source_that_nobody_knows_is_named(story: Story) -> None:
    assert [gap for gap in story.gaps("unknown_source") if "not understood" in gap]


def test_batches_go_on_while_python_is_busy_in_c(story: Story) -> None:
    assert story.answers["python_busy_in_c"] > 1
    assert story.complete("after_busy")["inputs"]


def test_a_listener_that_throws_is_counted_and_named_afterwards(story: Story) -> None:
    assert [gap for gap in story.gaps("after_throwing") if "could not be written down" in gap]


def test_a_full_queue_is_counted_and_named_afterwards(story: Story) -> None:
    (said,) = (gap for gap in story.gaps("after_full") if "the queue was full" in gap)
    print(said)  # noqa: T201 - as above


def test_doctor_tells_what_was_lost(story: Story) -> None:
    assert "taking what Spark tells" in story.doctor
    assert "the queue was full" in story.doctor


def test_every_run_that_was_seen_to_end_ended_once(story: Story) -> None:
    ends: dict[str, list[str]] = {}
    for event in story.events:
        if event["eventType"] in {"COMPLETE", "FAIL", "ABORT"}:
            ends.setdefault(event["run"]["runId"], []).append(event["eventType"])

    assert {len(of_run) for of_run in ends.values()} == {1}
    print(f"{len(ends)} runs ended, each once")  # noqa: T201 - as above
