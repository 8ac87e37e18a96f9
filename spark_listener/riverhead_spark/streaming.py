"""Micro-batches of streaming queries: what Spark counted of one → facets of its run, traffic of its sources. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from riverhead_emitter.facets.own.streaming import Batch, Operator, Source, streaming
from riverhead_emitter.facets.traffic import input_statistics
from riverhead_spark.counts import count_of
from riverhead_spark.plan import Plan
from riverhead_spark.sinks import writes_of
from riverhead_spark.sinks.streams import FOREACH_BATCH
from riverhead_spark.sources import reads_of
from riverhead_spark.sources.kafka import with_topics
from riverhead_spark.sources.reading import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from riverhead_emitter.facets.facet import Facet
    from riverhead_emitter.model import Dataset, Lineage
    from riverhead_spark.plan import Node

_MILLISECONDS = 1000


def stream_node(root: Mapping[str, Any]) -> str:
    """Return the part of a job's name that the query gives: its own name, or what it is."""
    name = root["stream"].get("name")
    # The plan of one batch may differ from the next one's, the job's name must not.
    return str(name) if name else "micro_batch"


def stream_facets(root: Mapping[str, Any]) -> dict[str, Facet]:
    """Return the run facet of a batch, with what it counted where that is known; none for another execution."""
    stream = root.get("stream")
    if not isinstance(stream, dict):
        return {}
    progress = root.get("progress") or {}
    durations = progress.get("durations") or {}
    event_time = progress.get("event_time") or {}
    batch = Batch(
        query_id=stream["query"],
        query_run_id=stream["run"],
        query_name=stream.get("name"),
        batch_id=stream.get("batch"),
        trigger_time=progress.get("timestamp"),
        watermark=event_time.get("watermark"),
        input_rows=progress.get("rows"),
        output_rows=count_of((progress.get("sink") or {}).get("rows")),
    )
    return {
        "riverhead_streaming": streaming(
            batch,
            seconds={str(step): spent / _MILLISECONDS for step, spent in durations.items()},
            sources=[_source(source) for source in progress.get("sources") or ()],
            operators=[_operator(operator) for operator in progress.get("operators") or ()],
        )
    }


def is_quiet(root: Mapping[str, Any]) -> bool:
    """Return whether an execution is a batch that found nothing new in any source."""
    return bool((root.get("stream") or {}).get("is_quiet"))


def is_stopped(root: Mapping[str, Any]) -> bool:
    """Return whether an execution is a batch that did not end because its query was told to stop."""
    return "error" in root and bool((root.get("stream") or {}).get("is_stopped"))


def is_without_news(phase: str, executions: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether a batch is no run of anybody's: with nothing new it only moved a watermark on.

    What it puts out nevertheless, of what its operators keep, is known at its end at the earliest.
    """
    root, *nested = executions
    if not is_quiet(root) or "error" in root:
        return False
    sink = (root.get("progress") or {}).get("sink") or {}
    written = (sink.get("rows"), *((each.get("written") or {}).get("numOutputRows") for each in nested))
    return phase == "start" or not any(count_of(rows) for rows in written)


def with_topics_read(plan: Plan, root: Mapping[str, Any]) -> Plan:
    """Return a batch's plan with the topics that it read in the place of patterns, as far as its offsets name them."""
    found = [(leaf, with_topics(leaf, source.get("to"))) for leaf, source in _counted_leaves(plan, root)]
    read = [(leaf, named) for leaf, named in found if named is not leaf]
    if not read:
        return plan
    nodes = (next((named for leaf, named in read if leaf == node), node) for node in plan.nodes)
    return Plan(tuple(nodes), plan.attributes, plan.cut)


def with_progress(lineage: Lineage, plan: Plan, root: Mapping[str, Any]) -> Lineage:
    """Return a batch's lineage with the rows that were read of each source."""
    if any(write.label == FOREACH_BATCH for write in writes_of(plan)):
        return lineage
    read: dict[Dataset, int] = {}
    for leaf, source in _counted_leaves(plan, root):
        datasets = reads_of(leaf, ()).datasets
        if len(datasets) == 1 and count_of(source.get("rows")) is not None:
            read[datasets[0].dataset] = read.get(datasets[0].dataset, 0) + source["rows"]
    inputs = tuple(
        replace(
            touched, traffic={**touched.traffic, "inputStatistics": input_statistics(read[touched.dataset], None, None)}
        )
        if touched.dataset in read
        else touched
        for touched in lineage.inputs
    )
    return replace(lineage, inputs=inputs)


def _counted_leaves(plan: Plan, root: Mapping[str, Any]) -> list[tuple[Node, Mapping[str, Any]]]:
    """Return the leaves that are sources, each with what Spark counted of it; none where the two do not match."""
    sources = (root.get("progress") or {}).get("sources") or []
    leaves = list(_streaming_leaves(plan)) if sources else []
    return list(zip(leaves, sources, strict=True)) if len(leaves) == len(sources) else []


def _streaming_leaves(plan: Plan) -> Iterator[Node]:
    """Yield the leaves that are sources, each once, from left to right: the order in which Spark counts."""
    seen: list[Node] = []
    done: set[int] = set()
    waiting = [0]
    while waiting:
        place = waiting.pop()
        # What is united with itself again and again has more ways down than anybody could walk.
        if place in done:
            continue
        done.add(place)
        node = plan.node(place)
        waiting.extend(reversed(node.children))
        # One source that is read twice has the same facts in both places.
        if node.name in SOURCES and node not in seen:
            seen.append(node)
            yield node


def _source(source: Mapping[str, Any]) -> Source:
    return Source(
        description=source.get("description"),
        start_offset=source.get("from"),
        end_offset=source.get("to"),
        latest_offset=source.get("latest"),
        input_rows=count_of(source.get("rows")),
    )


def _operator(operator: Mapping[str, Any]) -> Operator:
    return Operator(
        name=operator.get("name"),
        rows=operator.get("rows"),
        updated_rows=operator.get("updated"),
        removed_rows=operator.get("removed"),
        late_rows=operator.get("late"),
        memory_bytes=operator.get("bytes"),
    )
