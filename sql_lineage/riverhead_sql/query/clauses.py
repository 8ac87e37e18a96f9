"""The clauses that decide about a query's rows, and what each makes of the columns in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from riverhead_emitter.model import Derivation
from riverhead_sql.query.views import Aliases

if TYPE_CHECKING:
    from collections.abc import Iterator


class Condition(NamedTuple):
    """One deciding expression; `aliases` says whether it may name the query's own outputs."""

    expression: exp.Expr
    how: Derivation
    aliases: Aliases


_FILTERS = {"prewhere": Aliases.LAST, "where": Aliases.LAST, "having": Aliases.THEN, "qualify": Aliases.THEN}
_SORTS = ("order", "sort", "cluster", "distribute")
_GROUPINGS = ("expressions", "rollup", "cube", "grouping_sets")
_CONTAINERS = (exp.Rollup, exp.Cube, exp.GroupingSets, exp.Tuple, exp.Paren)


def conditions(query: exp.Expr, *, reads_aliases_early: bool) -> Iterator[Condition]:
    """Yield every deciding expression of a SELECT; `reads_aliases_early`: its dialect knows aliases in WHERE."""
    for join in query.find_all(exp.Join) if query.args.get("joins") or _has_nested_joins(query) else ():
        for part in ("on", "match_condition") if join.parent_select is query else ():
            if isinstance(join.args.get(part), exp.Expr):
                yield from _conjuncts(join.args[part], Derivation.JOIN, Aliases.LAST)
    for clause, aliases in _FILTERS.items():
        node = query.args.get(clause)
        if node is not None:
            is_early = reads_aliases_early and aliases is Aliases.LAST
            for condition in _conjuncts(node.this, Derivation.FILTER, Aliases.THEN if is_early else aliases):
                # Oracle's a.id = b.id (+) joins, wherever it stands.
                joins = any(column.args.get("join_mark") for column in condition.expression.find_all(exp.Column))
                yield condition._replace(how=Derivation.JOIN) if joins else condition
    connect = query.args.get("connect")
    if connect is not None:
        for part in (connect.args.get("start"), connect.args.get("connect")):
            if part is not None:
                yield Condition(part, Derivation.FILTER, Aliases.NEVER)
    yield from _groupings(query)
    yield from orderings(query)


def orderings(query: exp.Expr) -> Iterator[Condition]:
    """Yield what a query, or a union of queries, is sorted by."""
    for clause in _SORTS:
        node = query.args.get(clause)
        for ordered in node.expressions if node is not None else ():
            expression = ordered.this if isinstance(ordered, exp.Ordered) else ordered
            if _is_all(expression) and isinstance(query, exp.Select):
                yield from (Condition(each.unalias(), Derivation.SORT, Aliases.LAST) for each in query.expressions)
                continue
            yield Condition(expression, Derivation.SORT, Aliases.FIRST)


def _is_all(expression: exp.Expr) -> bool:
    """ORDER BY ALL sorts by every output."""
    return isinstance(expression, exp.Column) and not expression.table and expression.name.upper() == "ALL"


def position(expression: exp.Expr) -> int | None:
    """Return the output that `GROUP BY 2` or `ORDER BY 2` means, counted from 0."""
    is_position = isinstance(expression, exp.Literal) and expression.is_int
    return int(expression.name) - 1 if is_position else None


def _groupings(query: exp.Expr) -> Iterator[Condition]:
    group = query.args.get("group")
    distinct = query.args.get("distinct")
    waiting = list(distinct.args["on"].expressions) if distinct is not None and distinct.args.get("on") else []
    if group is not None:
        if group.args.get("all"):
            waiting += [output for output in query.expressions if not output.find(exp.AggFunc, exp.Star)]
        for part in _GROUPINGS:
            waiting += [node for node in group.args.get(part) or [] if isinstance(node, exp.Expr)]
    waiting.reverse()
    while waiting:
        node = waiting.pop()
        if isinstance(node, _CONTAINERS):
            waiting += reversed(list(node.iter_expressions()))
        else:
            yield Condition(node, Derivation.GROUP_BY, Aliases.THEN)


def _conjuncts(condition: exp.Expr, how: Derivation, aliases: Aliases) -> Iterator[Condition]:
    """Each part of an AND is a condition of its own, with a text of its own."""
    waiting = [condition]
    while waiting:
        node = waiting.pop()
        if isinstance(node, exp.And):
            waiting += [node.expression, node.this]
        elif isinstance(node, exp.Paren):
            waiting.append(node.this)
        else:
            yield Condition(node, how, aliases)


def _has_nested_joins(query: exp.Expr) -> bool:
    source = query.args.get("from_")
    return source is not None and bool(source.this.args.get("joins"))
