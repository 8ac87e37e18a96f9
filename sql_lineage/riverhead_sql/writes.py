"""Statement → what it writes from which query: INSERT, CREATE … AS, COPY, LOAD, SELECT INTO, and bare queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_sql.files import literal_paths

if TYPE_CHECKING:
    from collections.abc import Iterator

_STORED_KINDS = frozenset({"TABLE", "VIEW"})


@dataclass(frozen=True, slots=True)
class Flow:
    """Rows on their way: from a query or from files, into a table or a file, or into nothing that has a name."""

    query: exp.Expr | None = None
    target: exp.Table | None = None
    target_path: str = ""
    source_paths: tuple[str, ...] = ()
    columns: tuple[exp.Expr, ...] = ()
    """The target's columns that the statement lists or declares, in the query's order."""
    is_new: bool = False
    """True if the target takes its columns' names from the query."""
    is_temporary: bool = False
    is_change: bool = False
    """True if the query reads the target only because it changes rows of it."""


def flows_of(statement: exp.Expr) -> tuple[Flow, ...] | None:
    """Return what a statement moves, or None for a kind that is not understood."""
    match statement:
        case exp.Select() if statement.args.get("into") is not None:
            return (_into(statement),)
        case exp.Query():
            return (Flow(query=_bare(statement)),)
        case exp.Insert():
            return tuple(_insert(statement))
        case exp.Create():
            return tuple(_create(statement))
        case exp.Copy():
            return tuple(_copy(statement))
        case exp.MultitableInserts():
            return tuple(_several(statement))
        case exp.LoadData():
            return (Flow(None, statement.this, source_paths=tuple(literal_paths(statement.args.get("inpath")))),)
    return None


def _into(select: exp.Select) -> Flow:
    into = select.args["into"]
    select.set("into", None)
    return Flow(
        select, into.this, is_new=True, is_temporary=bool(into.args.get("temporary")) or _is_temporary(into.this)
    )


def _insert(insert: exp.Insert) -> Iterator[Flow]:
    target, columns = _target(insert.this)
    directory = insert.this if isinstance(insert.this, exp.Directory) else None
    is_new = bool(insert.args.get("by_name")) or directory is not None
    source = insert.expression
    queries = _rows_with_subqueries(source) if isinstance(source, exp.Values) else [source]
    path = directory.this.name if directory is not None else ""
    flows = [
        Flow(with_ctes(insert, query), target, path, columns=columns, is_new=is_new)
        for query in queries
        if isinstance(query, exp.Query)
    ]
    yield from flows or [Flow(None, target, path, columns=columns)]


def _several(statement: exp.MultitableInserts) -> Iterator[Flow]:
    """FROM source INSERT … INSERT … (Hive), INSERT ALL WHEN … INTO … (Snowflake, Oracle)."""
    source = statement.args["source"]
    relation = source if isinstance(source, (exp.Table, exp.Subquery)) else exp.Subquery(this=source)
    for branch in statement.expressions:
        insert = branch.this if isinstance(branch, exp.ConditionalInsert) else branch
        condition = branch.args.get("expression") if isinstance(branch, exp.ConditionalInsert) else None
        rows = insert.expression
        query = rows if isinstance(rows, exp.Select) else exp.Select(expressions=_first_row(rows))
        query.set("from_", exp.From(this=relation.copy()))
        if condition is not None:
            query.set("where", exp.Where(this=condition.copy()))
        target, columns = _target(insert.this)
        yield Flow(with_ctes(statement, query), target, columns=columns)


def _first_row(values: exp.Expr | None) -> list[exp.Expr]:
    rows = values.expressions if isinstance(values, exp.Values) else []
    return [cell.copy() for cell in rows[0].expressions] if rows else [exp.Star()]


def _create(create: exp.Create) -> Iterator[Flow]:
    if (create.kind or "").upper() not in _STORED_KINDS or create.this is None:
        return
    target, columns = _target(create.this)
    moved = create.find(exp.ToTableProperty)
    if moved is not None:
        target = _target(moved.this)[0]
    if target is None:
        return
    is_temporary = create.find(exp.TemporaryProperty) is not None or _is_temporary(target)
    clone = create.args.get("clone")
    query = exp.select("*").from_(clone.this) if clone is not None else create.expression
    is_query = isinstance(query, (exp.Query, exp.Subquery))
    yield Flow(
        with_ctes(create, _bare(query)) if is_query else None,
        target,
        columns=columns,
        is_new=True,
        is_temporary=is_temporary,
    )


def _copy(copy: exp.Copy) -> Iterator[Flow]:
    paths = [path for file in copy.args.get("files") or [] for path in literal_paths(file)]
    is_load = bool(copy.args.get("kind"))
    if is_load:
        target, columns = _target(copy.this)
        yield Flow(None, target, source_paths=tuple(paths), columns=columns)
        return
    if isinstance(copy.this, exp.Subquery):
        query: exp.Expr = _bare(copy.this)
    else:
        source, columns = _target(copy.this)
        listed = [exp.column(column.copy()) for column in columns if isinstance(column, exp.Identifier)]
        query = exp.Select(expressions=listed or [exp.Star()]).from_(source or copy.this)
    yield from (Flow(query, target_path=path, is_new=True) for path in paths[:1])
    if not paths:
        yield Flow(query)


def _target(node: exp.Expr | None) -> tuple[exp.Table | None, tuple[exp.Expr, ...]]:
    """Return the table that a statement writes and the columns that it lists."""
    if isinstance(node, exp.Schema):
        listed = (column for column in node.expressions if isinstance(column, (exp.Identifier, exp.ColumnDef)))
        return _target(node.this)[0], tuple(listed)
    return (node, ()) if isinstance(node, exp.Table) else (None, ())


def _is_temporary(table: exp.Table) -> bool:
    return isinstance(table.this, exp.Identifier) and bool(table.this.args.get("temporary"))


def _bare(query: exp.Expr) -> exp.Expr:
    """Return the query inside parentheses that add nothing."""
    while isinstance(query, exp.Subquery) and not any(value for key, value in query.args.items() if key != "this"):
        query = query.this
    return query


def with_ctes(statement: exp.Expr, query: exp.Expr) -> exp.Expr:
    """Give the query the CTEs that stand before the statement."""
    before = statement.args.get("with_")
    if before is None:
        return query
    own = query.args.get("with_")
    expressions = [cte.copy() for cte in before.expressions] + (own.expressions if own is not None else [])
    query.set("with_", exp.With(expressions=expressions, recursive=before.recursive or (own and own.recursive)))
    return query


def _rows_with_subqueries(values: exp.Values) -> list[exp.Expr]:
    rows = [row for row in values.expressions if isinstance(row, exp.Tuple) and row.find(exp.Query) is not None]
    return [exp.Select(expressions=[cell.copy() for cell in row.expressions]) for row in rows]
