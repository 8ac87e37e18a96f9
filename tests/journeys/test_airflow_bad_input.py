"""What is broken, huge or strange is told as far as it can be; no task ends otherwise than without us."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import airflow_cluster
import hosts
import house
import postgresql
from riverhead_emitter.guard import FAILURES
from riverhead_emitter.spool.places import directory_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.journey, pytest.mark.matrix]

DAGS = Path(__file__).parent / "airflow_bad_input"
MAJORS = [pytest.param("3.3", id="3.3"), pytest.param("2.11", id="2.11")]
MANY = 5_000


@dataclass(frozen=True)
class Story:
    """What came of the DAGs."""

    states: dict[str, str]
    runs: dict[str, Counter[str]]
    import_errors: list[str]
    events: list[dict[str, Any]]
    delivered: Path
    doctor: str
    failures: str

    def last(self, task_id: str) -> dict[str, Any]:
        """Return the last event of a task."""
        found = [event for event in self.events if event["job"]["name"] == f"bad_input.{task_id}"]
        return max(found, key=lambda event: str(event["eventTime"]))


@pytest.fixture(scope="module", params=MAJORS)
def python(request: pytest.FixtureRequest) -> Path:
    """Return the interpreter of a major's Airflow."""
    return hosts.interpreter(f"AIRFLOW_{request.param.replace('.', '_')}")


@pytest.fixture(scope="module")
def story(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Run the DAGs once for all tests of this module."""
    folder = tmp_path_factory.mktemp("bad_input")
    spool = folder / "spool"
    with running(python, folder, ["bad_input", "many"], spool) as cluster:
        runs = cluster.wait(seconds=400)
        found = states(cluster)
        errors = cluster.stack.import_errors()
        events = cluster.events(seconds=120)
    words = [sys.executable, "-m", "riverhead", "doctor"]
    doctor = house.finished(words, cwd=folder, environment={**os.environ, "RIVERHEAD_SPOOL_DIR": str(spool)})
    failures = (directory_for(spool, []).parent / FAILURES).read_text(encoding="utf-8")
    return Story(found, runs, errors, events, cluster.delivered, doctor.stdout, failures)


@contextlib.contextmanager
def running(
    python: Path, folder: Path, dag_ids: list[str], spool: Path, **environment: str
) -> Iterator[airflow_cluster.Cluster]:
    with (
        postgresql.Server() as server,
        airflow_cluster.cluster(
            python,
            folder,
            DAGS,
            dag_ids,
            server=server,
            environment={
                "AIRFLOW__CORE__MAX_MAP_LENGTH": str(MANY),
                "AIRFLOW__RIVERHEAD__EXTRACTORS": "broken_operators.BrokenExtractor;broken_operators.NobodyWroteIt",
                "AIRFLOW__SCHEDULER__MAX_TIS_PER_QUERY": "512",
                "AIRFLOW_CONN_LITE": json.dumps({"conn_type": "sqlite", "host": str(folder / "lite.db")}),
                "PYTHONPATH": str(DAGS),
                "RIVERHEAD_SPOOL_DIR": str(spool),
                **environment,
            },
        ) as cluster,
    ):
        yield cluster


def states(cluster: airflow_cluster.Cluster) -> dict[str, str]:
    return dict(cluster.metadata.ask("select task_id, state from task_instance where dag_id = 'bad_input'", ()))


def test_every_task_ends_as_it_does_where_we_are_switched_off_and_where_we_cannot_write(
    story: Story, python: Path, tmp_path: Path
) -> None:
    off, unwritable = tmp_path / "off", tmp_path / "unwritable"
    for folder in (off, unwritable):
        folder.mkdir()
    (unwritable / "file").touch()
    with running(python, off, ["bad_input"], off / "spool", OPENLINEAGE_DISABLED="true") as cluster:
        cluster.wait(seconds=400)
        without_us = states(cluster)
    with running(python, unwritable, ["bad_input"], unwritable / "file" / "spool") as cluster:
        cluster.wait(seconds=400)
        without_a_spool = states(cluster)

    assert story.states == without_us == without_a_spool
    assert set(without_us.values()) == {"success", "failed"}
    assert story.runs == {"bad_input": Counter({"failed": 1}), "many": Counter({"success": 1})}


def test_a_file_that_cannot_be_read_is_airflows_matter_alone(story: Story) -> None:
    assert len(story.import_errors) == 1
    assert "this file is broken" in story.import_errors[0]


def test_each_task_is_told_with_its_start_and_its_end(story: Story) -> None:
    for task_id, state in story.states.items():
        found = Counter(event["eventType"] for event in story.events if event["job"]["name"] == f"bad_input.{task_id}")
        assert found == {"START": 1, "COMPLETE" if state == "success" else "FAIL": 1}, task_id


def test_what_could_not_be_asked_is_counted_and_the_doctor_says_so(story: Story) -> None:
    assert "failures inside hosts" in story.doctor
    for word in ("the extractor is broken", "the operator does not know", "NobodyWroteIt", "HangingOperator"):
        assert word in story.failures, word


def test_huge_sql_is_cut_and_its_lineage_is_said_to_be_missing(story: Story) -> None:
    end = story.last("huge_sql")

    assert len(json.dumps(end)) < 2 << 20
    assert "riverhead_coverage" in end["run"]["facets"]


def test_a_missing_connection_is_the_tasks_own_error(story: Story) -> None:
    assert "nobody_made_it" in story.last("missing_connection")["run"]["facets"]["errorMessage"]["message"]


def test_events_of_strange_texts_keep_the_specification(
    story: Story, read_events: Callable[[Path], list[dict[str, Any]]]
) -> None:
    assert read_events(story.delivered)
    assert len(json.dumps(story.last("odd_error"))) < 2 << 20


def test_a_dag_run_of_thousands_of_mapped_tasks_has_its_end(story: Story) -> None:
    assert [event["eventType"] for event in story.events if event["job"]["name"] == "many"] == ["START", "COMPLETE"]
