"""UPDATE, DELETE and MERGE as the queries that find their rows and values, and what RETURNING makes of a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_sql.writes import Flow, with_ctes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


_WRITES = (exp.Insert, exp.Update, exp.Delete, exp.Merge)


def parted(statement: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the writes in a statement's CTEs, each by itself, and then the statement, which reads what they return."""
    if any(isinstance(cte.this, _WRITES) for cte in statement.find_all(exp.CTE)):
        statement = statement.copy()
        # Innermost first, and those of one WITH in their order: each finds the ones before it replaced already.
        for cte in sorted(statement.find_all(exp.CTE), key=lambda cte: -cte.depth):
            if isinstance(cte.this, _WRITES):
                yield _taken_out(cte)
    yield statement


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
    target, query = _updated(update, values)
    return _change(update, target, query, names)


def _updated(update: exp.Update, values: Sequence[exp.Expr]) -> tuple[exp.Expr, exp.Select]:
    source = update.args.get("from_")
    others = [source.this] if source is not None else []
    target, relations = _target_and_relations(update.this, others)
    return target, _query(values, relations, update.args.get("where"))


def _delete(delete: exp.Delete) -> Flow:
    target, query = _deleted(delete, [])
    return _change(delete, target, query, ())


def _deleted(delete: exp.Delete, values: Sequence[exp.Expr]) -> tuple[exp.Expr, exp.Select]:
    named = delete.args.get("tables") or []
    using = delete.args.get("using") or []
    relations = [*([delete.this] if delete.this is not None else []), *using]
    target, relations = _target_and_relations(named[0] if named else delete.this, relations)
    return target, _query(values, relations, delete.args.get("where"))


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


def _taken_out(cte: exp.CTE) -> exp.Expr:
    """Put a query in the place of the write in a CTE; return the write, with the CTEs that stand before it."""
    write: exp.Expr = cte.this
    returning = write.args.get("returning")
    values = returning.expressions if returning is not None else [exp.Null()]
    cte.set("this", with_ctes(write, _returned(write, values)))
    siblings, own = cte.parent, write.args.get("with_")
    if isinstance(siblings, exp.With):
        before = [sibling.copy() for sibling in siblings.expressions[: cte.index]]
        all_before = [*before, *(own.expressions if own is not None else [])]
        write.set("with_", exp.With(expressions=all_before, recursive=siblings.recursive or (own and own.recursive)))
    return write


def _returned(write: exp.Expr, values: Sequence[exp.Expr]) -> exp.Select:
    """Return RETURNING as a query: it reads the target as the write left it, and whatever stands beside it."""
    match write:
        case exp.Update():
            return _updated(write, values)[1]
        case exp.Delete():
            return _deleted(write, values)[1]
        case exp.Merge():
            return _merged(write, values, None)
    return _query(values, [write.this.this if isinstance(write.this, exp.Schema) else write.this], None)
