"""What an emitter keeps of ready facts and events: by whose order, with which facets, and what it leaves out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from riverhead_emitter.emitter import Emitter
from riverhead_emitter.event import run_event
from riverhead_emitter.filters import Filter
from riverhead_emitter.model import Dataset, Job, Lineage, Run, RunState, Touched
from riverhead_emitter.observation import Observation
from riverhead_emitter.spool.reader import segments_in
from riverhead_emitter.spool.segment import HEADER_LENGTH, Record, record_of

if TYPE_CHECKING:
    from riverhead_emitter.settings import Settings

NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
RUN = Run("01890a5d-ac96-774b-bcce-b302099a8057", Job("shop", "load"))
LINEAGE = Lineage(outputs=(Touched(Dataset("s3://lake", "orders")),))


def records_in(emitter: Emitter) -> list[Record]:
    emitter.close()
    contents = [path.read_bytes()[HEADER_LENGTH:] for path in segments_in(emitter.directory)]
    return [record_of(line) for content in contents for line in content.splitlines(keepends=True)]


def events_in(emitter: Emitter) -> list[dict[str, Any]]:
    return [json.loads(record.body)["event"] for record in records_in(emitter)]


def test_what_is_told_is_kept_as_the_event_of_these_facts(emitter: Emitter) -> None:
    facets = {"own": {"_producer": "urn:tests", "_schemaURL": "urn:tests:own"}}

    assert emitter.tell(RunState.COMPLETE, RUN, LINEAGE, time=NOON, job_facets=facets)

    assert events_in(emitter) == [run_event(RunState.COMPLETE, NOON, RUN, LINEAGE, job_facets=facets)]


def test_what_is_told_without_a_time_is_of_now(emitter: Emitter) -> None:
    before = datetime.now(timezone.utc)

    assert emitter.tell(RunState.START, RUN)

    assert before <= datetime.fromisoformat(events_in(emitter)[0]["eventTime"].replace("Z", "+00:00"))


def test_what_makes_no_event_is_refused_and_counted(emitter: Emitter) -> None:
    assert not emitter.tell(RunState.START, None)  # type: ignore[arg-type]  # a host's mistake
    assert emitter.failures.counts == {"building an event": 1}


@pytest.mark.parametrize(
    ("event", "order"),
    [
        ({"run": {"runId": "r 1"}, "job": {"namespace": "n", "name": "j"}}, "r_1"),
        ({"job": {"namespace": "n", "name": "a job"}}, "n/a_job"),
        ({"dataset": {"namespace": "s3://lake", "name": "d"}}, "s3://lake/d"),
    ],
    ids=["run", "job", "dataset"],
)
def test_an_event_is_ordered_by_its_run_or_by_what_it_is_about(emitter: Emitter, event: Any, order: str) -> None:
    assert emitter.emit(event)

    assert [record.run_id for record in records_in(emitter)] == [order]


def test_an_event_that_is_filtered_out_costs_no_disk(settings: Settings) -> None:
    emitter = Emitter(replace(settings, filters=(Filter("job", "load"),)))

    assert not emitter.tell(RunState.START, RUN)
    assert not emitter.directory.exists()
    assert emitter.failures.counts == {}
    assert emitter.tell(RunState.START, Run(RUN.id, Job("shop", "other")))


def test_a_dataset_that_is_filtered_out_leaves_its_event(settings: Settings) -> None:
    emitter = Emitter(replace(settings, filters=(Filter("dataset", "orders"),)))

    assert emitter.tell(RunState.COMPLETE, RUN, LINEAGE)

    assert events_in(emitter)[0]["outputs"] == []


def test_chosen_variables_and_tags_are_added_to_every_event_and_record(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGION", "eu")
    monkeypatch.delenv("ABSENT", raising=False)
    emitter = Emitter(
        replace(
            settings, environment_variables=("REGION", "ABSENT"), job_tags=(("team", "a"),), run_tags=(("cost", "1"),)
        )
    )
    mine = {"tags": {"tags": [{"key": "TEAM", "value": "old"}, {"key": "x", "value": "y"}]}}
    event = run_event(RunState.START, NOON, RUN)
    event["job"]["facets"] = mine

    assert emitter.emit(event)
    assert emitter.observe(Observation("kind", 1, "run", {}))

    ready, observed = (json.loads(record.body) for record in records_in(emitter))
    run, job = ready["event"]["run"]["facets"], ready["event"]["job"]["facets"]
    assert run["environmentVariables"]["environmentVariables"] == [{"name": "REGION", "value": "eu"}]
    assert run["tags"]["tags"] == [{"key": "cost", "value": "1", "source": "USER"}]
    assert job["tags"]["tags"] == [{"key": "x", "value": "y"}, {"key": "team", "value": "a", "source": "USER"}]
    assert observed["facets"]["run"] == run
    assert mine["tags"]["tags"][0]["value"] == "old"
