"""What scans and writes counted, as the traffic of datasets."""

from __future__ import annotations

from typing import Any

import pytest

from riverhead_emitter.model import Dataset, Lineage, Touched
from riverhead_spark.counts import with_traffic
from spark_plans import SPARKS, events_of

A, B = Dataset("file", "/lake/a"), Dataset("file", "/lake/b")


def _scan(*paths: str, **figures: int) -> dict[str, Any]:
    return {"n": "FileSourceScanExec", "f": {"relation": {"format": "Parquet", "paths": list(paths)}}, **figures}


def _inputs(lineage: Lineage) -> list[dict[str, Any]]:
    keys = ("rowCount", "size", "fileCount")
    facets = [touched.traffic.get("inputStatistics", {}) for touched in lineage.inputs]
    return [{key: facet[key] for key in keys if key in facet} for facet in facets]


@pytest.mark.parametrize("spark", SPARKS)
def test_a_read_tells_how_many_rows_it_took(spark: str) -> None:
    (orders,) = events_of(spark, "collect")[-1]["inputs"]

    assert orders["inputFacets"]["inputStatistics"]["rowCount"] == 3


@pytest.mark.parametrize("spark", SPARKS)
def test_what_comes_from_the_cache_was_read_once(spark: str) -> None:
    count, write = (event for event in events_of(spark, "cached") if event["eventType"] == "COMPLETE")

    assert count["inputs"][0]["inputFacets"]["inputStatistics"]["rowCount"] == 3
    assert "inputStatistics" not in write["inputs"][0].get("inputFacets", {})
    assert write["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == 2


def test_a_dataset_that_is_read_twice_counts_both_times() -> None:
    scans = [_scan("file:/lake/a", numOutputRows=2, filesSize=10), _scan("file:/lake/a", numOutputRows=3, numFiles=1)]

    told = with_traffic(Lineage(inputs=(Touched(A), Touched(B))), {"scans": scans})

    assert _inputs(told) == [{"rowCount": 5, "size": 10, "fileCount": 1}, {}]


def test_what_was_counted_of_two_datasets_at_once_is_told_of_neither() -> None:
    told = with_traffic(
        Lineage(inputs=(Touched(A), Touched(B))), {"scans": [_scan("file:/lake/a", "file:/lake/b", numOutputRows=2)]}
    )

    assert _inputs(told) == [{}, {}]


def test_what_tasks_wrote_is_told_where_no_command_counted_it() -> None:
    told = with_traffic(Lineage(outputs=(Touched(A),)), {"used": {"written_rows": 6, "written_bytes": 0}})

    assert told.outputs[0].traffic["outputStatistics"]["rowCount"] == 6
    assert "size" not in told.outputs[0].traffic["outputStatistics"]


@pytest.mark.parametrize("scans", [None, {}, [_scan("file:/lake/a", numOutputRows=-1)]])
def test_figures_of_scans_that_are_none_are_left_out(scans: object) -> None:
    assert _inputs(with_traffic(Lineage(inputs=(Touched(A),)), {"scans": scans})) == [{}]
