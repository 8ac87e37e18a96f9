"""Micro-batches: when one is a run, what it is called, and what of it was counted."""

from __future__ import annotations

from typing import Any

import pytest

import openlineage_schemas
from riverhead_emitter.observation import Observation
from riverhead_spark.executions import KIND, VERSION
from riverhead_spark.understand import interpret

RUN = "0190a8d0-0000-7000-8000-000000000001"
APPLICATION = {"id": "local-1", "name": "app", "spark_version": "4.3.0", "namespace": "ns", "user": "ann"}
FILES = {"sink": {"table": None, "class": "FileStreamSink", "location": "file:/lake/large"}}


def test_a_batch_is_a_run_of_the_job_that_its_query_and_its_sink_name() -> None:
    start, end = _events(_batch())

    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    assert start["job"]["name"] == end["job"]["name"] == "app.large_orders.lake_large"
    assert end["job"]["facets"]["jobType"]["processingType"] == "STREAMING"


def test_a_batch_of_a_query_without_a_name_is_named_after_what_it_is() -> None:
    *_, end = _events(_batch(name=None))

    assert end["job"]["name"] == "app.micro_batch.lake_large"


def test_a_batch_reads_its_stream_s_source_and_tells_how_many_rows() -> None:
    *_, end = _events(_batch())

    assert [each["name"] for each in end["inputs"]] == ["/lake/orders"]
    assert end["inputs"][0]["inputFacets"]["inputStatistics"]["rowCount"] == 3


def test_a_batch_tells_from_where_to_where_it_read() -> None:
    *_, end = _events(_batch())

    streaming = end["run"]["facets"]["riverhead_streaming"]
    assert streaming["sources"] == [
        {"description": "FileStreamSource[file:/lake/orders]", "endOffset": '{"logOffset":0}', "inputRows": 3}
    ]
    assert streaming["batchId"] == 0
    assert streaming["watermark"] == "2026-01-01T00:00:00.000Z"
    assert streaming["seconds"] == {"addBatch": 1.5}
    assert streaming["operators"][0]["lateRows"] == 2
    assert "outputRows" not in streaming


def test_events_of_a_batch_keep_the_schemas() -> None:
    if not openlineage_schemas.are_at_hand():
        pytest.skip("the OpenLineage JSON Schemas are not beside this checkout")

    assert [openlineage_schemas.problems_of(event) for event in _events(_batch())] == [[], []]


def test_rows_that_a_function_may_have_read_twice_are_not_told() -> None:
    *_, end = _events(_batch(fields={"sink": {"table": None, "class": "ForeachBatchSink", "location": None}}))

    assert end["job"]["name"] == "app.large_orders.foreach_batch"
    assert "inputStatistics" not in end["inputs"][0]["inputFacets"]


@pytest.mark.parametrize(
    ("kind", "label"),
    [("MemorySink", "memory"), ("ConsoleTable", "console"), ("ForeachWriterTable", "foreach"), ("NoopTable", "noop")],
)
def test_a_sink_that_keeps_nothing_is_a_read(kind: str, label: str) -> None:
    *_, end = _events(_batch(fields={"table": {"table": "x", "class": kind, "location": None}}))

    assert end["outputs"] == []
    assert end["job"]["name"] == f"app.large_orders.{label}"
    assert end["inputs"][0]["inputFacets"]["riverhead_access"]["columns"] == ["id"]


def test_a_batch_that_found_nothing_new_is_no_run() -> None:
    quiet = _batch(is_quiet=True, sink_rows=0)

    assert _events(quiet) == []


def test_a_batch_that_found_nothing_new_and_puts_out_what_it_kept_is_a_run_at_its_end() -> None:
    quiet = _batch(is_quiet=True, sink_rows=2)

    started = interpret(_observation("start", quiet))
    ended = interpret(_observation("end", quiet, is_started=True))

    assert started == []
    assert [event["eventType"] for event in ended] == ["START", "COMPLETE"]


