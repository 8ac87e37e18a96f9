"""How an expression uses the columns in it: which kind, and whether it masks them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from sqlglot import exp

from riverhead_emitter.model import Derivation
from riverhead_sql.query.function_names import is_masking, is_untyped_aggregate
from riverhead_sql.query.relations import combined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sqlglot.dialects.dialect import Dialect

# They are aggregates to the parser, but over a window each picks one row's value.
_PICKS_ONE_ROW = (exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue)

# A projection of thousands of nodes is no text for a person, and rendering it costs more than tracing it.
_MOST_NODES = 400
_MOST_CHARACTERS = 300


class Use(NamedTuple):
    """A column, or a whole subquery, as one expression uses it."""

    node: exp.Column | exp.Query
    how: Derivation
    is_masked: bool
    path: tuple[str, ...] = ()
    """The fields of the column that are meant: `a.b.c.d.e.f`."""


_Step: TypeAlias = "tuple[exp.Expr, Derivation, bool]"
_Part: TypeAlias = "tuple[exp.Expr | None, Derivation]"
_Named: TypeAlias = "Mapping[str, exp.Expr]"


def uses(expression: exp.Expr, windows: Mapping[str, exp.Expr] | None = None) -> Iterator[Use]:
    """Yield every use of a column or a subquery in an expression; `windows` are the query's named ones."""
    waiting: list[_Step] = [(expression, Derivation.IDENTITY, False)]
    while waiting:
        node, how, is_masked = waiting.pop()
        if isinstance(node, (exp.Column, exp.Dot)):
            column, path = column_and_path(node)
            if column is None:
                waiting.extend(reversed(list(_parts(node, how, is_masked, windows or {}))))
            elif _is_meant(column):
                yield Use(column, how, is_masked, path)
        elif isinstance(node, exp.Parameter) and isinstance(node.this, exp.Literal):
            # Snowflake's $1, a column of a file; elsewhere a value that is filled in, which comes from no relation.
            yield Use(exp.Column(this=node.copy()), how, is_masked)
        elif isinstance(node, exp.Query):
            query = node.unnest()
            if isinstance(query, exp.Query):
                yield Use(query, how, is_masked)
        else:
            waiting.extend(reversed(list(_parts(node, how, is_masked, windows or {}))))


def column_and_path(node: exp.Expr) -> tuple[exp.Column | None, tuple[str, ...]]:
    """Return the column that a chain of names starts with, and the fields of it that follow."""
    path: list[str] = []
    while isinstance(node, exp.Dot):
        if not isinstance(node.expression, exp.Identifier):
            return None, ()
        path.append(node.expression.name)
        node = node.this
    if isinstance(node, exp.Identifier) and path and not _is_bound(node):
        # Before a method's call the parser leaves names loose: t.doc.value('…'), XMLAGG(t.doc).getClobVal().
        node = exp.Column(this=exp.to_identifier(path.pop()), table=node.copy())
    return (node if isinstance(node, exp.Column) else None), tuple(reversed(path))


def _is_meant(column: exp.Column) -> bool:
    if isinstance(column.this, exp.Star) or not (column.name or isinstance(column.this, exp.Parameter)):
        return False
    return not _is_bound(column.parts[0])


def _is_bound(name: exp.Expr) -> bool:
    """Return whether a name is a parameter of the lambda, or of the comprehension, that it stands in."""
    node = name.parent
    while node is not None and not isinstance(node, exp.Query):
        bound = (
            node.expressions
            if isinstance(node, exp.Lambda)
            else [node.expression]
            if isinstance(node, exp.Comprehension)
            else []
        )
        if any(each.name == name.name for each in bound):
            return True
        node = node.parent
    return False


def text_of(expression: exp.Expr, dialect: Dialect) -> str:
    """Return the expression's SQL, shortened; empty where it is too large to be read."""
    if isinstance(expression, exp.Alias):
        expression = expression.this
    if isinstance(expression, exp.Column) and isinstance(expression.this, exp.Identifier):
        return ".".join(part.name for part in expression.parts)
    if sum(1 for _, _ in zip(expression.walk(), range(_MOST_NODES), strict=False)) == _MOST_NODES:
        return ""
    text = expression.sql(dialect=dialect, comments=False)
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1] + "…"


def _parts(node: exp.Expr, how: Derivation, is_masked: bool, windows: _Named) -> Iterator[_Step]:
    masks = is_masked or is_masking(node)
    for child, kind in _children(node, windows):
        if isinstance(child, exp.Expr):
            derivation = combined(how, kind)
            yield child, derivation, masks and derivation.is_direct


def _children(node: exp.Expr, windows: _Named) -> Iterable[_Part]:
    """Return the direct parts of a node, each with what the node does to it."""
    rule = _RULES.get(type(node))
    if rule is not None:
        return rule(node)
    if isinstance(node, exp.Window):
        return _window(node, windows)
    if isinstance(node, exp.Anonymous) and node.name.lower() == "multiif":
        return _choice(node)
    is_aggregate = isinstance(node, exp.AggFunc) and not isinstance(node, _PICKS_ONE_ROW)
    is_aggregate = is_aggregate or is_untyped_aggregate(node)
    return _each(Derivation.AGGREGATION if is_aggregate else Derivation.TRANSFORMATION, *node.iter_expressions())


