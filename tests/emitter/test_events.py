from __future__ import annotations

import sys
from datetime import datetime, timedelta, timezone
from uuid import UUID

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openlineage.client import event_v2
from openlineage.client.serde import Serde
from openlineage.client.uuid import generate_static_uuid

import house
import openlineage_schemas
from riverhead_emitter.event import dataset_event, job_event, run_event
from riverhead_emitter.facets.traffic import output_statistics
from riverhead_emitter.model import (
    Column,
    ColumnEdge,
    Dataset,
    Derivation,
    Field,
    Flow,
    Job,
    Lineage,
    Parentage,
    Run,
    RunState,
    Touched,
    Unresolved,
)
from riverhead_emitter.run_ids import new_run_id, run_id_of

few = hypothesis.settings(max_examples=40, deadline=None)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=ZONES)  # noqa: DTZ001 - zones are drawn
RUN = Run("01890a5d-ac96-774b-bcce-b302099a8057", Job("tests", "job"))


@given(INSTANTS, st.text(st.characters(codec="utf-8")))
@few
def test_run_ids_are_those_of_the_official_client(instant: datetime, identity: str) -> None:
    assert run_id_of(instant, identity) == str(generate_static_uuid(instant, identity.encode()))


@given(INSTANTS, st.text(max_size=5))
@few
def test_the_zone_in_which_an_instant_is_told_changes_no_run_id(instant: datetime, identity: str) -> None:
    assert run_id_of(instant, identity) == run_id_of(instant.astimezone(timezone.utc), identity)


def test_fresh_run_ids_are_uuids_of_version_seven_and_do_not_repeat() -> None:
    ids = [new_run_id() for _ in range(1_000)]

    assert {(UUID(run_id).version, UUID(run_id).variant) for run_id in ids} == {(7, UUID(ids[0]).variant)}
    assert len(set(ids)) == len(ids)


def test_fresh_run_ids_carry_the_time() -> None:
    before = datetime.now(timezone.utc).timestamp() * 1000 - 1

    assert before <= UUID(new_run_id()).int >> 80 <= before + 60_000


@given(INSTANTS)
@few
def test_an_event_tells_its_time_with_its_zone(instant: datetime) -> None:
    told = run_event(RunState.OTHER, instant, RUN)["eventTime"]

    assert datetime.fromisoformat(told.replace("Z", "+00:00")) == instant


def test_an_event_carries_inputs_outputs_schema_and_parent() -> None:
    dataset = Dataset("file", "/a")
    lineage = Lineage(inputs=(Touched(dataset),), outputs=(Touched(dataset, (Field("a", "int"),)),))

    event = run_event(
        RunState.FAIL, datetime.now(timezone.utc), RUN, lineage, parentage=Parentage(RUN, RUN), job_facets={}
    )

    assert [found["name"] for found in event["inputs"] + event["outputs"]] == ["/a", "/a"]
    assert event["outputs"][0]["facets"]["schema"]["fields"] == [{"name": "a", "type": "int"}]
    assert event["run"]["facets"]["parent"]["root"]["run"]["runId"] == RUN.id


NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
LEFT, RIGHT, VIEW = (Dataset("file", name) for name in ("/left", "/right", "/view"))
EDGE = ColumnEdge(Column(VIEW, "a"), Column(LEFT, "a"), Derivation.IDENTITY)
FLOWING = Lineage((Touched(LEFT), Touched(RIGHT)), (Touched(VIEW),), flows=(Flow(VIEW, LEFT),))
needs_schemas = pytest.mark.skipif(not openlineage_schemas.are_at_hand(), reason=openlineage_schemas.MISSING)


def test_a_run_carries_explicit_lineage_on_its_job_only_where_it_is_needed() -> None:
    without = Lineage(FLOWING.inputs, FLOWING.outputs, (EDGE,))

    assert set(run_event(RunState.COMPLETE, NOON, RUN, FLOWING)["job"]["facets"]) == {"lineage"}
    assert run_event(RunState.COMPLETE, NOON, RUN, without)["job"]["facets"] == {}


