"""A Spark whose compiler cannot be used: the same lineage, by another way."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

import house
from hosts import interpreter
from riverhead_emitter.observation import Observation
from riverhead_spark.executions import KIND, VERSION
from riverhead_spark.understand import interpret
from spark_plans import RUN_ID, edges_of, names_of

pytestmark = pytest.mark.journey

JOB = Path(__file__).parent / "spark_jobs" / "without_compiler.py"
# Where a table of JDBC's catalog lies is one of the things that only the tap asks for.
WITHOUT_LOCATION = "create_v2_table"
# Spark says of it only that it ended, and to listeners only.
WITHOUT_PLAN = "failing_plan"
SPARKS = [
    pytest.param("SPARK_4_3", id="4.3"),
    pytest.param("SPARK_4_0", id="4.0", marks=pytest.mark.matrix),
    pytest.param("SPARK_3_5", id="3.5", marks=pytest.mark.matrix),
]


@pytest.fixture(scope="module", params=SPARKS)
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Run the job once for all tests of this module."""
    python = interpreter(request.param)
    folder = tmp_path_factory.mktemp("without")
    events = folder / "events.ndjson"
    transport = {"TYPE": "file", "LOG_FILE_PATH": str(events), "APPEND": "true"}
    spool = {"RIVERHEAD_SPOOL_DIR": str(folder / "spool")}
    done = house.finished(
        [python, JOB, folder],
        cwd=folder,
        environment={
            **{name: str(python) for name in ("PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON")},
            **{f"OPENLINEAGE__TRANSPORT__{name}": value for name, value in transport.items()},
            **spool,
            "RIVERHEAD_TAP_CACHE": "false",
            "PYTHONPATH": house.source_path(),
        },
        seconds=300,
    )
    assert done.returncode == 0, done.stderr
    return {
        "folder": folder,
        "errors": done.stderr,
        "events": [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()],
        "observations": json.loads((folder / "observations.json").read_text(encoding="utf-8")),
        "doctor": house.finished([sys.executable, "-m", "riverhead", "doctor"], cwd=folder, environment=spool).stdout,
    }


def test_a_query_means_the_same_to_both(story: dict[str, Any]) -> None:
    queries = {name: of for name, of in story["observations"].items() if name not in {WITHOUT_LOCATION, WITHOUT_PLAN}}

    assert {name: meanings(of["fallback"]) for name, of in queries.items()} == {
        name: meanings(of["tap"]) for name, of in queries.items()
    }
    assert sum(bool(meanings(of["tap"])) for of in queries.values()) > 10


def test_an_action_that_cannot_be_planned_is_seen_by_the_tap_only(story: dict[str, Any]) -> None:
    of = story["observations"][WITHOUT_PLAN]

    assert [type_ for type_, *_ in meanings(of["tap"])] == ["FAIL"]
    assert meanings(of["fallback"]) == []


def test_what_is_not_asked_for_is_named(story: dict[str, Any]) -> None:
    (end,) = ends(story["observations"][WITHOUT_LOCATION]["fallback"])

    (gap,) = end["run"]["facets"]["riverhead_coverage"]["unresolved"]
    assert (gap["what"], end["outputs"]) == ("CreateTableAsSelect", [])


def test_the_job_is_listened_to_and_told_once_why_less_is_known(story: dict[str, Any]) -> None:
    written = [event for event in story["events"] if f"{story['folder']}/numbers" in str(event["outputs"])]

    assert [event["eventType"] for event in written] == ["START", "COMPLETE"]
    assert story["errors"].count("the compiler inside Spark cannot be used here") == 1
    assert "compiling the tap" in story["doctor"]


def meanings(payloads: list[dict[str, Any]]) -> list[Any]:
    """Return what ends mean: their states, datasets and columns; a figure or an expression's text is not compared."""
    return [
        (event["eventType"], names_of(event["inputs"]), names_of(event["outputs"]), sorted(edges_of(event)))
        for event in ends(payloads)
    ]


def ends(payloads: list[dict[str, Any]]) -> list[dict[str, Any]]:
    observations = (Observation(KIND, VERSION, RUN_ID, payload) for payload in payloads)
    events = (event for observation in observations for event in interpret(observation))
    return [event for event in events if event["eventType"] != "START"]
