"""The values that a change writes: SET a = …, (b, c) = (…, …), and the query that yields them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from riverhead_sql.statements.move import CHANGED, Move, with_ctes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Assignment(NamedTuple):
    """A column that is written, and the value that it gets."""

    column: exp.Column
    value: exp.Expr


def assignments(expressions: Sequence[exp.Expr]) -> Iterator[Assignment]:
    """Yield what each part of a SET writes; a row of columns is taken apart."""
    for node in expressions:
        if not isinstance(node, exp.EQ):
            continue
        holders = node.this.expressions if isinstance(node.this, exp.Tuple) else [node.this.unnest()]
        for place, holder in enumerate(holders):
            column = _column(holder)
            if column is not None and not _is_default(node.expression):
                yield Assignment(column, _value(node.expression, place, len(holders)))


def _is_default(value: exp.Expr) -> bool:
    return isinstance(value, exp.Column) and not value.table and value.name.upper() == "DEFAULT"


def _column(holder: exp.Expr) -> exp.Column | None:
    if isinstance(holder, (exp.Dot, exp.Bracket)):
        holder = next(iter(holder.find_all(exp.Column)), holder)
    return holder if isinstance(holder, exp.Column) else None


def _value(value: exp.Expr, place: int, count: int) -> exp.Expr:
    """Return one value of a row, which may be a subquery of as many columns."""
    if count == 1:
        return value
    inner = value.unnest()
    is_row = isinstance(inner, exp.Tuple) or (isinstance(inner, exp.Anonymous) and inner.name.upper() == "ROW")
    if is_row and len(inner.expressions) == count:
        chosen: exp.Expr = inner.expressions[place]
        return chosen
    if isinstance(inner, exp.Select) and len(inner.expressions) == count:
        query = inner.copy()
        query.set("expressions", [query.expressions[place]])
        return exp.Subquery(this=query)
    return value


def selected(values: Sequence[exp.Expr], relations: Sequence[exp.Expr], where: exp.Expr | None) -> exp.Select:
    """Return the query of some values over some relations."""
    first, *others = (relation.copy() for relation in relations)
    return exp.Select(
        expressions=[value.copy() for value in values],
        from_=exp.From(this=first),
        joins=[exp.Join(this=other) for other in others],
        where=where.copy() if where is not None else None,
    )


def changed(statement: exp.Expr, target: exp.Expr, query: exp.Expr, names: tuple[exp.Expr, ...]) -> Move:
    """Return the change of a target's columns by a query."""
    table = target if isinstance(target, exp.Table) else None
    return Move(with_ctes(statement, query), table, columns=names)


def plain_columns(value: exp.Expr) -> list[exp.Column]:
    """Return the columns in a value that name no relation."""
    columns = value.find_all(exp.Column)
    return [column for column in columns if not column.table and isinstance(column.this, exp.Identifier)]


def mark_changed(*tables: exp.Expr) -> None:
    """Mark tables that are named only because their rows change: they are no inputs."""
    for table in tables:
        table.meta[CHANGED] = True
