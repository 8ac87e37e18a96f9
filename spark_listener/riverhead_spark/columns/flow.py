"""One walk over a plan, from its leaves up, each node once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from riverhead_emitter.model import Column, Derivation, Touched, Unresolved
from riverhead_spark.columns.operators import flow_through
from riverhead_spark.columns.set_operations import BY_POSITION, standing_for
from riverhead_spark.columns.traces import NO_TRACES, Flow, Trace, together
from riverhead_spark.plan import BOUNDED, CUT_OFF
from riverhead_spark.sources import reads_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riverhead_emitter.model import ColumnEdge, DatasetEdge
    from riverhead_spark.columns.traces import Traces
    from riverhead_spark.plan import Plan
    from riverhead_spark.sources import Reading

# What Spark knows of the file that a row is from; no column that the file has.
_OF_THE_FILE = "_metadata"


@dataclass(frozen=True, slots=True)
class Traced:
    """What a plan puts out, what it reads, and what of it is not understood."""

    flow: Flow
    inputs: tuple[Touched, ...]
    unresolved: tuple[Unresolved, ...]


# The end of an action has the plan of its start.
@lru_cache(maxsize=2)
def trace(plan: Plan, query: int) -> Traced:
    """Return where the columns of the query at this place come from."""
    flows: dict[int, Flow] = {}
    inputs: dict[object, Touched] = {}
    # A dict, because a plan repeats an operator often and one sentence about it is enough; and it keeps their order.
    unresolved: dict[Unresolved, None] = {Unresolved(CUT_OFF, BOUNDED): None} if plan.cut else {}

    for place in plan.upwards(query):
        node = plan.node(place)
        origin = node.link("origin")
        if origin is not None:
            flows[place] = standing_for(origin, place, plan, flows)
        elif node.children or node.name in BY_POSITION:
            flows[place] = flow_through(place, plan, flows, unresolved)
        else:
            reading = reads_of(node, plan.described(place))
            unresolved.update(dict.fromkeys(reading.unresolved))
            inputs.update((touched.dataset, touched) for touched in reading.datasets)
            flows[place] = _leaf(plan, place, reading)
    return Traced(flows[query], tuple(inputs.values()), tuple(unresolved))


def _leaf(plan: Plan, place: int, reading: Reading) -> Flow:
    columns = dict.fromkeys(plan.output(place), NO_TRACES)
    if reading.query is None:
        for attribute in plan.described(place):
            if attribute.name != _OF_THE_FILE:
                columns[attribute.id] = tuple(
                    Trace(Column(touched.dataset, attribute.name), Derivation.IDENTITY) for touched in reading.datasets
                )
        return Flow(columns)
    by_name: dict[str, list[ColumnEdge]] = {}
    # How a database spells the names of its columns is not always how Spark does.
    for edge in reading.query.columns:
        by_name.setdefault(edge.output.name.casefold(), []).append(edge)
    for attribute in plan.described(place):
        columns[attribute.id] = _as_traced(by_name.get(attribute.name.casefold(), ()))
    return Flow(columns, _as_traced(reading.query.datasets))


def _as_traced(edges: Iterable[ColumnEdge | DatasetEdge]) -> Traces:
    """Return what a source's own query says of its columns as traces."""
    return together(
        (Trace(edge.source, edge.how, getattr(edge, "is_masking", False), edge.expression),) for edge in edges
    )
