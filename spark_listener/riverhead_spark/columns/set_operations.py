"""What matches columns by their position: set operations, common tables, loops, and plans that stand for a leaf."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.model import Derivation
from riverhead_spark.columns.traces import NO_TRACES, Flow, Outer, Trace, as_deciding, bound, decided, together

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riverhead_spark.columns.traces import Traces
    from riverhead_spark.plan import Node, Plan

_UNIONS = frozenset({"SequentialStreamingUnion", "Union"})
_COMPARING = frozenset({"Except", "Intersect"})
BY_POSITION = _UNIONS | _COMPARING | {"CTERelationRef", "UnionLoop", "UnionLoopRef", "WithCTE"}


def by_position(node: Node, place: int, plan: Plan, flows: Mapping[int, Flow]) -> Flow:
    """Return the flow of an operator whose columns are its children's, or a definition's, by position."""
    if node.name == "WithCTE":
        return flows.get(_inner(node, place), Flow({}))
    if node.name == "CTERelationRef":
        definition = plan.definition(node)
        return Flow({}) if definition is None else standing_for(definition, place, plan, flows)
    if node.name == "UnionLoopRef":
        # What the loop's last round put out is known where the loop ends.
        return Flow({id_: (Trace(Outer(id_), Derivation.IDENTITY),) for id_ in plan.output(place)})
    united = _united(node, place, plan, flows)
    if node.name == "UnionLoop":
        return _looped(node, place, plan, united)
    return united


def standing_for(query: int, place: int, plan: Plan, flows: Mapping[int, Flow]) -> Flow:
    """Return the flow of a node that stands for the query at another place."""
    flow = flows.get(query)
    if flow is None:
        return Flow({})
    ids = plan.output(query)
    return Flow({id_: _at(flow, ids, at) for at, id_ in enumerate(plan.output(place))}, NO_TRACES, (flow,))


def _united(node: Node, place: int, plan: Plan, flows: Mapping[int, Flow]) -> Flow:
    """What is only compared with decides about rows, and fills none."""
    sides = [(flows.get(child, Flow({})), plan.output(child)) for child in node.children]
    filling = sides[:1] if node.name in _COMPARING else sides
    columns = {
        id_: together(_at(flow, output, at) for flow, output in filling) for at, id_ in enumerate(plan.output(place))
    }
    compared: Traces = NO_TRACES
    if node.name in _COMPARING:
        compared = together(_at(flow, output, at) for flow, output in sides for at in range(len(columns)))
    return Flow(columns, as_deciding(compared, Derivation.FILTER), tuple(flow for flow, _ in sides))


def _looped(node: Node, place: int, plan: Plan, united: Flow) -> Flow:
    """A recursive query reads what its last round put out; that is followed until nothing is new."""
    output = plan.output(place)
    references = [
        plan.output(at)
        for at, each in enumerate(plan.nodes)
        if each.name == "UnionLoopRef" and each.number("loopId") == node.number("id")
    ]
    rounds: dict[int, Traces] = {own: NO_TRACES for ids in references for own in ids}
    # Each round can hand a source on by one column, and change its kind once or twice.
    for _ in range(len(output) + len(Derivation)):
        columns = [bound(united.columns[id_], rounds) for id_ in output]
        after = {own: columns[at] for ids in references for at, own in enumerate(ids[: len(columns)])}
        if {own: set(traces) for own, traces in after.items()} == {own: set(each) for own, each in rounds.items()}:
            break
        rounds = after
    return Flow(
        {id_: bound(united.columns[id_], rounds) for id_ in output},
        bound(decided(united), rounds),
    )


def _at(flow: Flow, output: Sequence[int], position: int) -> Traces:
    return flow.columns.get(output[position], NO_TRACES) if position < len(output) else NO_TRACES


def _inner(node: Node, place: int) -> int:
    linked = node.link("plan")
    return next(iter(node.children), place) if linked is None else linked
