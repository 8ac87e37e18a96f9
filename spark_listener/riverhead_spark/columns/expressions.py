"""Expressions → the traces of their value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from riverhead_emitter.model import Derivation, Unresolved
from riverhead_spark.columns.traces import NO_TRACES, Trace, Traces, as_deciding, bound, through, together

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverhead_spark.columns.traces import Flow
    from riverhead_spark.plan import Call, Expression, Plan

# Wrappers that Spark puts round a value without changing it.
_SAME_VALUE = frozenset({"Alias", "KnownNotNull", "KnownNullable", "AssertNotNull", "KnownFloatingPointNormalized"})
# What comes out does not give away what went in.
_MASKING = frozenset({"Md5", "Sha1", "Sha2", "Crc32", "Murmur3Hash", "XxHash64", "HiveHash", "Mask"})
_CHANGED = Derivation.TRANSFORMATION
# A lambda's variable is an element of an argument that is traced beside it.
_LAMBDA_VARIABLES = frozenset({"NamedLambdaVariable", "UnresolvedNamedLambdaVariable"})


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may refer to: its children's attributes, and the plans of its subqueries."""

    columns: Mapping[int, Traces]
    flows: Mapping[int, Flow]
    plan: Plan
    unresolved: dict[Unresolved, None]

    def note(self, what: str, why: str) -> None:
        """Name something that could not be traced."""
        self.unresolved[Unresolved(what, why)] = None


def traces_of(expression: Expression, scope: Scope) -> Traces:
    """Return the traces of an expression's value."""
    if expression is None:
        return NO_TRACES
    if isinstance(expression, int):
        return scope.columns.get(expression, NO_TRACES)
    if expression.subquery is not None:
        return _subquery(expression, expression.subquery, scope)
    match expression.name:
        case "OuterReference":
            return NO_TRACES if expression.id is None else frozenset({Trace(expression.id, Derivation.IDENTITY)})
        case "CaseWhen" | "If":
            return _choice(expression, scope)
        case "AggregateExpression":
            return _first_and_rest(expression, scope, Derivation.AGGREGATION, Derivation.CONDITIONAL)
        case "WindowExpression":
            return _first_and_rest(expression, scope, Derivation.TRANSFORMATION, Derivation.WINDOW)
    return _call(expression, scope)


def deciding(expressions: tuple[Expression, ...], how: Derivation, scope: Scope) -> Traces:
    """Return the traces of expressions that decide about rows in this way."""
    return as_deciding(together(traces_of(each, scope) for each in expressions), how)


def _call(expression: Call, scope: Scope) -> Traces:
    if expression.name in _LAMBDA_VARIABLES:
        return NO_TRACES
    if expression.references is not None:
        scope.note(expression.name, "this expression nests too deep; its columns are known, their part in it is not")
        return through(together(scope.columns.get(id_, NO_TRACES) for id_ in expression.references), _CHANGED)
    inner = together(traces_of(child, scope) for child in expression.children)
    if expression.name in _SAME_VALUE:
        return inner
    return through(inner, _CHANGED, is_masking=expression.name in _MASKING)


def _first_and_rest(expression: Call, scope: Scope, first: Derivation, rest: Derivation) -> Traces:
    value, *others = expression.children or (None,)
    return through(traces_of(value, scope), first) | deciding(tuple(others), rest, scope)


def _choice(expression: Call, scope: Scope) -> Traces:
    """Split a CASE into what it chooses between and what it chooses by: condition, value, …, default."""
    children = expression.children
    last = len(children) - 1
    is_condition = [at % 2 == 0 and at != last for at in range(len(children))]
    conditions = tuple(child for child, is_it in zip(children, is_condition, strict=True) if is_it)
    values = (child for child, is_it in zip(children, is_condition, strict=True) if not is_it)
    chosen = through(together(traces_of(value, scope) for value in values), _CHANGED)
    return chosen | deciding(conditions, Derivation.CONDITIONAL, scope)


def _subquery(expression: Call, place: int, scope: Scope) -> Traces:
    """Return a subquery's value and what decides about it; EXISTS has no value of its own."""
    flow = scope.flows.get(place)
    if flow is None:
        scope.note(expression.name, "this subquery is not understood yet")
        return NO_TRACES
    output = () if expression.name == "Exists" else scope.plan.output(place)
    value = together(flow.columns.get(id_, NO_TRACES) for id_ in output)
    return bound(value | flow.deciding, scope.columns)
