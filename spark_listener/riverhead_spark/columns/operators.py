"""Operators → the flow they put out, given their children's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.model import Derivation, Unresolved
from riverhead_spark.columns.expressions import Scope, deciding, traces_of
from riverhead_spark.columns.traces import NO_TRACES, Flow, Traces, as_deciding, together
from riverhead_spark.plan import Call

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riverhead_spark.plan import Expression, Node, Plan

# Operators that put out their child's rows or some of them, each as it is.
_PASSING = frozenset(
    {
        "CTERelationDef",
        "CollectMetrics",
        "Deduplicate",
        "Distinct",
        "GlobalLimit",
        "LimitAll",
        "LocalLimit",
        "Offset",
        "RebalancePartitions",
        "Repartition",
        "RepartitionByExpression",
        "ResolvedHint",
        "Sample",
        "SubqueryAlias",
        "Tail",
        "View",
    }
)
# Operators with a field whose columns decide about every row.
_DECIDING = {
    "Filter": ("condition", Derivation.FILTER),
    "Join": ("condition", Derivation.JOIN),
    "Sort": ("order", Derivation.SORT),
    "Aggregate": ("groupingExpressions", Derivation.GROUP_BY),
}
# Operators with a field that makes new columns, and whether their children's columns go on beside them.
_MAKING = {
    "Project": ("projectList", False),
    "Aggregate": ("aggregateExpressions", False),
    "Window": ("windowExpressions", True),
}
_NOT_UNDERSTOOD = "this operator is not understood yet; columns that it makes have no sources here"


def flow_through(place: int, plan: Plan, flows: Mapping[int, Flow], unresolved: dict[Unresolved, None]) -> Flow:
    """Return the flow of an operator that has children or names a definition."""
    node = plan.node(place)
    below = [flows.get(child, Flow({})) for child in node.children]
    match node.name:
        case "Union" | "Intersect" | "Except":
            return _by_position(node, place, plan, below)
        case "WithCTE":
            return flows.get(_inner(node), Flow({}))
        case "CTERelationRef":
            return _reference(node, place, plan, flows)
    merged = _beside(below)
    if node.name not in _PASSING and node.name not in _DECIDING and node.name not in _MAKING:
        unresolved[Unresolved(node.name, _NOT_UNDERSTOOD)] = None
        return merged
    scope = Scope(merged.columns, flows, plan, unresolved)
    return Flow(_columns(node, scope), merged.deciding | _decided(node, scope))


def _columns(node: Node, scope: Scope) -> Mapping[int, Traces]:
    if node.name not in _MAKING:
        return scope.columns
    field, is_beside = _MAKING[node.name]
    made = _named(node.expressions(field), scope)
    return {**scope.columns, **made} if is_beside else made


def _named(expressions: Sequence[Expression], scope: Scope) -> dict[int, Traces]:
    named: dict[int, Traces] = {}
    for expression in expressions:
        id_ = expression.id if isinstance(expression, Call) else expression
        if id_ is not None:
            named[id_] = traces_of(expression, scope)
    return named


def _decided(node: Node, scope: Scope) -> Traces:
    if node.name not in _DECIDING:
        return NO_TRACES
    field, how = _DECIDING[node.name]
    return deciding(node.expressions(field), how, scope)


def _beside(below: Sequence[Flow]) -> Flow:
    if len(below) == 1:
        return below[0]
    columns: dict[int, Traces] = {}
    for flow in below:
        columns.update(flow.columns)
    return Flow(columns, together(flow.deciding for flow in below))


def _by_position(node: Node, place: int, plan: Plan, below: Sequence[Flow]) -> Flow:
    """Set operations match columns by position; what is only compared with decides about rows."""
    filled_from = below[:1] if node.name == "Except" else below
    columns: dict[int, Traces] = {}
    for at, id_ in enumerate(plan.output(place)):
        sides = zip(filled_from, node.children, strict=False)
        columns[id_] = together(_at(flow, plan.output(child), at) for flow, child in sides)
    compared: Traces = NO_TRACES
    if node.name != "Union":
        outputs = zip(below, node.children, strict=True)
        compared = together(_at(flow, plan.output(c), at) for flow, c in outputs for at in range(len(columns)))
    return Flow(columns, together(flow.deciding for flow in below) | as_deciding(compared, Derivation.FILTER))


def _reference(node: Node, place: int, plan: Plan, flows: Mapping[int, Flow]) -> Flow:
    definition = plan.definition(node)
    flow = flows.get(definition) if definition is not None else None
    if definition is None or flow is None:
        return Flow({})
    ids = plan.output(definition)
    return Flow({id_: _at(flow, ids, at) for at, id_ in enumerate(plan.output(place))}, flow.deciding)


def _at(flow: Flow, output: Sequence[int], position: int) -> Traces:
    return flow.columns.get(output[position], NO_TRACES) if position < len(output) else NO_TRACES


def _inner(node: Node) -> int:
    linked = node.link("plan")
    return node.children[0] if linked is None else linked
