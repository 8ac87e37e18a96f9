"""Streams of a real Spark that keep state, join, fail, run side by side and are stopped in the middle of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from spark_plans import edges_of
from spark_story import Story, played

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.journey, pytest.mark.matrix]

SPARKS = [pytest.param("4_0", id="4.0"), pytest.param("3_5", id="3.5")]


@pytest.fixture(scope="module", params=SPARKS)
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Run the job once for all tests of this module."""
    told = played(request.param, "streams.py", tmp_path_factory.mktemp("streams"))
    assert told.code == 0, told.errors
    assert "lineage:" not in told.errors
    return told


def operators(event: dict[str, Any]) -> list[str]:
    """Return which stateful operators a batch tells of."""
    return [operator["name"] for operator in event["run"]["facets"]["riverhead_streaming"]["operators"]]


def states(story: Story, name: str) -> list[list[str]]:
    """Return the types of the events of each run of a query."""
    return [types for run, types in story.states().items() if run.split(".")[1:2] == [name]]


def test_every_event_keeps_the_schemas(story: Story, read_events: Callable[[Path], list[dict[str, Any]]]) -> None:
    assert read_events(story.folder / "events.ndjson") == story.events


def test_every_run_starts_once_and_ends_once(story: Story) -> None:
    assert {(types[0], len(types)) for types in story.states().values()} == {("START", 2)}
    assert {event["eventType"] for event in story.ends} <= {"COMPLETE", "FAIL", "ABORT"}


def test_what_a_batch_of_totals_writes_comes_from_the_stream_s_source(story: Story) -> None:
    batches = story.named("totals")

    assert len(batches) == 3
    assert [story.inputs(batch) for batch in batches] == [["orders"]] * 3
    assert edges_of(batches[-1]) == {
        "customer <- orders.customer IDENTITY",
        "total <- orders.amount AGGREGATION",
        "customer <- orders.customer GROUP_BY",
        "total <- orders.customer GROUP_BY",
    }
    assert operators(batches[-1]) == ["stateStoreSave"]


def test_windows_with_a_watermark_tell_it_and_what_they_keep(story: Story) -> None:
    batches = story.named("windows")

    assert "total <- orders.amount AGGREGATION" in edges_of(batches[-1])
    assert batches[-1]["run"]["facets"]["riverhead_streaming"]["watermark"].startswith("2026-01-02T11:00")
    assert operators(batches[-1]) == ["stateStoreSave"]


def test_two_streams_that_are_joined_are_two_inputs(story: Story) -> None:
    batch = story.named("joined")[0]

    assert sorted(story.inputs(batch)) == ["orders", "payments"]
    assert {
        "id <- orders.id IDENTITY",
        "paid <- payments.paid IDENTITY",
        "amount <- payments.order_id JOIN",
        "amount <- orders.placed JOIN",
    } < edges_of(batch)
    assert operators(batch) == ["symmetricHashJoin"]


def test_a_stream_that_is_joined_with_a_table_at_rest_has_both_as_inputs(story: Story) -> None:
    batches = [batch for batch in story.named("named") if batch["eventType"] == "COMPLETE"]

    assert [sorted(story.inputs(batch)) for batch in batches] == [["customers", "orders"]] * 3
    assert {"name <- customers.name IDENTITY", "id <- customers.id JOIN"} < edges_of(batches[0])
    rows = {each["name"].rpartition("/")[2]: each["inputFacets"]["inputStatistics"] for each in batches[0]["inputs"]}
    assert [rows[name]["rowCount"] for name in ("orders", "customers")] == [2, 2]


def test_what_is_kept_once_of_each_comes_from_the_columns_that_say_so(story: Story) -> None:
    batch = story.named("distinct")[0]

    assert {"customer <- orders.customer IDENTITY", "customer <- orders.placed GROUP_BY"} < edges_of(batch)
    assert operators(batch) == ["dedupe"]


def test_a_query_that_fails_in_its_third_batch_has_two_runs_before_that(story: Story) -> None:
    assert states(story, "third") == [["START", "COMPLETE"]] * 2 + [["START", "FAIL"]]
    fail = story.named("third")[-1]
    assert "this batch is refused" in fail["run"]["facets"]["errorMessage"]["message"]
    assert story.inputs(fail) == ["orders"]
    assert len(story.filling("/before_it_failed")) == 2


def test_a_query_that_fails_before_its_first_batch_is_a_run_that_fails(story: Story) -> None:
    (fail,) = [batch for batch in story.named("named") if batch["eventType"] == "FAIL"]

    assert story.inputs(fail) == ["orders"]
    assert "sources" in fail["run"]["facets"]["errorMessage"]["message"]


def test_two_queries_at_once_are_told_apart(story: Story) -> None:
    for name in ("one_of_two", "other_of_two"):
        batches = story.named(name)
        assert [batch["outputs"][0]["name"].rpartition("/")[2] for batch in batches] == [name] * 3
        assert {edge for batch in batches for edge in edges_of(batch)} == {"id <- orders.id IDENTITY"}
    runs = {
        each["run"]["facets"]["riverhead_streaming"]["queryId"] for each in story.ends if "of_two" in str(each["job"])
    }
    assert len(runs) == 2


def test_a_query_that_is_stopped_in_the_middle_of_a_batch_has_one_end(story: Story) -> None:
    assert "stopped: None" in story.said
    ((start, end),) = states(story, "stopped")
    assert (start, end) == ("START", "ABORT")
