from __future__ import annotations

from datetime import datetime, timedelta, timezone
from uuid import UUID

import hypothesis
from hypothesis import given
from hypothesis import strategies as st
from openlineage.client.uuid import generate_static_uuid

from riverhead_emitter.event import run_event
from riverhead_emitter.model import Dataset, Field, Job, Lineage, Parentage, Run, RunState, Touched
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