def test_a_batch_that_failed_is_told_though_it_found_nothing_new() -> None:
    quiet = {**_batch(is_quiet=True), "error": {"class": "ValueError", "message": "refused", "stack": "…"}}
    quiet.pop("progress")

    *_, end = _events(quiet)

    assert end["eventType"] == "FAIL"
    assert end["run"]["facets"]["riverhead_streaming"]["batchId"] == 0


def test_a_batch_whose_query_was_stopped_is_aborted_and_not_failed() -> None:
    batch = _batch()
    batch["stream"]["is_stopped"] = True
    batch["error"] = {"class": "java.lang.InterruptedException"}
    del batch["progress"]

    *_, end = _events(batch)

    assert end["eventType"] == "ABORT"
    assert "was stopped" in end["run"]["facets"]["errorMessage"]["message"]
    assert "riverhead_failure" not in end["run"]["facets"]


def test_a_query_that_failed_outside_of_a_batch_is_a_run_that_tells_the_query() -> None:
    failure = _batch()
    del failure["progress"], failure["stream"]["batch"], failure["stream"]["is_quiet"]
    failure["error"] = {"class": "java.lang.AssertionError", "message": "there are two sources"}

    *_, end = _events(failure)

    assert end["eventType"] == "FAIL"
    streaming = end["run"]["facets"]["riverhead_streaming"]
    assert (streaming["queryName"], "batchId" in streaming) == ("large_orders", False)


def test_a_stream_that_is_united_with_itself_again_and_again_is_walked_once() -> None:
    batch = _batch()
    write, source = batch["plan"]["nodes"]
    doubled = [{"n": "Union", "ch": [place + 1, place + 1], "o": [1], "f": {}} for place in range(1, 61)]
    batch["plan"]["nodes"] = [write, *doubled, source]

    (_, end) = _events(batch)

    assert end["inputs"][0]["inputFacets"]["inputStatistics"]["rowCount"] == 3


def _events(batch: dict[str, Any]) -> list[dict[str, Any]]:
    return interpret(_observation("end", batch))


def _observation(phase: str, batch: dict[str, Any], *, is_started: bool = False) -> Observation:
    payload = {"phase": phase, "application": APPLICATION, "executions": [batch], "is_started": is_started}
    return Observation(KIND, VERSION, RUN, payload)


def _batch(
    *,
    name: str | None = "large_orders",
    fields: dict[str, Any] = FILES,
    is_quiet: bool = False,
    sink_rows: int = -1,
) -> dict[str, Any]:
    source = {"class": "FileStreamSource", "location": "file:/lake/orders"}
    nodes = [
        {"n": "WriteToMicroBatchDataSourceV1", "ch": [1], "f": {"query": {"$": 1}, **fields}},
        {"n": "StreamingExecutionRelation", "ch": [], "o": [1], "f": {"source": source}},
    ]
    counted = {"description": "FileStreamSource[file:/lake/orders]", "from": None, "to": '{"logOffset":0}', "rows": 3}
    operator = {"name": "dedupe", "rows": 3, "updated": 3, "removed": 0, "late": 2, "bytes": 100}
    return {
        "id": 1,
        "root": 1,
        "node": "WholeStageCodegen (1)",
        "started": 1_700_000_000_000,
        "ended": 1_700_000_001_000,
        "is_command": True,
        "plan": {"nodes": nodes, "attributes": {"1": ["id", "int"]}, "cut": 0},
        "stream": {"query": "q", "run": "r", "name": name, "batch": 0, "is_quiet": is_quiet},
        "progress": {
            "batch": 0,
            "timestamp": "2026-01-01T00:00:00.000Z",
            "rows": 3,
            "durations": {"addBatch": 1500},
            "event_time": {"watermark": "2026-01-01T00:00:00.000Z"},
            "sources": [counted],
            "operators": [operator],
            "sink": {"rows": sink_rows},
        },
    }
