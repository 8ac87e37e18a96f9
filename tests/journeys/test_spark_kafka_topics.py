"""Topics of a real Kafka, filled and read by Spark in batches and in streams."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from kafka_broker import Broker
from spark_plans import edges_of, names_of
from spark_story import Story, played

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.journey, pytest.mark.matrix]

SPARKS = ("4_3", "4_0", "3_5")


@pytest.fixture(scope="module", params=SPARKS)
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Run the job once for all tests of this module."""
    folder = tmp_path_factory.mktemp("topics")
    with Broker(tmp_path_factory.mktemp("kafka")) as broker:
        jars = ("spark-", "kafka-", "commons-pool2")
        told = played(request.param, "kafka_topics.py", folder, broker.servers, jars=jars)
    assert told.code == 0, told.errors
    assert "lineage:" not in told.errors
    return told


def topics(datasets: list[dict[str, Any]]) -> list[str]:
    """Return the names of datasets that are topics of the broker."""
    names = names_of(datasets)
    assert all(name.startswith("kafka://127.0.0.1:") for name in names)
    return sorted(name.partition(" ")[2] for name in names)


def offsets(event: dict[str, Any]) -> tuple[int, int]:
    """Return how many messages of its only source a batch had behind it at its start, and at its end."""
    (source,) = event["run"]["facets"]["riverhead_streaming"]["sources"]
    start, end = (json.loads(source.get(name) or "{}") for name in ("startOffset", "endOffset"))
    return tuple(sum(at for partitions in each.values() for at in partitions.values()) for each in (start, end))


def test_every_event_keeps_the_schemas(story: Story, read_events: Callable[[Path], list[dict[str, Any]]]) -> None:
    assert read_events(story.folder / "events.ndjson") == story.events


def test_no_password_of_a_topic_s_options_is_kept_anywhere(story: Story) -> None:
    files = [path for path in story.folder.rglob("*") if path.is_file()]

    assert [path for path in files if b"CANARY" in path.read_bytes()] == []
    assert "CANARY" not in story.said + story.errors


def test_every_run_starts_once_and_ends_once(story: Story) -> None:
    assert {tuple(states) for states in story.states().values()} == {("START", "COMPLETE")}


def test_a_topic_that_files_fill_has_their_columns(story: Story) -> None:
    filled = [event for event in story.filling(" orders") if event["job"]["name"].endswith("command.orders")]

    assert [story.inputs(event) for event in filled] == [["orders"]] * 2
    assert {"key <- orders.id TRANSFORMATION", "value <- orders.amount TRANSFORMATION"} < edges_of(filled[0])


def test_a_batch_reads_the_columns_of_a_topic(story: Story) -> None:
    (read,) = story.filling("/said")

    assert topics(read["inputs"]) == ["orders"]
    assert edges_of(read) == {"said <- orders.value TRANSFORMATION", "at <- orders.offset IDENTITY"}
    assert read["inputs"][0]["inputFacets"]["inputStatistics"]["rowCount"] == 3


def test_partitions_that_are_assigned_are_their_topic(story: Story) -> None:
    reads = [
        event["inputs"] for event in story.ends if not event["outputs"] and "own_topics" not in event["job"]["name"]
    ]

    assert [topics(inputs) for inputs in reads if "kafka" in str(inputs)] == [["orders"]]


def test_every_batch_of_a_stream_is_a_run_that_says_from_where_to_where_it_read(story: Story) -> None:
    batches = story.named("streamed")

    assert [topics(batch["inputs"]) for batch in batches] == [["orders"]] * 3
    assert edges_of(batches[0]) == {"id <- orders.key TRANSFORMATION", "said <- orders.value TRANSFORMATION"}
    # The third is of the query that went on from where the first one ended.
    assert [offsets(batch) for batch in batches] == [(0, 2), (2, 3), (3, 4)]
    told = [batch["run"]["facets"]["riverhead_streaming"] for batch in batches]
    assert [facet["batchId"] for facet in told] == [0, 1, 2]
    assert [told[0][name] == told[2][name] for name in ("queryId", "queryRunId")] == [True, False]


def test_streams_fill_topics_from_files_from_topics_and_from_rows_made_up(story: Story) -> None:
    queries = ("from_files", "from_topic", "from_rate")
    ((from_files,), (from_topic,), (from_rate,)) = (story.named(name) for name in queries)

    assert [story.inputs(from_files), topics(from_files["outputs"])] == [["orders"], ["amounts"]]
    assert edges_of(from_files) == {"value <- orders.amount TRANSFORMATION"}
    assert [topics(from_topic["inputs"]), topics(from_topic["outputs"])] == [["amounts"], ["amounts_again"]]
    assert edges_of(from_topic) == {"key <- amounts.key IDENTITY", "value <- amounts.value IDENTITY"}
    assert [from_rate["inputs"], topics(from_rate["outputs"])] == [[], ["ticks"]]


def test_topics_of_a_pattern_are_those_that_the_batch_read(story: Story) -> None:
    (batch,) = story.named("by_pattern")

    assert topics(batch["inputs"]) == ["amounts", "amounts_again"]
    assert edges_of(batch) == {"value <- amounts.value IDENTITY", "value <- amounts_again.value IDENTITY"}
    assert "riverhead_coverage" not in batch["run"]["facets"]


def test_rows_that_name_their_own_topics_are_a_read_and_named_as_unresolved(story: Story) -> None:
    (batch,) = story.named("own_topics")

    assert [topics(batch["inputs"]), batch["outputs"]] == [["amounts", "orders"], []]
    assert "each row names its own topic" in str(batch["run"]["facets"]["riverhead_coverage"])
