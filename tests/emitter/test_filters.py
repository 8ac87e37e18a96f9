from __future__ import annotations

import copy
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverhead_emitter.filters import SUBJECTS, Filter, filtered
from riverhead_emitter.spool.places import sinks_among

few = hypothesis.settings(max_examples=60, deadline=None)


def named(name: str, namespace: str = "s3://lake", **more: Any) -> dict[str, Any]:
    return {"namespace": namespace, "name": name, **more}


def event(**more: Any) -> dict[str, Any]:
    return {
        "run": {"runId": "r", "facets": {"parent": {"job": named("daily", "prod")}}},
        "job": named("daily.load", "prod"),
        "inputs": [named("orders"), named("people"), named("orders", "kafka://b")],
        "outputs": [named("sales", facets={"schema": {"fields": [{"name": "people", "type": "INT"}]}})],
        **more,
    }


def left(found: dict[str, Any] | None) -> list[str]:
    assert found is not None
    return [dataset["namespace"] + "/" + dataset["name"] for dataset in found["inputs"] + found["outputs"]]


@pytest.mark.parametrize(
    "left_out",
    [
        Filter("job", "daily.load"),
        Filter("job", "daily", is_regex=True),
        Filter("job_namespace", "prod"),
        Filter("job_namespace", "pr", is_regex=True),
    ],
)
def test_a_job_is_left_out_by_its_name_or_namespace(left_out: Filter) -> None:
    assert filtered(event(), [left_out]) is None
    assert filtered({"job": named("daily.load", "prod")}, [left_out]) is None


@pytest.mark.parametrize("kept", [Filter("job", "daily"), Filter("job", "load", is_regex=True), Filter("dataset", "x")])
def test_a_name_is_met_whole_and_a_pattern_from_its_start(kept: Filter) -> None:
    assert filtered(event(), [kept]) == event()


def test_a_dataset_is_left_out_and_the_rest_of_the_event_stays() -> None:
    found = filtered(event(), [Filter("dataset", "people")])

    assert left(found) == ["s3://lake/orders", "kafka://b/orders", "s3://lake/sales"]
    assert found is not None
    assert found["outputs"] == event()["outputs"]
    assert found["run"] == event()["run"]


def test_a_namespace_of_datasets_is_left_out() -> None:
    assert left(filtered(event(), [Filter("dataset_namespace", "s3:", is_regex=True)])) == ["kafka://b/orders"]


def test_a_dataset_that_is_left_out_is_no_source_of_a_column_no_other_name_and_no_explicit_lineage() -> None:
    columns = {"fields": {"total": {"inputFields": [named("people", field="id"), named("orders", field="amount")]}},
               "dataset": [named("people", field="id")]}  # fmt: skip
    explicit = {"entries": [named("people", type="DATASET", inputs=[]), named("people", type="JOB", inputs=[])]}
    symlinks = {"identifiers": [named("people", type="TABLE"), named("orders", type="TABLE")]}
    output = named("sales", facets={"columnLineage": columns, "symlinks": symlinks})
    whole = event(outputs=[output], job=named("j", facets={"lineage": explicit}))

    found = filtered(whole, [Filter("dataset", "people")])

    assert found is not None
    facets = found["outputs"][0]["facets"]
    assert facets["columnLineage"] == {"fields": {"total": {"inputFields": [named("orders", field="amount")]}},
                                       "dataset": []}  # fmt: skip
    assert facets["symlinks"] == {"identifiers": [named("orders", type="TABLE")]}
    assert found["job"]["facets"]["lineage"] == {"entries": [named("people", type="JOB", inputs=[])]}


def test_an_event_of_a_dataset_that_is_left_out_is_none() -> None:
    assert filtered({"dataset": named("people")}, [Filter("dataset", "people")]) is None
    assert filtered({"dataset": named("orders")}, [Filter("dataset", "people")]) == {"dataset": named("orders")}


def test_the_event_that_was_given_stays_as_it_was() -> None:
    given_event = event()

    filtered(given_event, [Filter("dataset", "people"), Filter("dataset_namespace", "kafka", is_regex=True)])

    assert given_event == event()


def test_an_event_that_is_deeper_than_any_is_no_error() -> None:
    deep: Any = []
    for _ in range(500):
        deep = [deep]

    assert filtered({"inputs": deep}, [Filter("dataset", "x")]) == {"inputs": deep}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_line_of_a_filter_is_taken_for_no_sink(subject: str) -> None:
    lines = ("http://m", Filter(subject, "http://m").line, "console", Filter(subject, ".*", is_regex=True).line)

    assert sinks_among(lines) == ("http://m", "console")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["a", "b", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "namespace", "x"]), inner),
    max_leaves=12,
)
EVENTS = st.dictionaries(st.sampled_from(["job", "dataset", "inputs", "outputs", "run"]), JSON)
FILTERS = st.lists(st.builds(Filter, st.sampled_from(SUBJECTS), st.sampled_from(["a", "b", ".*"]), st.booleans()))


@given(EVENTS, FILTERS)
@few
def test_filtering_twice_changes_nothing_whatever_came_as_json(
    given_event: dict[str, Any], filters: list[Filter]
) -> None:
    once = filtered(copy.deepcopy(given_event), filters)

    assert once is None or filtered(once, filters) == once
