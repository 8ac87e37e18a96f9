"""A dumped plan → the lineage of the command that it is. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from riverhead_emitter.model import Lineage, Unresolved
from riverhead_spark.changes import as_query, is_change, without_kept
from riverhead_spark.columns import edges_of, trace
from riverhead_spark.sinks import writes_of

if TYPE_CHECKING:
    from riverhead_emitter.model import Touched
    from riverhead_spark.plan import Plan


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
    edges = edges_of(write.output.dataset, write.columns, traced.flow)
    lineage = Lineage(
        inputs=traced.inputs,
        outputs=(write.output,),
        columns=edges.columns,
        datasets=edges.datasets,
        unresolved=(*unresolved, *edges.unresolved),
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
