"""A job on Delta and Iceberg on a real Spark that knows them by `spark.jars` alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from spark_plans import edges_of, names_of
from spark_story import Story, played

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.journey, pytest.mark.matrix]

SPARKS = [pytest.param("4_0", id="4.0"), pytest.param("3_5", id="3.5")]
CONF = {
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.sql.extensions": (
        "io.delta.sql.DeltaSparkSessionExtension,org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"
    ),
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.catalog.ice": "org.apache.iceberg.spark.SparkCatalog",
    "spark.sql.catalog.ice.type": "hadoop",
    "spark.sql.catalog.ice.warehouse": "{folder}/ice",
}
DELTA, ICEBERG = "warehouse/ledger", "ice/shop/ledger"


@pytest.fixture(scope="module", params=SPARKS)
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Run the job once for all tests of this module."""
    told = played(request.param, "lakes.py", tmp_path_factory.mktemp("lakes"), conf=CONF, jars=("delta", "iceberg"))
    assert told.code == 0, told.errors
    assert "lineage:" not in told.errors
    return told


def test_every_event_keeps_the_schemas(story: Story, read_events: Callable[[Path], list[dict[str, Any]]]) -> None:
    assert read_events(story.folder / "events.ndjson") == story.events


def test_every_run_starts_once_and_ends_once(story: Story) -> None:
    assert {tuple(states) for states in story.states().values()} == {("START", "COMPLETE")}


@pytest.mark.parametrize("lake", [DELTA, ICEBERG])
def test_a_merge_is_one_run_with_the_columns_of_its_source(story: Story, lake: str) -> None:
    merge = story.filling(lake)[1]

    assert names_of(merge["inputs"]) == [f"file {story.folder}/orders"]
    uses = ("orders.id JOIN", "orders.id FILTER")
    assert edges_of(merge) == {
        "id <- orders.id IDENTITY",
        "amount <- orders.amount TRANSFORMATION",
        *(f"{column} <- {use}" for column in ("id", "amount") for use in uses),
    }


@pytest.mark.parametrize(
    ("lake", "read", "made"),
    [
        (DELTA, "first", 0),
        (DELTA, "first_by_sql", 0),
        (ICEBERG, "ice_first", 0),
        (ICEBERG, "ice_first_by_name", 0),
        (ICEBERG, "latest", 1),
    ],
)
def test_the_version_that_was_read_is_one_that_was_made(story: Story, lake: str, read: str, made: int) -> None:
    versions = [_version(event["outputs"][0]) for event in story.filling(lake)]
    (reading,) = story.filling(f"/{read}")

    assert _version(reading["inputs"][0]) == versions[made]
    assert len(set(versions[:2])) == 2


def test_the_largest_number_of_a_snapshot_is_one(story: Story) -> None:
    (reading,) = story.filling("/ice_largest")

    assert _version(reading["inputs"][0]) == str(2**63 - 1)


@pytest.mark.parametrize("lake", [DELTA, ICEBERG])
def test_a_new_table_tells_its_rows(story: Story, lake: str) -> None:
    assert story.filling(lake)[0]["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == 2


def test_restoring_and_optimizing_change_the_table_and_read_nothing_else(story: Story) -> None:
    restored, optimized = story.filling(DELTA)[2:4]

    assert [story.inputs(event) for event in (restored, optimized)] == [[], []]
    assert int(_version(restored["outputs"][0])) == 2


@pytest.mark.parametrize(
    ("stream", "source", "sink"),
    [
        ("delta_stream", "warehouse/entries", "warehouse/doubled"),
        ("iceberg_stream", "ice/shop/entries", "ice/shop/doubled"),
    ],
)
def test_a_stream_from_table_to_table_is_a_run_for_each_batch(
    story: Story, stream: str, source: str, sink: str
) -> None:
    batches = story.named(stream)

    assert [story.inputs(batch) for batch in batches] == [[source]] * 2
    assert [names_of(batch["outputs"]) for batch in batches] == [[f"file {story.folder}/{sink}"]] * 2
    assert [edges_of(batch) for batch in batches] == [
        {"id <- entries.id IDENTITY", "twice <- entries.amount TRANSFORMATION"}
    ] * 2
    rows = [batch["inputs"][0]["inputFacets"]["inputStatistics"]["rowCount"] for batch in batches]
    assert rows == [2, 1]


def test_a_stream_of_delta_by_path_is_the_same_dataset_as_by_name(story: Story) -> None:
    (batch,) = story.named("into_path")

    assert story.inputs(batch) == ["warehouse/entries"]
    assert names_of(batch["outputs"]) == [f"file {story.folder}/by_path"]


def test_a_merge_inside_a_batch_has_the_columns_of_the_stream_s_source(story: Story) -> None:
    (batch,) = story.named("upserts")

    assert story.inputs(batch) == ["warehouse/entries"]
    assert names_of(batch["outputs"]) == [f"file {story.folder}/{DELTA}"]
    assert {"id <- entries.id IDENTITY", "amount <- entries.amount TRANSFORMATION"} < edges_of(batch)


def test_what_a_lake_reads_to_know_its_own_tables_is_no_run_of_anybody_s(story: Story) -> None:
    read = {name for event in story.ends for name in story.inputs(event)}

    assert [name for name in read if "_log" in name or "metadata" in name] == []


def _version(dataset: dict[str, Any]) -> str:
    version: str = dataset["facets"]["version"]["datasetVersion"]
    return version
