"""A dumped plan → the lineage of the command that it is. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from riverhead_emitter.model import Column, ColumnEdge, DatasetEdge, Lineage, Unresolved
from riverhead_spark.changes import as_query, is_change, without_kept
from riverhead_spark.columns import trace
from riverhead_spark.sinks import writes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riverhead_emitter.model import Derivation, Touched
    from riverhead_spark.columns import Traced
    from riverhead_spark.columns.traces import Traces
    from riverhead_spark.plan import Plan
    from riverhead_spark.sinks import Write


@dataclass(frozen=True, slots=True)
class Told:
    """The lineage of an action, and the part of a job's name that its dataset gives."""

    lineage: Lineage
    label: str = ""


def written_by(plan: Plan) -> Told | None:
    """Return what the plan's command writes and from what, or None where it writes nothing."""
    plan = as_query(plan)
    writes = writes_of(plan)
    if not writes:
        return None
    write = writes[0]
    if write.query is None:
        return Told(Lineage(outputs=() if write.output is None else (write.output,)), write.label)
    traced = trace(plan, write.query)
    unresolved = traced.unresolved
    if write.output is None:
        unresolved = (Unresolved(write.command, "where this command writes to is not understood yet"), *unresolved)
        return Told(Lineage(inputs=traced.inputs, unresolved=unresolved), write.label)
    lineage = Lineage(
        inputs=traced.inputs,
        outputs=(write.output,),
        columns=tuple(_column_edges(write, traced)),
        datasets=tuple(
            DatasetEdge(write.output.dataset, source, how) for source, how, _ in _ordered(traced.flow.deciding)
        ),
        unresolved=unresolved,
    )
    return Told(without_kept(lineage) if is_change(plan) else lineage, write.label)


def joined(first: Lineage, other: Lineage) -> Lineage:
    """Return the lineage of both, where `other` adds only outputs that `first` does not have, and their traffic."""
    first = replace(first, outputs=tuple(_completed(touched, other) for touched in first.outputs))
    known = {touched.dataset for touched in first.outputs}
    outputs = tuple(touched for touched in other.outputs if touched.dataset not in known)
    if not outputs:
        return first
    added = {touched.dataset for touched in outputs}
    read = {touched.dataset for touched in first.inputs}
    return Lineage(
        inputs=first.inputs + tuple(touched for touched in other.inputs if touched.dataset not in read),
        outputs=first.outputs + outputs,
        columns=first.columns + tuple(edge for edge in other.columns if edge.output.dataset in added),
        datasets=first.datasets + tuple(edge for edge in other.datasets if edge.output in added),
        # Where the first writes to, if it did not say so itself, is said now.
        unresolved=tuple(dict.fromkeys((first.unresolved if first.outputs else ()) + other.unresolved)),
    )


def _completed(output: Touched, other: Lineage) -> Touched:
    """Take over what another command of the action knows: one that only starts the writing counts nothing."""
    for touched in other.outputs:
        if touched.dataset == output.dataset:
            facets = {**touched.facets, **output.facets}
            return replace(output, facets=facets, traffic=output.traffic or touched.traffic)
    return output


def _column_edges(write: Write, traced: Traced) -> Iterator[ColumnEdge]:
    if write.output is None:
        return
    for name, id_ in write.columns:
        output = Column(write.output.dataset, name)
        for source, how, is_masking in _ordered(traced.flow.columns.get(id_, frozenset())):
            yield ColumnEdge(output, source, how, is_masking=is_masking)


def _ordered(traces: Traces) -> list[tuple[Column, Derivation, bool]]:
    """Sort traces, so that the same plan makes the same event, and leave out what was never bound."""
    sources = [(trace.source, trace.how, trace.is_masking) for trace in traces if isinstance(trace.source, Column)]
    return sorted(sources, key=lambda each: (each[0], each[1].value, each[2]))
