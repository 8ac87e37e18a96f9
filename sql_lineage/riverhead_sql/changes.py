"""UPDATE, DELETE and MERGE as the queries that find their rows and values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_sql.writes import Flow, with_ctes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def changes_of(statement: exp.Expr) -> tuple[Flow, ...] | None:
    """Return what a statement changes in rows that are there, or None for another kind."""
    match statement:
        case exp.Update():
            return (_update(statement),)
        case exp.Delete():
            return (_delete(statement),)
        case exp.Merge():
            return tuple(_merge(statement))
    return None


def _update(update: exp.Update) -> Flow:
    names, values = _assignments(update.expressions)
    source = update.args.get("from_")
    others = [source.this] if source is not None else []
    target, relations = _target_and_relations(update.this, others)
    query = _query(values, relations, update.args.get("where"))
    return _change(update, target, query, names)


def _delete(delete: exp.Delete) -> Flow:
    named = delete.args.get("tables") or []
    using = delete.args.get("using") or []
    relations = [*([delete.this] if delete.this is not None else []), *using]
    target, relations = _target_and_relations(named[0] if named else delete.this, relations)
    return _change(delete, target, _query([], relations, delete.args.get("where")), ())


def _merge(merge: exp.Merge) -> Iterator[Flow]:
    whens = merge.args["whens"].expressions if merge.args.get("whens") is not None else []
    changes = [(when, when.args.get("then")) for when in whens]
    moved = [(when, then) for when, then in changes if isinstance(then, (exp.Update, exp.Insert))]
    for when, then in moved:
        names, values = _written(then, merge.args["using"].alias_or_name)
        yield _change(merge, merge.this, _merged(merge, values, when.args.get("condition")), names)
    if not moved:
        yield _change(merge, merge.this, _merged(merge, [], None), ())


def _merged(merge: exp.Merge, values: Sequence[exp.Expr], condition: exp.Expr | None) -> exp.Select:
    where = exp.Where(this=condition.copy()) if condition is not None else None
    query = _query(values, [merge.this], where)
    query.append("joins", exp.Join(this=merge.args["using"].copy(), on=merge.args["on"].copy()))
    return query


def _written(then: exp.Update | exp.Insert, source: str) -> tuple[tuple[exp.Expr, ...], Sequence[exp.Expr]]:
    """Return the columns that a WHEN writes, and their values; `*` means the source's columns by name."""
    if isinstance(then, exp.Update) and not any(isinstance(node, exp.Star) for node in then.expressions):
        return _assignments(then.expressions)
    if isinstance(then, exp.Insert) and isinstance(then.expression, exp.Tuple):
        listed = then.this.expressions if isinstance(then.this, exp.Tuple) else []
        return tuple(column.this for column in listed), then.expression.expressions
    return (), [exp.Column(this=exp.Star(), table=exp.to_identifier(source))]


def _assignments(expressions: Sequence[exp.Expr]) -> tuple[tuple[exp.Expr, ...], Sequence[exp.Expr]]:
    pairs = [node for node in expressions if isinstance(node, exp.EQ) and isinstance(node.this, exp.Column)]
    return tuple(pair.this.this for pair in pairs), [pair.expression for pair in pairs]


def _target_and_relations(named: exp.Expr, others: Sequence[exp.Expr]) -> tuple[exp.Expr, list[exp.Expr]]:
    """`UPDATE t … FROM dbo.orders AS t` changes dbo.orders: a name may be an alias that stands further on."""
    tables = [table for other in others for table in other.find_all(exp.Table)]
    aliased = [table for table in tables if table.alias == named.name and table is not named]
    if aliased and isinstance(named, exp.Table) and not named.db:
        return aliased[0], list(others)
    return named, [named, *(other for other in others if other is not named)]


def _query(values: Sequence[exp.Expr], relations: Sequence[exp.Expr], where: exp.Expr | None) -> exp.Select:
    first, *others = (relation.copy() for relation in relations)
    return exp.Select(
        expressions=[value.copy() for value in values],
        from_=exp.From(this=first),
        joins=[exp.Join(this=other) for other in others],
        where=where.copy() if where is not None else None,
    )


def _change(statement: exp.Expr, target: exp.Expr, query: exp.Expr, names: tuple[exp.Expr, ...]) -> Flow:
    table = target if isinstance(target, exp.Table) else None
    return Flow(with_ctes(statement, query), table, columns=names, is_change=True)
