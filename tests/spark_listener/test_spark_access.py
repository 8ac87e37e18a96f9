"""Reads that leave Spark: runs with inputs, columns and a principal, and no output."""

from __future__ import annotations

from dataclasses import replace

import pytest

from riverhead_spark.understand import interpret
from spark_plans import SPARKS, events_of, names_of, recorded


@pytest.mark.parametrize("spark", SPARKS)
def test_a_collect_is_a_run_that_reads_and_writes_nothing(spark: str) -> None:
    start, complete = events_of(spark, "collect")

    assert [start["eventType"], complete["eventType"]] == ["START", "COMPLETE"]
    assert names_of(complete["inputs"]) == ["file /lake/orders"]
    assert complete["outputs"] == start["outputs"] == []
    assert start["job"] == complete["job"]


@pytest.mark.parametrize("spark", SPARKS)
def test_who_collects_is_told_with_the_columns_that_reach_them_or_decide(spark: str) -> None:
    (observation,) = recorded(spark, "collect")[-1:]
    application = {**observation.payload["application"], "user": "ada"}

    (complete,) = interpret(replace(observation, payload={**observation.payload, "application": application}))

    access = complete["inputs"][0]["inputFacets"]["riverhead_access"]
    assert access["principal"] == {"name": "ada", "kind": "USER"}
    assert access["operation"] == "READ"
    assert access["columns"] == ["amount", "id"]


@pytest.mark.parametrize("spark", SPARKS)
def test_who_collects_rows_that_the_query_itself_makes_reads_nothing(spark: str) -> None:
    assert events_of(spark, "collect_of_nothing") == []


@pytest.mark.parametrize("spark", SPARKS)
def test_a_job_that_reads_is_named_after_what_it_reads_and_never_as_what_wrote_there(spark: str) -> None:
    assert events_of(spark, "collect")[-1]["job"]["name"].endswith(".read_lake_orders")
