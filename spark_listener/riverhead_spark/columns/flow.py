"""One walk over a plan, from its leaves up, each node once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from riverhead_emitter.model import Column, Derivation, Touched, Unresolved
from riverhead_spark.columns.operators import flow_through
from riverhead_spark.columns.traces import NO_TRACES, Flow, Trace
from riverhead_spark.plan import BOUNDED, CUT_OFF
from riverhead_spark.sources import WITHOUT_DATA, reads_of

if TYPE_CHECKING:
    from riverhead_spark.plan import Plan


@dataclass(frozen=True, slots=True)
class Traced:
    """What a plan puts out, what it reads, and what of it is not understood."""

    flow: Flow
    inputs: tuple[Touched, ...]
    unresolved: tuple[Unresolved, ...]


def trace(plan: Plan, query: int) -> Traced:
    """Return where the columns of the query at this place come from."""
    flows: dict[int, Flow] = {}
    inputs: dict[object, Touched] = {}
    # A dict, because a plan repeats an operator often and one sentence about it is enough; and it keeps their order.
    unresolved: dict[Unresolved, None] = {Unresolved(CUT_OFF, BOUNDED): None} if plan.cut else {}

    for place in plan.upwards(query):
        node = plan.node(place)
        if node.children or node.name == "CTERelationRef":
            flows[place] = flow_through(place, plan, flows, unresolved)
            continue
        reads = reads_of(node, plan.described(place)).datasets
        if not reads and node.name not in WITHOUT_DATA and node.name != CUT_OFF:
            unresolved[Unresolved(node.name, "this source is not understood yet; its columns end here")] = None
        inputs.update((touched.dataset, touched) for touched in reads)
        flows[place] = _leaf(plan, place, reads)
    return Traced(flows[query], tuple(inputs.values()), tuple(unresolved))


def _leaf(plan: Plan, place: int, reads: tuple[Touched, ...]) -> Flow:
    columns = dict.fromkeys(plan.output(place), NO_TRACES)
    for attribute in plan.described(place):
        columns[attribute.id] = frozenset(
            Trace(Column(touched.dataset, attribute.name), Derivation.IDENTITY) for touched in reads
        )
    return Flow(columns)
