"""Expressions → the traces of their value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

from riverhead_emitter.model import Derivation, Unresolved
from riverhead_spark.calls import Call
from riverhead_spark.columns.functions import (
    IS_MASKING,
    KEEPS_FIELDS,
    LAMBDA_VARIABLES,
    PICKS_ONE_ROW,
    RANKS,
    SAME_VALUE,
)  # fmt: skip
from riverhead_spark.columns.traces import (
    NO_TRACES,
    Outer,
    Trace,
    as_deciding,
    bound,
    decided,
    field_of,
    inside,
    named,
    through,
    together,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from riverhead_spark.calls import Expression
    from riverhead_spark.columns.traces import Flow, Traces
    from riverhead_spark.plan import Plan


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


def made_by(expression: Expression, scope: Scope) -> Traces:
    """Return the traces of a column that an operator makes, with the expression's text where it changes a value."""
    traces = traces_of(expression, scope)
    inner = expression
    while isinstance(inner, Call) and _is_same_value(inner) and len(inner.children) == 1:
        inner = inner.children[0]
    return named(traces, expression.sql) if isinstance(inner, Call) and isinstance(expression, Call) else traces


def deciding(expressions: Iterable[Expression], how: Derivation, scope: Scope) -> Traces:
    """Return the traces of expressions that decide in this way; each part of an AND by itself, with its text."""
    parts = [part for expression in expressions for part in _parts(expression)]
    return together(
        as_deciding(traces_of(part, scope), how, part.sql if isinstance(part, Call) else "") for part in parts
    )


def traces_of(expression: Expression, scope: Scope) -> Traces:
    """Return the traces of an expression's value."""
    if isinstance(expression, int):
        return scope.columns.get(expression, NO_TRACES)
    if expression is None:
        return NO_TRACES
    if expression.subquery is not None:
        return _subquery(expression, expression.subquery, scope)
    if expression.references is not None:
        scope.note(expression.name, "this expression nests too deep; its columns are known, their part in it is not")
        known = together(scope.columns.get(id_, NO_TRACES) for id_ in expression.references)
        return through(known, Derivation.TRANSFORMATION)
    rule = _RULES.get(expression.name)
    return _call(expression, scope) if rule is None else rule(expression, scope)


def _parts(expression: Expression) -> tuple[Expression, ...]:
    return expression.children if isinstance(expression, Call) and expression.name == "And" else (expression,)


def _is_same_value(call: Call) -> bool:
    return call.name in SAME_VALUE or call.is_implicit


def _call(expression: Call, scope: Scope) -> Traces:
    inner = together(traces_of(child, scope) for child in expression.children)
    if not inner or _is_same_value(expression):
        return inner
    return through(
        inner,
        Derivation.TRANSFORMATION,
        is_masking=expression.name in IS_MASKING,
        keeps_fields=expression.name in KEEPS_FIELDS,
    )


def _nothing(_expression: Call, _scope: Scope) -> Traces:
    return NO_TRACES


def _outer(expression: Call, _scope: Scope) -> Traces:
    return NO_TRACES if expression.id is None else (Trace(Outer(expression.id), Derivation.IDENTITY),)


def _choice(expression: Call, scope: Scope) -> Traces:
    """Split a CASE into what it chooses between and what it chooses by: condition, value, …, default."""
    children = expression.children
    last = len(children) - 1
    is_condition = [at % 2 == 0 and at != last for at in range(len(children))]
    conditions = [child for child, is_it in zip(children, is_condition, strict=True) if is_it]
    values = together(traces_of(child, scope) for child, is_it in zip(children, is_condition, strict=True) if not is_it)
    chosen = through(values, Derivation.TRANSFORMATION, keeps_fields=True)
    return together([chosen, deciding(conditions, Derivation.CONDITIONAL, scope)])


def _aggregate(expression: Call, scope: Scope) -> Traces:
    """Split an aggregate from its FILTER."""
    function, *filters = expression.children or (None,)
    value = through(traces_of(function, scope), Derivation.AGGREGATION, keeps_fields=True)
    return together([value, deciding(filters, Derivation.CONDITIONAL, scope)])


def _window(expression: Call, scope: Scope) -> Traces:
    function, *window = expression.children or (None,)
    inner = function.children[0] if _is_aggregate(function) else None
    if isinstance(inner, Call) and inner.name in PICKS_ONE_ROW:
        function = inner
    value = through(traces_of(function, scope), Derivation.TRANSFORMATION, keeps_fields=True)
    return together([value, deciding(window, Derivation.WINDOW, scope)])


def _is_aggregate(function: Expression) -> TypeGuard[Call]:
    return isinstance(function, Call) and function.name == "AggregateExpression" and bool(function.children)


def _value_by(value: int, how: Derivation) -> Callable[[Call, Scope], Traces]:
    """Return the rule of a function with one value, at this place of its children, that the others choose."""

    def rule(expression: Call, scope: Scope) -> Traces:
        deciders = [child for at, child in enumerate(expression.children) if at != value]
        values = [traces_of(child, scope) for child in expression.children[value : value + 1]]
        return together([*values, deciding(deciders, how, scope)])

    return rule


def _taken_field(expression: Call, scope: Scope) -> Traces:
    return field_of(together(traces_of(child, scope) for child in expression.children), expression.field)


def _structure(expression: Call, scope: Scope) -> Traces:
    """name, value, name, value, …: each value fills one field."""
    values = expression.children[1::2]
    return together(
        inside(traces_of(value, scope), name) for name, value in zip(expression.names, values, strict=False)
    )


def _updated(expression: Call, scope: Scope) -> Traces:
    """`withField` and `dropFields`: fields that are filled anew, and those that stay as they were."""
    structure, *values = expression.children or (None,)
    filled = dict(zip(expression.filled, values, strict=False))
    before = traces_of(structure, scope)
    return together(
        inside(traces_of(filled[name], scope) if name in filled else field_of(before, name), name)
        for name in expression.names
    )


def _subquery(expression: Call, place: int, scope: Scope) -> Traces:
    """Return a subquery's value and what decides about it; EXISTS has no value of its own."""
    flow = scope.flows.get(place)
    if flow is None:
        scope.note(expression.name, "this subquery is not understood yet")
        return NO_TRACES
    output = () if expression.name == "Exists" else scope.plan.output(place)
    value = together(flow.columns.get(id_, NO_TRACES) for id_ in output)
    return bound(together([value, decided(flow)]), scope.columns)


_RULES: dict[str, Callable[[Call, Scope], Traces]] = {
    "AggregateExpression": _aggregate,
    "CaseWhen": _choice,
    "CreateNamedStruct": _structure,
    "GetArrayStructFields": _taken_field,
    "GetStructField": _taken_field,
    "If": _choice,
    "ListAgg": _value_by(0, Derivation.WINDOW),
    "MaxBy": _value_by(0, Derivation.CONDITIONAL),
    "MinBy": _value_by(0, Derivation.CONDITIONAL),
    "OuterReference": _outer,
    "OuterScopeReference": _outer,
    "PivotFirst": _value_by(1, Derivation.CONDITIONAL),
    "UpdateFields": _updated,
    "WindowExpression": _window,
    **dict.fromkeys(RANKS | LAMBDA_VARIABLES, _nothing),
}