def test_an_event_names_what_could_not_be_traced() -> None:
    event = run_event(RunState.COMPLETE, NOON, RUN, Lineage(unresolved=(Unresolved("f(x)", "not read"),)))

    assert event["run"]["facets"]["riverhead_coverage"]["unresolved"] == [{"what": "f(x)", "why": "not read"}]


def test_an_event_leaves_the_facets_that_it_is_given_as_they_are() -> None:
    given: dict[str, object] = {}
    touched = Touched(VIEW, (Field("a"),), facets=given, traffic=given)

    run_event(
        RunState.COMPLETE,
        NOON,
        RUN,
        Lineage((Touched(LEFT), Touched(RIGHT)), (touched,), (EDGE,), flows=(Flow(VIEW, None),)),
        parentage=Parentage(RUN, RUN),
        run_facets=given,
        job_facets=given,
    )
    dataset_event(NOON, touched, FLOWING)

    assert given == {}


@needs_schemas
def test_events_of_jobs_and_datasets_by_themselves_keep_their_schemas() -> None:
    touched = Touched(VIEW, (Field("a"),), traffic={"outputStatistics": output_statistics(1, 2, 3)})
    events = [
        job_event(NOON, RUN.job),
        job_event(NOON, RUN.job, FLOWING, job_facets={}),
        dataset_event(NOON, Touched(VIEW)),
        dataset_event(NOON, touched, Lineage(columns=(EDGE,), flows=(Flow(VIEW, LEFT),))),
    ]

    assert [openlineage_schemas.problems_of(event) for event in events] == [[], [], [], []]


def test_an_event_of_a_job_by_itself_is_what_the_official_client_serialises() -> None:
    official = event_v2.JobEvent(
        eventTime="2026-11-21T12:00:00.000000Z",
        producer="urn:x",
        job=event_v2.Job("tests", "job"),
        inputs=[event_v2.InputDataset("file", "/left")],
        outputs=[event_v2.OutputDataset("file", "/view")],
    )

    ours = job_event(NOON, RUN.job, Lineage((Touched(LEFT),), (Touched(VIEW),)))

    assert bare(ours) == bare(Serde.to_dict(official))


def test_an_event_of_a_dataset_by_itself_is_what_the_official_client_serialises() -> None:
    official = event_v2.DatasetEvent(
        eventTime="2026-11-21T12:00:00.000000Z", producer="urn:x", dataset=event_v2.StaticDataset("file", "/view")
    )

    assert bare(dataset_event(NOON, Touched(VIEW))) == bare(Serde.to_dict(official))


def bare(value: object) -> object:
    """An event without its producer and without the empty lists and mappings."""
    if isinstance(value, dict):
        found = {name: bare(part) for name, part in value.items() if name != "producer"}
        return {name: part for name, part in found.items() if part not in ({}, [])}
    return [bare(part) for part in value] if isinstance(value, list) else value


def test_a_dataset_by_itself_says_what_it_is_made_of_and_nothing_of_a_run() -> None:
    view = Touched(VIEW, traffic={"outputStatistics": output_statistics(1, 2, 3)})

    dataset = dataset_event(NOON, view, Lineage(columns=(EDGE,), flows=(Flow(VIEW, LEFT),)))["dataset"]

    assert set(dataset) == {"namespace", "name", "facets"}
    assert set(dataset["facets"]) == {"columnLineage", "lineage"}
    assert [source["name"] for source in dataset["facets"]["lineage"]["inputs"]] == ["/left"]


def test_assembling_an_event_loads_only_the_facets_that_most_events_have() -> None:
    # A host pays for every module in every process.
    question = "import sys, riverhead_emitter.event; print(*sys.modules)"

    said = house.finished([sys.executable, "-S", "-c", question], environment={"PYTHONPATH": house.source_path()})

    facets = {name.rpartition(".")[2] for name in said.stdout.split() if name.startswith("riverhead_emitter.facets.")}
    assert facets == {"column_lineage", "dataset", "facet", "run"}, said.stderr
