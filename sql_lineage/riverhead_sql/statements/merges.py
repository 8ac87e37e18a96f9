"""MERGE as the queries that find what each of its WHENs writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_sql.statements.values import assignments, changed, mark_changed, plain_columns, selected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riverhead_sql.statements.move import Move


def merges_of(merge: exp.Merge) -> Iterator[Move]:
    """Yield what each WHEN of a MERGE writes."""
    mark_changed(merge.this)
    whens = merge.args["whens"].expressions if merge.args.get("whens") is not None else []
    changes = [(when, when.args.get("then")) for when in whens]
    for when, then in changes:
        is_written = isinstance(then, (exp.Update, exp.Insert))
        names, values = _written(then, merge.args["using"].alias_or_name) if is_written else ((), [])
        condition = when.args.get("condition") or (then.args.get("where") if isinstance(then, exp.Expr) else None)
        condition = condition.this if isinstance(condition, exp.Where) else condition
        yield changed(merge, merge.this, merged_query(merge, values, condition), names)
    if not changes:
        yield changed(merge, merge.this, merged_query(merge, [], None), ())


def merged_query(merge: exp.Merge, values: Sequence[exp.Expr], condition: exp.Expr | None) -> exp.Select:
    """Return the query that finds a MERGE's rows and values."""
    where = exp.Where(this=condition.copy()) if condition is not None else None
    query = selected(values, [merge.this], where)
    on = merge.args.get("on")
    join = exp.Join(this=merge.args["using"].copy(), on=on.copy() if isinstance(on, exp.Expr) else None)
    join.set("using", [each.copy() for each in merge.args.get("using_cond") or []])
    query.append("joins", join)
    return query


def _written(then: exp.Update | exp.Insert, source: str) -> tuple[tuple[exp.Expr, ...], Sequence[exp.Expr]]:
    """Return the columns that a WHEN writes, and their values; `*` means the source's columns by name."""
    if isinstance(then, exp.Update) and not any(isinstance(node, exp.Star) for node in then.expressions):
        written = list(assignments(then.expressions))
        return tuple(each.column.this for each in written), [each.value for each in written]
    if isinstance(then, exp.Insert) and isinstance(then.expression, exp.Tuple):
        listed = then.this.expressions if isinstance(then.this, exp.Tuple) else []
        values = [_of_source(value.copy(), source) for value in then.expression.expressions]
        return tuple(column.this for column in listed), values
    if isinstance(then.this, exp.Tuple) and then.args.get("expression") is None:
        # INSERT DEFAULT VALUES.
        return (), []
    return (), [exp.Column(this=exp.Star(), table=exp.to_identifier(source))]


def _of_source(value: exp.Expr, source: str) -> exp.Expr:
    """What a WHEN NOT MATCHED inserts can only be the source's: there is no row of the target."""
    for column in plain_columns(value) if source else ():
        if column.find_ancestor(exp.Query) is None:
            column.set("table", exp.to_identifier(source))
    return value
