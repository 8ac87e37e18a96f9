"""A dumped plan → the lineage of the command that it is. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from riverhead_emitter.model import Lineage, Unresolved
from riverhead_spark.changes import as_query, is_change, without_kept
from riverhead_spark.columns import edges_of, trace
from riverhead_spark.sinks import writes_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riverhead_emitter.model import Touched
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
    lineage = _together([_lineage(write, plan) for write in writes])
    return Told(without_kept(lineage) if is_change(plan) else lineage, writes[0].label)


def _lineage(write: Write, plan: Plan) -> Lineage:
    outputs = () if write.output is None else (write.output,)
    missing = (Unresolved(write.command, write.why),) if write.why else ()
    if write.query is None:
        return Lineage(inputs=write.reads, outputs=outputs, unresolved=missing)
    traced = trace(plan, write.query)
    edges = [edges_of(output.dataset, write.columns, traced.flow) for output in outputs]
    return Lineage(
        inputs=traced.inputs,
        outputs=outputs,
        columns=tuple(edge for each in edges for edge in each.columns),
        datasets=tuple(edge for each in edges for edge in each.datasets),
        unresolved=(*missing, *traced.unresolved, *(name for each in edges for name in each.unresolved)),
    )


def _together(lineages: Sequence[Lineage]) -> Lineage:
    """Return the lineage of all inserts of one statement."""
    if len(lineages) == 1:
        return lineages[0]
    inputs = {touched.dataset: touched for lineage in lineages for touched in lineage.inputs}
    outputs = {touched.dataset: touched for lineage in lineages for touched in lineage.outputs}
    return Lineage(
        tuple(inputs.values()),
        tuple(outputs.values()),
        tuple(dict.fromkeys(edge for lineage in lineages for edge in lineage.columns)),
        tuple(dict.fromkeys(edge for lineage in lineages for edge in lineage.datasets)),
        tuple(dict.fromkeys(name for lineage in lineages for name in lineage.unresolved)),
    )


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
            # What the inner command does to the files is not what the whole one does to the table.
            known = {name: facet for name, facet in touched.facets.items() if name != "lifecycleStateChange"}
            facets = {**known, **output.facets}
            return replace(output, facets=facets, traffic=output.traffic or touched.traffic)
    return output
