"""Actions of RDDs and frames that were made of them: files are known, columns are not."""

from __future__ import annotations

from typing import Any

import pytest

from riverhead_emitter.observation import Observation
from riverhead_spark.executions import KIND, VERSION
from riverhead_spark.lineage import written_by
from riverhead_spark.plan import plan_from
from riverhead_spark.rdd_names import rdd_name
from riverhead_spark.understand import interpret

RUN = "0190a8d0-0000-7000-8000-000000000001"
APPLICATION = {"id": "local-1", "name": "app", "spark_version": "4.3.0", "namespace": "ns", "user": "ann"}
LINES = {"class": "HadoopRDD", "files": {"paths": ["file:/lake/lines"]}}


def test_an_action_that_writes_is_a_run_named_after_its_rdds() -> None:
    start, end = _events({"output": "file:/lake/upper"}, {"class": "PythonRDD"}, LINES)

    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    assert end["job"]["name"] == "app.python_hadoop"
    assert end["job"]["facets"]["jobType"]["jobType"] == "RDD_JOB"
    assert [each["name"] for each in end["inputs"]] == ["/lake/lines"]
    assert [each["name"] for each in end["outputs"]] == ["/lake/upper"]
    assert "columnLineage" not in end["outputs"][0]["facets"]


def test_an_action_that_gives_its_rows_away_is_a_read_of_all_columns() -> None:
    *_, end = _events({}, {"class": "PythonRDD"}, LINES)

    assert end["outputs"] == []
    access = end["inputs"][0]["inputFacets"]["riverhead_access"]
    assert access["principal"]["name"] == "ann"
    assert "columns" not in access


@pytest.mark.parametrize(
    "site",
    ["sortByKey at /jobs/job.py:1", "zipWithIndex at /jobs/job.py:1", "treeAggregate at RDDLossFunction.scala:61"],
)
def test_a_job_that_nobody_asked_for_is_no_run(site: str) -> None:
    assert _events({}, LINES, site=site) == []


def test_what_a_driver_in_python_asked_for_is_a_run() -> None:
    assert len(_events({}, LINES, site="runJob at PythonRDD.scala:190")) == 2


def test_rows_that_the_program_has_at_hand_are_no_gap() -> None:
    *_, end = _events({"output": "file:/lake/lines"}, {"class": "ParallelCollectionRDD"})

    assert end["inputs"] == []
    assert "riverhead_coverage" not in end["run"]["facets"]


def test_what_delta_reads_to_know_a_table_is_no_run() -> None:
    log = {"class": "FileScanRDD", "files": {"paths": ["file:/lake/orders/_delta_log"]}}

    assert _events({}, {"class": "MapPartitionsRDD"}, log) == []


def test_an_rdd_of_another_kind_is_named_as_a_gap() -> None:
    *_, end = _events({"output": "file:/lake/lines"}, {"class": "JDBCRDD"})

    gaps = end["run"]["facets"]["riverhead_coverage"]["unresolved"]
    assert [gap["what"] for gap in gaps] == ["JDBCRDD"]


def test_a_frame_made_of_an_rdd_has_its_files_and_no_columns() -> None:
    nodes = [
        {"n": "InsertIntoHadoopFsRelationCommand", "ch": [1], "f": {"query": {"$": 1}, "outputPath": "file:/lake/out"}},
        {"n": "LogicalRDD", "ch": [], "o": [1], "f": {"rdd": {"$": 2}}},
        {"n": "Rdd", "ch": [3], "f": {"class": "PythonRDD"}},
        {"n": "Rdd", "ch": [], "f": LINES},
    ]

    told = written_by(plan_from({"nodes": nodes, "attributes": {"1": ["id", "int"]}, "cut": 0}))

    assert told is not None
    assert [each.dataset.name for each in told.lineage.inputs] == ["/lake/lines"]
    assert told.lineage.columns == ()
    assert [gap.what for gap in told.lineage.unresolved] == ["LogicalRDD"]


def test_names_of_rdds_are_the_official_agent_s() -> None:
    union = [
        {"n": "Rdd", "ch": [1, 2], "f": {"class": "UnionRDD"}},
        {"n": "Rdd", "ch": [3], "f": {"class": "MapPartitionsRDD"}},
        {"n": "Rdd", "ch": [], "f": {"class": "NewHadoopRDD", "name": "mails"}},
        {"n": "Rdd", "ch": [], "f": LINES},
    ]

    assert rdd_name(plan_from({"nodes": union, "attributes": {}, "cut": 0}), 0) == "union_map_partitions_hadoop_mails"


def test_the_name_of_a_loop_of_rdds_is_bounded() -> None:
    loop: list[dict[str, Any]] = [{"n": "Rdd", "ch": [at + 1], "f": {"class": f"Step{at}RDD"}} for at in range(500)]
    loop.append({"n": "Rdd", "ch": [], "f": LINES})

    assert len(rdd_name(plan_from({"nodes": loop, "attributes": {}, "cut": 0}), 0)) < 120


def _events(
    action: dict[str, Any], *rdds: dict[str, Any], site: str = "collect at /jobs/job.py:1"
) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = [{"n": "RddAction", "ch": [1], "f": {"query": {"$": 1}, **action}}]
    nodes += [{"n": "Rdd", "ch": [at + 1] if at < len(rdds) else [], "f": rdd} for at, rdd in enumerate(rdds, 1)]
    job = {
        "id": "job-1",
        "root": "job-1",
        "description": site,
        "started": 1_700_000_000_000,
        "ended": 1_700_000_001_000,
        "is_command": True,
        "plan": {"nodes": nodes, "attributes": {}, "cut": 0},
    }
    payload = {"phase": "end", "application": APPLICATION, "executions": [job], "is_started": False}
    return interpret(Observation(KIND, VERSION, RUN, payload))
