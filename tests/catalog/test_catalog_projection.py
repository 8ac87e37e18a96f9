"""Any order of delivery, any number of repetitions: the same state."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import StaticPool

from riverhead_catalog.projection import problems, project
from riverhead_catalog.projection.intervals import Interval, Statement, intervals
from riverhead_catalog.projection.registers import merged
from riverhead_catalog.store.applying import apply
from riverhead_catalog.store.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.catalog.conftest import Build

_P = {"_producer": "urn:test", "_schemaURL": "urn:test"}


def _datasets(names: list[str], column: str | None) -> list[dict[str, Any]]:
    source = {
        "namespace": "n",
        "name": "a",
        "field": "x",
        "transformations": [{"type": "INDIRECT", "subtype": "FILTER"}],
    }
    facets: dict[str, Any] = {"schema": {**_P, "fields": [{"name": "x"}, {"name": "y"}]}}
    if column:
        facets["columnLineage"] = {**_P, "fields": {column: {"inputFields": [source]}}, "dataset": [source]}
    return [{"namespace": "n", "name": name, "facets": facets} for name in names]


_NAMES = st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=2)


@st.composite
def _events(draw: st.DrawFn) -> dict[str, Any]:
    event: dict[str, Any] = {
        "eventTime": f"2026-11-20T10:0{draw(st.integers(0, 4))}:00Z",
        "producer": "urn:test",
        "schemaURL": "https://example.org/#/$defs/RunEvent",
        "job": {"namespace": "j", "name": draw(st.sampled_from(["one", "two"])), "facets": {}},
        "inputs": _datasets(draw(_NAMES), None),
        "outputs": _datasets(draw(_NAMES), draw(st.sampled_from([None, "x", "y"]))),
    }
    if draw(st.integers(0, 9)) == 0:
        return {**event, "schemaURL": "https://example.org/#/$defs/JobEvent"}
    state = draw(st.sampled_from(["START", "RUNNING", "COMPLETE", "COMPLETE", "FAIL", "ABORT", "OTHER"]))
    gaps = draw(st.sampled_from([None, 0, 2]))
    facets = {} if gaps is None else {"riverhead_coverage": {**_P, "unresolvedCount": gaps, "unresolved": []}}
    run = {"runId": draw(st.sampled_from(["r1", "r2", "r3"])), "facets": facets}
    return {**event, "eventType": state, "run": run}


@functools.cache
def _store() -> Engine:
    made = create_engine("sqlite://", poolclass=StaticPool)
    METADATA.create_all(made)
    return made


_STATE = {
    "datasets": "SELECT namespace, name, registers FROM datasets",
    "jobs": "SELECT namespace, name, registers FROM jobs",
    "namespaces": "SELECT * FROM namespaces",
    "contents": "SELECT * FROM contents",
    "events": "SELECT digest, time, is_run, raw, problem FROM events",
    "columns": "SELECT d.name, c.name FROM columns c JOIN datasets d ON d.id = c.dataset",
    "runs": "SELECT run, j.name, state, created, updated, started, ended, r.registers FROM runs r "
    "JOIN jobs j ON j.id = r.job",
    "statements": "SELECT j.name, source, at, s.digest, is_complete, p.digest FROM statements s "
    "JOIN jobs j ON j.id = s.job JOIN shapes p ON p.id = s.shape",
    "valid": "SELECT j.name, p.digest, since, until FROM valid v JOIN jobs j ON j.id = v.job "
    "JOIN shapes p ON p.id = v.shape",
}


def _state_after(events: Iterable[dict[str, Any]]) -> dict[str, list[Any]]:
    with _store().connect() as connection:  # never committed: the next order finds the store empty again
        for event in events:
            apply(connection, project(event))
        _check_intervals(connection)
        return {name: sorted(map(repr, connection.execute(text(query)))) for name, query in _STATE.items()}


def _check_intervals(connection: Any) -> None:
    """The quick way of the usual case must end where the slow way ends."""
    for (job,) in connection.execute(text("SELECT id FROM jobs")).all():
        said = connection.execute(text(f"SELECT at, digest, shape, is_complete FROM statements WHERE job = {job}"))  # noqa: S608 - a number of ours
        expected = intervals(Statement(row.at, row.digest, row.shape, bool(row.is_complete)) for row in said)
        found = connection.execute(text(f"SELECT since, until, shape FROM valid WHERE job = {job}"))  # noqa: S608 - a number of ours
        assert {Interval(*row) for row in found} == set(expected)


@settings(max_examples=12, deadline=None)
@given(st.lists(_events(), max_size=8).flatmap(lambda events: st.tuples(st.just(events), st.permutations(events * 2))))
def test_any_order_and_any_repetition_end_in_the_same_state(
    delivered: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> None:
    events, shuffled = delivered

    assert _state_after(events) == _state_after(shuffled)


_REGISTERS = st.dictionaries(
    st.sampled_from(["created", "started", "updated", "facet:a"]),
    st.tuples(st.integers(0, 3), st.sampled_from(["d1", "d2"]), st.sampled_from(["v1", "v2"])),
)


@given(_REGISTERS, _REGISTERS, _REGISTERS)
def test_registers_merge_in_any_grouping(one: Any, two: Any, three: Any) -> None:
    assert merged(one, two) == merged(two, one)
    assert merged(merged(one, two), three) == merged(one, merged(two, three))
    assert merged(one, one) == one


def test_a_shape_is_in_force_from_its_completion_until_the_next_other_one() -> None:
    said = [Statement(10, "a", 1, True), Statement(20, "b", 1, True), Statement(30, "c", 2, True)]

    assert intervals(reversed(said)) == [Interval(10, 30, 1), Interval(30, None, 2)]


def test_a_failed_run_never_closes_what_a_complete_one_opened() -> None:
    said = [Statement(10, "a", 1, True), Statement(20, "b", 2, False)]

    assert intervals(said) == [Interval(10, None, 1)]


def test_before_the_first_completion_everything_said_is_in_force_together() -> None:
    said = [Statement(5, "a", 1, False), Statement(6, "b", 2, False), Statement(9, "c", 3, True)]

    assert intervals(said) == [Interval(5, 9, 1), Interval(6, 9, 2), Interval(9, None, 3)]


def test_of_two_completions_at_the_same_instant_the_greater_digest_is_in_force() -> None:
    assert intervals([Statement(5, "b", 2, True), Statement(5, "a", 1, True)]) == [Interval(5, None, 2)]


def test_a_valid_event_has_no_problems(build: Build) -> None:
    assert problems(build.copying("load", "raw.x", "clean.y")) == []


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("eventTime",), None, "eventTime must not be null"),
        (("eventTime",), "yesterday", "eventTime must be a time such as 2026-11-20T08:00:00Z"),
        (("eventType",), 7, "eventType must be a text"),
        (("run",), None, "run must not be null"),
        (("run", "runId"), "", "run.runId must not be empty"),
        (("run", "facets"), [], "run.facets must be an object"),
        (("run", "facets"), {"parent": {**_P, "run": {"runId": "r"}}}, "run.facets.parent.job must not be null"),
        (("job",), "load", "job must be an object"),
        (("job", "name"), "a\0b", "job.name must not contain a NUL character"),
        (("inputs",), {}, "inputs must be a list"),
        (("outputs",), [3], "outputs[0] must be an object"),
        (("outputs",), [{"namespace": "n"}], "outputs[0].name must not be null"),
        (
            ("outputs",),
            [{"namespace": "n", "name": "d", "facets": {"schema": {**_P, "fields": [{"type": "int"}]}}}],
            "outputs[0].facets.schema.fields[0].name must not be null",
        ),
        (
            ("outputs",),
            [{"namespace": "n", "name": "d", "facets": {"columnLineage": {**_P, "fields": {"a": {"inputFields": 1}}}}}],
            "outputs[0].facets.columnLineage.fields.a.inputFields must be a list",
        ),
    ],
)
def test_a_problem_names_its_field(build: Build, path: tuple[str, ...], value: object, sentence: str) -> None:
    event = build.event("load")
    *above, last = path
    holder: dict[str, Any] = event
    for part in above:
        holder = holder[part]
    holder[last] = value

    assert problems(event) == [sentence]
