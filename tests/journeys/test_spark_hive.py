"""Statements of Hive on a real Spark with its embedded metastore."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from spark_plans import edges_of
from spark_story import Story, played

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.journey, pytest.mark.matrix]

SPARKS = [pytest.param("4_0", id="4.0"), pytest.param("3_5", id="3.5")]
CONF = {"spark.hadoop.hive.exec.dynamic.partition.mode": "nonstrict"}


@pytest.fixture(scope="module", params=SPARKS)
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Run the job once for all tests of this module."""
    told = played(request.param, "hive_statements.py", tmp_path_factory.mktemp("hive"), conf=CONF)
    assert told.code == 0, told.errors
    assert "lineage:" not in told.errors
    return told


def test_every_event_keeps_the_schemas(story: Story, read_events: Callable[[Path], list[dict[str, object]]]) -> None:
    assert read_events(story.folder / "events.ndjson") == story.events


def test_every_run_starts_once_and_ends_once(story: Story) -> None:
    assert {tuple(states) for states in story.states().values()} == {("START", "COMPLETE")}


def test_each_insert_of_one_statement_has_its_own_columns(story: Story) -> None:
    # They are one query, and on Spark 3.5 one query each.
    inserted = [event for event in story.ends if story.inputs(event) == ["orders"]]
    outputs = {output["name"].rpartition("/")[2]: output for event in inserted for output in event["outputs"]}
    found = {name: edges_of({"outputs": [output]}) for name, output in outputs.items()}
    rows = {name: output["outputFacets"]["outputStatistics"]["rowCount"] for name, output in outputs.items()}

    assert [rows["few"], rows["many"]] == [1, 2]
    assert found["few"] == {"id <- orders.id IDENTITY", "id <- orders.amount FILTER"}
    assert found["many"] == {"id <- orders.id IDENTITY", "amount <- orders.amount IDENTITY"}


def test_partitions_that_rows_name_are_a_column_with_a_source_of_its_own(story: Story) -> None:
    *_, event = [event for event in story.filling("/by_status") if event["inputs"]]

    assert story.inputs(event) == ["orders"]
    assert edges_of(event) == {"id <- orders.id IDENTITY", "status <- orders.status IDENTITY"}


def test_a_table_made_of_a_query_has_its_columns(story: Story) -> None:
    (event,) = [event for event in story.filling("/made") if event["inputs"]]

    assert story.inputs(event) == ["warehouse/many"]
    assert edges_of(event) == {"id <- many.id IDENTITY", "twice <- many.amount TRANSFORMATION"}


def test_who_reads_a_view_reads_what_it_is_made_from(story: Story) -> None:
    (inserted,) = [event for event in story.filling("/few") if story.inputs(event) == ["warehouse/made"]]
    (local,) = story.filling("/local_out")

    assert edges_of(inserted) == {"id <- made.id IDENTITY", "id <- made.twice FILTER"}
    assert story.inputs(local) == ["warehouse/made"]
    assert edges_of(local) == {"twice <- made.twice IDENTITY", "twice <- made.twice FILTER"}


def test_a_view_has_its_columns_when_it_is_made(story: Story) -> None:
    made, dropped = story.filling("big")

    assert story.inputs(made) == ["warehouse/made"]
    assert {"id <- made.id IDENTITY", "twice <- made.twice IDENTITY"} < edges_of(made)
    assert dropped["outputs"][0]["facets"]["lifecycleStateChange"]["lifecycleStateChange"] == "DROP"


def test_a_directory_is_filled_from_a_table_of_partitions(story: Story) -> None:
    (event,) = story.filling("/out")

    assert story.inputs(event) == ["warehouse/by_status"]
    assert edges_of(event) == {"id <- by_status.id IDENTITY"}


def test_a_partition_that_is_asked_for_is_a_filter_on_its_column(story: Story) -> None:
    (event,) = story.filling("/new")

    assert story.inputs(event) == ["warehouse/by_status"]
    assert edges_of(event) == {"id <- by_status.id IDENTITY", "id <- by_status.status FILTER"}
