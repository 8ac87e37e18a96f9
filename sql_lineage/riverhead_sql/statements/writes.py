"""Statement → what it writes from which query: INSERT, CREATE … AS, COPY, LOAD, SELECT INTO, and bare queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_sql.statements.copies import copies_of
from riverhead_sql.statements.files import paths_of
from riverhead_sql.statements.move import Move, bare, query_of_pivot, target_of, with_ctes
from riverhead_sql.statements.upserts import updated_on_conflict

if TYPE_CHECKING:
    from collections.abc import Iterator

_STORED_KINDS = frozenset({"TABLE", "VIEW", "MODEL"})


def moves_of(statement: exp.Expr) -> tuple[Move, ...] | None:
    """Return what a statement moves, or None for a kind that is not understood."""
    match statement:
        case exp.Query():
            return (_queried(statement),)
        case exp.Insert():
            is_known = not isinstance(statement.this, exp.Func) or any(paths_of(statement.this))
            return tuple(_insert(statement)) if is_known else None
        case exp.Create():
            return tuple(_create(statement))
        case exp.Cache() if isinstance(statement.expression, exp.Query):
            return (Move(statement.expression, target_of(statement.this)[0], is_new=True, is_temporary=True),)
        case exp.Copy() | exp.Export() | exp.LoadData():
            return tuple(copies_of(statement))
        case exp.MultitableInserts():
            return tuple(_several(statement))
        case exp.Pivot():
            return (Move(query=query_of_pivot(statement)),)
    return None


def _queried(query: exp.Expr) -> Move:
    """A bare query, or SELECT … INTO; in a union the first SELECT names the table."""
    first: exp.Expr = query
    while isinstance(first, (exp.SetOperation, exp.Subquery)):
        first = first.this
    into = first.args.get("into") if isinstance(first, exp.Select) else None
    if into is None or not isinstance(into.this, exp.Table):
        return Move(query=bare(query))
    first.set("into", None)
    is_temporary = bool(into.args.get("temporary")) or _is_temporary(into.this)
    return Move(bare(query), into.this, is_new=True, is_temporary=is_temporary, lifecycle="CREATE")


def _insert(insert: exp.Insert) -> Iterator[Move]:
    target, columns = target_of(insert.this)
    directory = insert.this if isinstance(insert.this, exp.Directory) else None
    # ClickHouse's INSERT INTO FUNCTION s3('…') SELECT …
    path = directory.this.name if directory is not None else next(paths_of(insert.this), "")
    is_new = bool(insert.args.get("by_name") or path)
    source = bare(insert.expression) if insert.expression is not None else None
    if isinstance(insert.args.get("source"), exp.Table):
        # INSERT INTO t TABLE s.
        source = exp.select("*").from_(insert.args["source"])
    queries = _rows_of_columns(source) if isinstance(source, exp.Values) else [source]
    lifecycle = "OVERWRITE" if insert.args.get("overwrite") else ""
    moves = [
        Move(with_ctes(insert, query), target, path, columns=columns, is_new=is_new, lifecycle=lifecycle)
        for query in queries
        if isinstance(query, exp.Query)
    ]
    yield from moves or [Move(None, target, path, columns=columns, lifecycle=lifecycle)]
    conflict = insert.args.get("conflict")
    if isinstance(conflict, exp.OnConflict) and target is not None:
        yield from updated_on_conflict(insert, conflict, target, columns)


def _several(statement: exp.MultitableInserts) -> Iterator[Move]:
    """FROM source INSERT … INSERT … (Hive), INSERT ALL WHEN … INTO … (Snowflake, Oracle)."""
    before: list[exp.Expr] = []
    source = statement.args["source"]
    relation = source if isinstance(source, (exp.Table, exp.Subquery)) else exp.Subquery(this=source)
    for branch in statement.expressions:
        insert = branch.this if isinstance(branch, exp.ConditionalInsert) else branch
        condition = branch.args.get("expression") if isinstance(branch, exp.ConditionalInsert) else None
        if condition is not None:
            before.append(condition)
        elif before:
            # ELSE: what no condition before it took.
            condition = exp.not_(exp.or_(*before, copy=True))
        rows = insert.expression
        query = rows if isinstance(rows, exp.Select) else exp.Select(expressions=_first_row(rows))
        query.set("from_", exp.From(this=relation.copy()))
        if condition is not None:
            query.set("where", exp.Where(this=condition.copy()))
        target, columns = target_of(insert.this)
        path = insert.this.this.name if isinstance(insert.this, exp.Directory) else ""
        yield Move(with_ctes(statement, query), target, path, columns=columns, is_new=bool(path))


def _first_row(values: exp.Expr | None) -> list[exp.Expr]:
    rows = values.expressions if isinstance(values, exp.Values) else []
    return [cell.copy() for cell in rows[0].expressions] if rows else [exp.Star()]


def _create(create: exp.Create) -> Iterator[Move]:
    if (create.kind or "").upper() not in _STORED_KINDS or create.this is None:
        return
    target, columns = target_of(create.this)
    moved = create.find(exp.ToTableProperty)
    if moved is not None:
        target = target_of(moved.this)[0]
    if target is None:
        return
    stability = create.find(exp.StabilityProperty)
    is_temporary = (
        create.find(exp.TemporaryProperty, exp.VolatileProperty) is not None
        or (stability is not None and stability.name.upper() == "VOLATILE")
        or _is_temporary(target)
    )
    clone = create.args.get("clone")
    alike = create.find(exp.LikeProperty)
    query = exp.select("*").from_(clone.this) if clone is not None else create.expression
    path = _option_path(create) if (create.kind or "").upper() == "VIEW" and query is None else None
    if path is not None:
        # Spark's CREATE TEMPORARY VIEW v USING parquet OPTIONS (path '…').
        query = exp.select("*").from_(exp.Table(this=path.copy()))
    if isinstance(query, exp.Table):
        # CREATE TABLE t AS other: Teradata copies its rows WITH DATA, ClickHouse its structure.
        has_data = any(not each.args.get("no") for each in create.find_all(exp.WithDataProperty))
        alike, query = (alike, exp.select("*").from_(query)) if has_data else (exp.LikeProperty(this=query), None)
    yield Move(
        with_ctes(create, bare(query)) if isinstance(query, (exp.Query, exp.Subquery)) else None,
        target,
        alike=alike.this if alike is not None and isinstance(alike.this, exp.Table) else None,
        columns=columns,
        is_new=True,
        is_temporary=is_temporary,
        lifecycle="" if moved is not None else "OVERWRITE" if create.args.get("replace") else "CREATE",
    )


def _option_path(create: exp.Create) -> exp.Expr | None:
    for option in create.find_all(exp.Property):
        value = option.args.get("value")
        if option.name.lower() == "path" and isinstance(value, exp.Literal):
            return value
    return None


def _is_temporary(table: exp.Table) -> bool:
    name = table.this
    return isinstance(name, exp.Identifier) and bool(name.args.get("temporary") or name.args.get("global_"))


def _rows_of_columns(values: exp.Values) -> list[exp.Expr]:
    """Return the queries of the rows that are not literal: they hold a subquery, or a field of a record."""
    rows = [row for row in values.expressions if isinstance(row, exp.Tuple) and _has_columns(row)]
    return [exp.Select(expressions=[cell.copy() for cell in row.expressions]) for row in rows]


def _has_columns(row: exp.Tuple) -> bool:
    return row.find(exp.Query) is not None or any(column.table for column in row.find_all(exp.Column))