def _each(kind: Derivation, *nodes: exp.Expr | None) -> Iterator[_Part]:
    return ((node, kind) for node in nodes)


def _same(node: exp.Expr) -> Iterator[_Part]:
    return _each(Derivation.IDENTITY, node.this, *node.expressions)


def _case(node: exp.Expr) -> Iterator[_Part]:
    yield node.this, Derivation.CONDITIONAL
    yield from _each(Derivation.TRANSFORMATION, *node.args["ifs"], node.args.get("default"))


def _if(node: exp.Expr) -> Iterator[_Part]:
    yield node.this, Derivation.CONDITIONAL
    yield from _each(Derivation.TRANSFORMATION, node.args.get("true"), node.args.get("false"))


def _decode(node: exp.Expr) -> Iterator[_Part]:
    """DECODE(value, search, result, search, result, …, otherwise)."""
    return _chosen(node, 2)


def _nullif(node: exp.Expr) -> Iterator[_Part]:
    yield node.this, Derivation.TRANSFORMATION
    yield node.expression, Derivation.CONDITIONAL


def _filter(node: exp.Expr) -> Iterator[_Part]:
    yield node.this, Derivation.IDENTITY
    yield node.expression, Derivation.CONDITIONAL


def _exists(node: exp.Expr) -> Iterator[_Part]:
    """EXISTS (SELECT …); with a list it is a function: EXISTS (list, x -> x > 1)."""
    if isinstance(node.this, exp.Query):
        yield node.this, Derivation.CONDITIONAL
    else:
        yield from _each(Derivation.TRANSFORMATION, *node.iter_expressions())


def _within_group(node: exp.Expr) -> Iterator[_Part]:
    """PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY v) aggregates what it orders by; LISTAGG(a) does not."""
    has_argument = node.this.find(exp.Column) is not None
    yield node.this, Derivation.IDENTITY
    ordered = node.expression.expressions if isinstance(node.expression, exp.Expr) else []
    yield from _each(Derivation.WINDOW if has_argument else Derivation.AGGREGATION, *ordered)


def _order(node: exp.Expr) -> Iterator[_Part]:
    yield node.this, Derivation.IDENTITY
    yield from _each(Derivation.WINDOW, *node.expressions)


def _window(node: exp.Window, windows: _Named) -> Iterator[_Part]:
    yield node.this, Derivation.IDENTITY
    definition: exp.Expr | None = node
    for _ in range(len(windows) + 1):
        if definition is None:
            return
        yield from _each(Derivation.WINDOW, *(definition.args.get("partition_by") or ()), definition.args.get("order"))
        # OVER w, and w may extend another one.
        definition = windows.get(definition.alias)


def _counted_if(node: exp.Expr) -> Iterator[_Part]:
    """COUNT_IF (a > 1) counts a value that is at once the condition."""
    yield node.this, Derivation.AGGREGATION
    yield node.this, Derivation.CONDITIONAL


def _extreme(node: exp.Expr) -> Iterator[_Part]:
    """ARG_MAX (value, by): `by` says which row's value it is."""
    yield node.this, Derivation.AGGREGATION
    yield node.expression, Derivation.CONDITIONAL


def _combined(node: exp.Expr) -> Iterator[_Part]:
    """ClickHouse's sumIf (value, condition): the condition comes last."""
    *values, last = node.args.get("params") or node.expressions or [None]
    yield from _each(Derivation.AGGREGATION, *values)
    yield last, Derivation.CONDITIONAL if node.name.endswith("If") else Derivation.AGGREGATION


def _choice(node: exp.Expr) -> Iterator[_Part]:
    """Take ClickHouse's multiIf (condition, value, condition, value, …, otherwise) apart."""
    return _chosen(node, 1)


def _chosen(node: exp.Expr, first: int) -> Iterator[_Part]:
    """From the first value on every second argument is one, and the last; all others choose."""
    last = len(node.expressions) - 1
    for position, argument in enumerate(node.expressions):
        is_value = position == last or position in range(first, last, 2)
        yield argument, Derivation.TRANSFORMATION if is_value else Derivation.CONDITIONAL


_RULES: dict[type[exp.Expr], Callable[[exp.Expr], Iterator[_Part]]] = {
    exp.Alias: _same,
    exp.Paren: _same,
    exp.Distinct: _same,
    exp.IgnoreNulls: _same,
    exp.RespectNulls: _same,
    exp.Case: _case,
    exp.If: _if,
    exp.Nvl2: _if,
    exp.DecodeCase: _decode,
    exp.Nullif: _nullif,
    exp.Filter: _filter,
    exp.Exists: _exists,
    exp.WithinGroup: _within_group,
    exp.Order: _order,
    exp.CombinedAggFunc: _combined,
    exp.CombinedParameterizedAgg: _combined,
    exp.CountIf: _counted_if,
    exp.ArgMax: _extreme,
    exp.ArgMin: _extreme,
}
