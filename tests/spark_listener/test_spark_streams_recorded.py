"""Streams, RDDs and frames that became RDDs, as each Spark records them → what they mean."""

from __future__ import annotations

from typing import Any

import pytest

from spark_plans import SPARKS, edges_of, ends_of, events_of, names_of

pytestmark = pytest.mark.parametrize("spark", SPARKS)
_LARGE = {
    "id <- orders.id IDENTITY",
    "id <- orders.amount FILTER",
    "twice <- orders.amount TRANSFORMATION",
    "twice <- orders.amount FILTER",
}


def test_a_stream_from_files_to_files_reads_the_folder_and_fills_the_folder(spark: str) -> None:
    (end,) = ends_of(spark, "stream_to_files")

    assert names_of(end["inputs"]) == ["file /lake/orders"]
    assert names_of(end["outputs"]) == ["file /lake/large"]
    assert edges_of(end) == _LARGE
    assert end["run"]["facets"]["riverhead_streaming"]["sources"][0]["endOffset"] == '{"logOffset":0}'


def test_a_stream_into_a_table_is_an_output_with_the_table_s_name(spark: str) -> None:
    *_, end = ends_of(spark, "stream_to_table")

    assert names_of(end["outputs"]) == ["file /lake/warehouse/large_orders"]
    assert end["outputs"][0]["facets"]["symlinks"]["identifiers"][0]["name"] == "default.large_orders"


def test_what_a_function_writes_of_a_batch_comes_from_the_stream_s_source(spark: str) -> None:
    (end,) = ends_of(spark, "stream_for_each_batch")

    assert names_of(end["outputs"]) == ["file /lake/ids_of_batches"]
    assert edges_of(end) == {"id <- orders.id IDENTITY", "id <- orders.amount FILTER"}


def test_a_batch_that_fails_is_one_run_that_fails(spark: str) -> None:
    start, end = events_of(spark, "stream_failing_batch")

    assert (start["eventType"], end["eventType"]) == ("START", "FAIL")
    assert "errorMessage" in end["run"]["facets"]


def test_what_is_read_of_a_memory_sink_comes_from_the_stream_s_source(spark: str) -> None:
    batch, read = ends_of(spark, "stream_to_memory")

    assert batch["outputs"] == []
    assert edges_of(read) == _LARGE


def test_a_source_that_makes_its_rows_up_is_no_input_and_no_gap(spark: str) -> None:
    *_, end = ends_of(spark, "stream_of_rate")

    assert end["inputs"] == []
    assert "riverhead_coverage" not in end["run"]["facets"]


def test_a_checkpoint_that_is_joined_with_itself_is_traced_on_both_sides(spark: str) -> None:
    *_, end = ends_of(spark, "checkpoint")

    assert {edge for edge in edges_of(end) if "JOIN" not in edge} == {
        "id <- orders.id IDENTITY",
        "twice <- orders.amount TRANSFORMATION",
        "again <- orders.amount TRANSFORMATION",
    }


def test_lines_that_were_read_and_saved_are_a_run_with_both_folders(spark: str) -> None:
    made, copied = ends_of(spark, "rdd_saved")

    assert (made["inputs"], names_of(made["outputs"])) == ([], ["file /lake/lines"])
    assert names_of(copied["inputs"]) == ["file /lake/lines"]
    assert names_of(copied["outputs"]) == ["file /lake/upper"]


def test_rows_of_the_program_are_no_run_when_they_are_collected(spark: str) -> None:
    ends: list[dict[str, Any]] = ends_of(spark, "rdd_collected")

    assert [names_of(end["inputs"]) for end in ends] == [["file /lake/orders"]]


def test_a_frame_of_an_rdd_has_its_files_as_input_and_no_edges(spark: str) -> None:
    (end,) = ends_of(spark, "rdd_as_frame")

    assert names_of(end["inputs"]) == ["file /lake/orders"]
    assert edges_of(end) == set()
    gaps = end["run"]["facets"]["riverhead_coverage"]["unresolved"]
    assert [gap["what"] for gap in gaps] == ["LogicalRDD"]
