"""Functions over whole rows, in Python, Scala or another program: what they do with their columns cannot be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.model import Derivation
from riverhead_spark.calls import Call
from riverhead_spark.columns.expressions import deciding, traces_of
from riverhead_spark.columns.traces import NO_TRACES, Flow, named, through, together

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riverhead_spark.calls import Expression
    from riverhead_spark.columns.expressions import Scope
    from riverhead_spark.plan import Node

OPAQUE = "a function's code decides what its columns hold: each is taken to come from all that the function is given"

# Operators that call a function, and the fields that say by which columns rows are brought together for it. A number
# in such a field counts columns of the child at the same place.
CALLING: Mapping[str, tuple[str, ...]] = {
    "AppendColumns": (),
    "AppendColumnsWithObject": (),
    "CoGroup": ("leftGroup", "rightGroup"),
    "FlatMapCoGroupsInArrow": ("leftGroupingLen", "rightGroupingLen"),
    "FlatMapCoGroupsInPandas": ("leftGroupingLen", "rightGroupingLen"),
    "FlatMapGroupsInArrow": ("groupingAttributes",),
    "FlatMapGroupsInPandas": ("groupingAttributes",),
    "FlatMapGroupsInPandasWithState": ("groupingAttributes",),
    "FlatMapGroupsInR": ("groupingAttributes",),
    "FlatMapGroupsInRWithArrow": ("groupingAttributes",),
    "FlatMapGroupsWithState": ("groupingAttributes",),
    "MapElements": (),
    "MapGroups": ("groupingAttributes",),
    "MapInArrow": (),
    "MapInPandas": (),
    "MapPartitions": (),
    "MapPartitionsExternalUDF": (),
    "MapPartitionsInR": (),
    "MapPartitionsInRWithArrow": (),
    "PythonMapInArrow": (),
    "ScriptTransformation": (),
    "TransformWithState": ("groupingAttributes",),
    "TransformWithStateInPandas": ("groupingAttributesLen",),
    "TransformWithStateInPySpark": ("groupingAttributesLen",),
}


def called(node: Node, place: int, scope: Scope, below: tuple[Flow, ...]) -> Flow:
    """Return the flow of an operator that calls a function."""
    scope.note(node.name, OPAQUE)
    plan = scope.plan
    beside = {id_: scope.columns.get(id_, NO_TRACES) for child in node.children for id_ in plan.output(child)}
    (function,) = node.expressions("functionExpr")
    given = [traces_of(each, scope) for each in function.children] if isinstance(function, Call) else beside.values()
    # One value for all columns: hundreds of them, each from hundreds, would be tens of thousands otherwise.
    made = named(
        through(together(given), Derivation.TRANSFORMATION), function.sql if isinstance(function, Call) else ""
    )
    columns = {id_: beside.get(id_, made) for id_ in plan.output(place)}
    # Two inputs are matched by their keys, one is grouped by them.
    how = Derivation.JOIN if len(node.children) > 1 and len(CALLING[node.name]) > 1 else Derivation.GROUP_BY
    keys = together(deciding(each, how, scope) for each in _keys(node, scope))
    return Flow(columns, keys, below)


def _keys(node: Node, scope: Scope) -> Iterator[tuple[Expression, ...]]:
    for at, field in enumerate(CALLING[node.name]):
        count = node.number(field)
        yield node.expressions(field) if count is None else scope.plan.output(node.children[at])[:count]
