"""An application is a run of its own, around the runs of its queries."""

from __future__ import annotations

from typing import Any

import pytest

from last_words import last_words
from riverhead_emitter.errors import UnknownObservation, UnreadableRecord
from riverhead_emitter.observation import Observation
from riverhead_spark.application import application_run_id, observed, parentage_of
from riverhead_spark.application_run import interpret

STARTED = 1_700_000_000_000
TASK = {"namespace": "airflow", "name": "dag.task", "run_id": "0190a8d0-0000-7000-8000-0000000000aa"}
DAG = {"namespace": "airflow", "name": "dag", "run_id": "0190a8d0-0000-7000-8000-0000000000bb"}
RUN_ID = application_run_id("local-1", STARTED)
APPLICATION = {"id": "local-1", "name": "Nightly Load", "spark_version": "4.0.5", "namespace": "shop", "run_id": RUN_ID}
COMMIT = "a" * 40
CODE = {
    "path": "/app/jobs/load.py",
    "checkout": {"root": "/app", "commit": COMMIT, "branch": "main", "remote": "git@github.com:acme/shop.git"},
}


def event_of(phase: str, application: dict[str, Any] | None = None, **facts: Any) -> dict[str, Any]:
    """Return the one event of an observation."""
    (event,) = interpret(observed(phase, STARTED, application or APPLICATION, **facts))
    return event


def test_a_start_tells_which_application_runs_where_and_with_what() -> None:
    details = {"master": "local[2]", "applicationId": "local-1", "uiWebUrl": None}
    given = {"arguments": ["--date", "2024-01-01"], "spark.executor.memory": "4g"}

    start = event_of("start", {**APPLICATION, "code": CODE}, details=details, parameters=given)

    assert (start["eventType"], start["eventTime"]) == ("START", "2023-11-14T22:13:20.000000Z")
    assert (start["job"]["namespace"], start["job"]["name"], start["run"]["runId"]) == ("shop", "nightly_load", RUN_ID)
    told = start["run"]["facets"]["spark_applicationDetails"]
    assert {name: told[name] for name in told if name[0] != "_"} == {"master": "local[2]", "applicationId": "local-1"}
    assert start["run"]["facets"]["riverhead_parameters"]["parameters"] == [
        {"name": "arguments", "value": ["--date", "2024-01-01"], "origin": "argument"},
        {"name": "spark.executor.memory", "value": "4g", "origin": "conf"},
    ]
    assert start["job"]["facets"]["jobType"]["jobType"] == "APPLICATION"
    assert start["job"]["facets"]["sourceCodeLocation"]["url"] == (
        f"https://github.com/acme/shop/blob/{COMMIT}/jobs/load.py"
    )
    assert "parent" not in start["run"]["facets"]


@pytest.mark.parametrize("code", [None, {}, {"path": "/srv/load.py"}, {"path": "/srv/load.py", "checkout": None}])
def test_a_script_outside_of_any_repository_is_a_file_and_a_notebook_is_none(code: dict[str, Any] | None) -> None:
    place = event_of("start", {**APPLICATION, "code": code})["job"]["facets"].get("sourceCodeLocation")

    assert (place["url"] if place else None) == ("file:///srv/load.py" if code else None)


@pytest.mark.parametrize(
    ("ending", "state", "message"),
    [
        (None, "COMPLETE", None),
        ({"code": 0}, "COMPLETE", None),
        ({"code": 3}, "FAIL", "the program left with exit code 3"),
        (
            {"code": 1, "error": {"class": "ValueError", "message": "ValueError: no orders"}},
            "FAIL",
            "ValueError: no orders",
        ),
        ({"code": 1, "error": {"class": "KeyboardInterrupt", "message": "stopped"}}, "ABORT", "stopped"),
    ],
)
def test_an_application_ends_as_its_program_left(
    ending: dict[str, Any] | None, state: str, message: str | None
) -> None:
    end = event_of("end", ending=ending)

    assert end["eventType"] == state
    assert end["run"]["facets"].get("errorMessage", {}).get("message") == message
    assert "riverhead_coverage" not in end["run"]["facets"]


def test_an_error_keeps_its_stack_in_pythons_words() -> None:
    error = {"class": "ValueError", "message": "ValueError: no", "stack": "Traceback (most recent call last): …"}

    facet = event_of("end", ending={"code": 1, "error": error})["run"]["facets"]["errorMessage"]

    assert (facet["programmingLanguage"], facet["stackTrace"]) == ("python", error["stack"])


def test_an_exit_code_that_nobody_knows_is_named_as_such() -> None:
    end = event_of("end", ending={"code": None})

    assert end["eventType"] == "COMPLETE"
    assert end["run"]["facets"]["riverhead_coverage"]["unresolved"][0]["what"] == "exit code"


def test_the_applications_parent_is_who_started_it() -> None:
    facet = event_of("start", {**APPLICATION, "parent": TASK, "root": DAG})["run"]["facets"]["parent"]

    assert (facet["run"]["runId"], facet["root"]["run"]["runId"]) == (TASK["run_id"], DAG["run_id"])


@pytest.mark.parametrize(
    ("given", "root"),
    [({}, RUN_ID), ({"parent": TASK, "root": TASK}, TASK["run_id"]), ({"parent": TASK, "root": DAG}, DAG["run_id"])],
    ids=["nobody", "a parent", "a parent and a root"],
)
def test_what_an_application_runs_has_it_as_parent_and_keeps_the_root(given: dict[str, Any], root: str) -> None:
    parentage = parentage_of({**APPLICATION, **given})

    assert parentage is not None
    assert (parentage.parent.id, parentage.parent.job.name, parentage.root.id) == (RUN_ID, "nightly_load", root)


def test_an_application_of_an_earlier_release_has_no_run_of_its_own() -> None:
    earlier = {key: value for key, value in APPLICATION.items() if key != "run_id"}

    parentage = parentage_of({**earlier, "parent": TASK, "root": DAG})

    assert parentage_of(earlier) is None
    assert parentage is not None
    assert parentage.parent.id == TASK["run_id"]


def test_the_same_application_is_the_same_run_but_listened_to_again_another_one() -> None:
    assert application_run_id("local-1", STARTED) == RUN_ID
    assert len({application_run_id("local-1", STARTED, before) for before in range(3)}) == 3


@pytest.mark.parametrize("payload", [{}, {"application": {}}, {"application": APPLICATION}, {"application": 1}])
def test_a_payload_that_is_none_is_an_unreadable_record(payload: dict[str, Any]) -> None:
    with pytest.raises(UnreadableRecord):
        interpret(Observation("spark.application", 1, RUN_ID, payload))


def test_a_later_layout_is_refused_with_a_sentence() -> None:
    with pytest.raises(UnknownObservation, match="another release"):
        interpret(Observation("spark.application", 2, RUN_ID, {}))


def test_an_application_whose_driver_died_failed_when_it_did() -> None:
    start = observed("start", STARTED, APPLICATION, details={"master": "local"}, parameters={"arguments": ["x"]})

    (end,) = interpret(last_words(start, "2023-11-14T22:15:00.250000Z"))

    assert (end["eventType"], end["eventTime"]) == ("FAIL", "2023-11-14T22:15:00.250000Z")
    assert end["run"]["runId"] == RUN_ID
    assert end["run"]["facets"]["errorMessage"]["message"] == "the driver's process ended without a word"
    assert "riverhead_parameters" not in end["run"]["facets"]


def test_who_tells_its_end_leaves_no_will() -> None:
    assert observed("start", STARTED, APPLICATION).will is not None
    assert observed("end", STARTED, APPLICATION).is_last
