"""What an action used, and what stopped it, as facets."""

from __future__ import annotations

from typing import Any

import pytest

from riverhead_spark.usage import failure_facets, resource_facets
from spark_plans import SPARKS, events_of

# Spark 3.5 tells a failed job's innermost error only within the text of the outermost.
CONDITIONS = {"3.5": "TASK_WRITE_FAILED", "4.0": "USER_RAISED_EXCEPTION", "4.3": "USER_RAISED_EXCEPTION"}
FIGURES = {
    "run_ms": 1500,
    "cpu_ns": 700_000_000,
    "gc_ms": 20,
    "memory_spilled": 0,
    "disk_spilled": 0,
    "read_bytes": 5,
    "read_rows": 1,
    "written_bytes": 6,
    "written_rows": 1,
    "shuffle_read": 7,
    "shuffle_written": 8,
    "tasks": 3,
    "peak_memory": 9,
}


def _used(stages: int) -> dict[str, Any]:
    by_stage = [{"id": at, "attempt": 0, **FIGURES} for at in range(stages)]
    return {"started": 1000, "ended": 3000, "used": {"stages": stages, **FIGURES, "by_stage": by_stage}}


def test_resources_are_told_in_seconds_and_bytes() -> None:
    facet = resource_facets(_used(1))["riverhead_resources"]

    assert (facet["durationSeconds"], facet["workerSeconds"], facet["cpuSeconds"]) == (2.0, 1.5, 0.7)
    assert (facet["collectingSeconds"], facet["peakMemoryBytes"], facet["tasks"]) == (0.02, 9, 3)
    assert (facet["shuffleReadBytes"], facet["shuffleWrittenBytes"]) == (7, 8)


def test_stages_are_told_one_by_one_where_there_are_several() -> None:
    assert "stages" not in resource_facets(_used(1))["riverhead_resources"]

    facet = resource_facets(_used(2))["riverhead_resources"]
    assert facet["stageCount"] == 2
    assert [stage["id"] for stage in facet["stages"]] == [0, 1]


def test_an_action_without_a_stage_used_nothing_that_is_known() -> None:
    assert resource_facets({"started": 1, "ended": 2}) == {}


@pytest.mark.parametrize("spark", SPARKS)
def test_a_failure_keeps_sparks_own_words_and_counts_nothing_as_written(spark: str) -> None:
    fail = events_of(spark, "failing_write")[-1]

    assert fail["eventType"] == "FAIL"
    assert CONDITIONS[spark] in fail["run"]["facets"]["errorMessage"]["message"]
    assert fail["run"]["facets"]["riverhead_failure"]["condition"] == CONDITIONS[spark]
    assert "outputFacets" not in fail["outputs"][0]


def test_generated_code_is_no_operator_where_others_are_known() -> None:
    error = {"class": "E", "message": "m"}
    operators = ["BatchEvalPython", "WholeStageCodegen (1)"]

    told = failure_facets({"error": error, "used": {"failed_stage": 4, "failed_operators": operators}})
    alone = failure_facets({"error": error, "used": {"failed_stage": 4, "failed_operators": operators[1:]}})

    assert told["riverhead_failure"]["operators"] == ["BatchEvalPython"]
    assert alone["riverhead_failure"]["operators"] == ["WholeStageCodegen (1)"]
