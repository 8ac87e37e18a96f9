"""Operators → the flow they put out, given their children's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.model import Derivation, Unresolved
from riverhead_spark.calls import Call
from riverhead_spark.columns.expressions import Scope, deciding, made_by
from riverhead_spark.columns.generators import generated
from riverhead_spark.columns.opaque import CALLING, called
from riverhead_spark.columns.set_operations import BY_POSITION, by_position
from riverhead_spark.columns.traces import NO_TRACES, Flow, as_deciding, bound, decided, together

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riverhead_spark.calls import Expression
    from riverhead_spark.columns.traces import Traces
    from riverhead_spark.plan import Node, Plan

# Operators that put out their children's rows or some of them, each as it is.
_PASSING = frozenset({
    "AttachDistributedSequence", "CTERelationDef", "CollectMetrics", "Distinct", "EventTimeWatermark", "GlobalLimit",
    "LimitAll", "LocalLimit", "Offset", "PipeOperator", "Rdd", "RebalancePartitions", "Repartition",
    "RepartitionByExpression", "ResolvedHint", "ReturnAnswer", "SQLFunctionNode", "Sample", "Subquery", "SubqueryAlias",
    "Tail", "UpdateEventTimeWatermarkColumn", "View", "Zip",
})  # fmt: skip
# Operators with fields whose columns decide about every row.
_DECIDING = {
    "Aggregate": (("groupingExpressions", Derivation.GROUP_BY),),
    "AsOfJoin": (("asOfCondition", Derivation.JOIN), ("condition", Derivation.JOIN)),
    "Deduplicate": (("keys", Derivation.GROUP_BY),),
    "DeduplicateWithinWatermark": (("keys", Derivation.GROUP_BY),),
    "Filter": (("condition", Derivation.FILTER),),
    "Join": (("condition", Derivation.JOIN),),
    "LateralJoin": (("condition", Derivation.JOIN),),
    "NearestByJoin": (("rankingExpression", Derivation.JOIN),),
    "Sort": (("order", Derivation.SORT),),
    "TypedFilter": (("deserializer", Derivation.FILTER),),
}
# Operators with a field that makes new columns, and whether their children's columns go on beside them.
_MAKING = {
    "Aggregate": ("aggregateExpressions", False),
    "Project": ("projectList", False),
    "SerializeFromObject": ("serializer", False),
    "Window": ("windowExpressions", True),
}
_KNOWN = _PASSING | _DECIDING.keys() | _MAKING.keys() | {"DeserializeToObject", "Expand", "Generate"}
_NOT_UNDERSTOOD = "this operator is not understood yet; columns that it makes have no sources here"


def flow_through(place: int, plan: Plan, flows: Mapping[int, Flow], unresolved: dict[Unresolved, None]) -> Flow:
    """Return the flow of an operator that has children or names a definition."""
    node = plan.node(place)
    if node.name in BY_POSITION:
        return by_position(node, place, plan, flows)
    below = tuple(flows.get(child, Flow({})) for child in node.children)
    scope = Scope(_beside(below), flows, plan, unresolved)
    if node.name in CALLING:
        return called(node, place, scope, below)
    if node.name not in _KNOWN:
        unresolved[Unresolved(node.name, _NOT_UNDERSTOOD)] = None
    own = together([*_decided(node, scope), _compared(node, place, plan, scope)])
    lateral = _lateral(node, scope)
    if lateral is None:
        return Flow(_columns(node, place, scope), own, below)
    return Flow({**scope.columns, **lateral.columns}, together([own, lateral.deciding]), below)


def _columns(node: Node, place: int, scope: Scope) -> Mapping[int, Traces]:
    if node.name == "Generate":
        return {**scope.columns, **generated(node, scope)}
    if node.name == "Expand":
        return _expanded(node, place, scope)
    if node.name == "DeserializeToObject":
        made = together(made_by(each, scope) for each in node.expressions("deserializer"))
        return dict.fromkeys(scope.plan.output(place), made)
    if node.name not in _MAKING:
        return scope.columns
    field, is_beside = _MAKING[node.name]
    new = {id_: made_by(each, scope) for each in node.expressions(field) if (id_ := _id(each)) is not None}
    return {**scope.columns, **new} if is_beside else new


def _id(expression: Expression) -> int | None:
    return expression.id if isinstance(expression, Call) else expression


def _expanded(node: Node, place: int, scope: Scope) -> Mapping[int, Traces]:
    """Every row becomes several, one for each list; a column is what stands in its place in all of the lists."""
    ways = node.expression_lists("projections")
    output = scope.plan.output(place)
    return {id_: together(made_by(way[at], scope) for way in ways if at < len(way)) for at, id_ in enumerate(output)}


def _decided(node: Node, scope: Scope) -> list[Traces]:
    if node.name == "Filter" and scope.plan.node(node.children[0]).name == "Expand":
        # The one filter that nobody wrote: UNPIVOT leaves out the nulls that it makes.
        return []
    return [deciding(node.expressions(field), how, scope) for field, how in _DECIDING.get(node.name, ())]


def _compared(node: Node, place: int, plan: Plan, scope: Scope) -> Traces:
    """DISTINCT groups by every column; right above a UNION it is a part of that, which compares nothing else."""
    if node.name != "Distinct" or any(plan.node(child).name == "Union" for child in node.children):
        return NO_TRACES
    compared = together(scope.columns.get(id_, NO_TRACES) for id_ in plan.output(place))
    return as_deciding(compared, Derivation.GROUP_BY)


def _lateral(node: Node, scope: Scope) -> Flow | None:
    """Return what a join's right side makes of each row of its left one."""
    if node.name != "LateralJoin":
        return None
    (right,) = node.expressions("right")
    place = right.subquery if isinstance(right, Call) else None
    flow = scope.flows.get(-1 if place is None else place, Flow({}))
    output = () if place is None else scope.plan.output(place)
    columns = {id_: bound(flow.columns.get(id_, NO_TRACES), scope.columns) for id_ in output}
    return Flow(columns, bound(decided(flow), scope.columns))


def _beside(below: Sequence[Flow]) -> Mapping[int, Traces]:
    if len(below) == 1:
        return below[0].columns
    columns: dict[int, Traces] = {}
    for flow in below:
        columns.update(flow.columns)
    return columns
