"""MERGE as the queries that find what each of its WHENs writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_sql.statements.values import assignments, changed, selected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riverhead_sql.statements.move import Move


def merges_of(merge: exp.Merge) -> Iterator[Move]:
    """Yield what each WHEN of a MERGE writes."""
    whens = merge.args["whens"].expressions if merge.args.get("whens") is not None else []
    changes = [(when, when.args.get("then")) for when in whens]
    moved = [(when, then) for when, then in changes if isinstance(then, (exp.Update, exp.Insert))]
    for when, then in moved:
        names, values = _written(then, merge.args["using"].alias_or_name)
        yield changed(merge, merge.this, merged_query(merge, values, when.args.get("condition")), names)
    if not moved:
        yield changed(merge, merge.this, merged_query(merge, [], None), ())


def merged_query(merge: exp.Merge, values: Sequence[exp.Expr], condition: exp.Expr | None) -> exp.Select:
    """Return the query that finds a MERGE's rows and values."""
    where = exp.Where(this=condition.copy()) if condition is not None else None
    query = selected(values, [merge.this], where)
    query.append("joins", exp.Join(this=merge.args["using"].copy(), on=merge.args["on"].copy()))
    return query


def _written(then: exp.Update | exp.Insert, source: str) -> tuple[tuple[exp.Expr, ...], Sequence[exp.Expr]]:
    """Return the columns that a WHEN writes, and their values; `*` means the source's columns by name."""
    if isinstance(then, exp.Update) and not any(isinstance(node, exp.Star) for node in then.expressions):
        written = list(assignments(then.expressions))
        return tuple(each.column.this for each in written), [each.value for each in written]
    if isinstance(then, exp.Insert) and isinstance(then.expression, exp.Tuple):
        listed = then.this.expressions if isinstance(then.this, exp.Tuple) else []
        return tuple(column.this for column in listed), then.expression.expressions
    return (), [exp.Column(this=exp.Star(), table=exp.to_identifier(source))]
