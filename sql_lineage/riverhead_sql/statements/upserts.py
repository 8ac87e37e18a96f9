"""What an INSERT does with rows that are there already: ON CONFLICT … DO UPDATE, ON DUPLICATE KEY UPDATE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_sql.statements.move import bare
from riverhead_sql.statements.values import assignments, changed, mark_changed, plain_columns, selected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riverhead_sql.statements.move import Move


def updated_on_conflict(
    insert: exp.Insert, conflict: exp.OnConflict, target: exp.Table, columns: tuple[exp.Expr, ...]
) -> Iterator[Move]:
    """Yield the change of the rows that are there: `excluded.a` and VALUES (a) are of the row that was to go in."""
    written = list(assignments(conflict.expressions))
    source = insert.expression
    if not written or not isinstance(source, exp.Query) or isinstance(source, exp.Values):
        return
    mark_changed(target)
    query = bare(source.copy())
    _qualify_plain_columns(query)
    listed = [column.name.lower() for column in columns if isinstance(column, exp.Identifier)]
    alias = source.args.get("alias")
    name = alias.name if isinstance(alias, exp.TableAlias) and alias.name else "excluded"
    if isinstance(query, exp.Select) and not query.is_star:
        names = listed or [each.alias_or_name.lower() for each in query.expressions]
        proposed = dict(zip(names, (each.unalias() for each in query.expressions), strict=False))
        query.set("expressions", [_of_row(each.value.copy(), name, target, proposed) for each in written])
        if any(_refers_to(each.value, target) for each in written) or conflict.args.get("where") is not None:
            query.append("joins", exp.Join(this=target.copy()))
    else:
        named = exp.TableAlias(this=exp.to_identifier(name), columns=[exp.to_identifier(each) for each in listed])
        rows = exp.Subquery(this=query, alias=named)
        query = selected([_of_row(each.value.copy(), name, target, {}) for each in written], [target, rows], None)
    condition = conflict.args.get("where")
    if condition is not None:
        query = query.where(_of_row(condition.this.copy(), name, target, {}))
    yield changed(insert, target, query, tuple(each.column.this for each in written))


def _of_row(value: exp.Expr, name: str, target: exp.Table, proposed: Mapping[str, exp.Expr]) -> exp.Expr:
    """Return a value with what it names of the row that was to go in; a plain name is the target's."""
    for column in plain_columns(value):
        column.set("table", exp.to_identifier(target.alias_or_name))
    for node in [each for each in value.walk() if _proposed_column(each, name)]:
        column_name = _proposed_column(node, name)
        meant = proposed[column_name].copy() if column_name in proposed else exp.column(column_name, table=name)
        if node is value:
            return meant
        node.replace(meant)
    return value


def _qualify_plain_columns(query: exp.Expr) -> None:
    """Of a query over one relation every plain column is that relation's: the changed table stands beside it soon."""
    source = query.args.get("from_")
    if source is None or query.args.get("joins") or not source.this.alias_or_name:
        return
    for projection in query.expressions:
        for column in plain_columns(projection):
            column.set("table", exp.to_identifier(source.this.alias_or_name))


def _refers_to(value: exp.Expr, target: exp.Table) -> bool:
    names = {"", target.alias_or_name.lower(), target.name.lower()}
    return any(column.table.lower() in names for column in value.find_all(exp.Column))


def _proposed_column(node: exp.Expr, name: str) -> str:
    if isinstance(node, exp.Column) and node.table.lower() == name.lower():
        return node.name.lower()
    is_values = isinstance(node, exp.Anonymous) and node.name.upper() == "VALUES" and len(node.expressions) == 1
    return node.expressions[0].name.lower() if is_values else ""
