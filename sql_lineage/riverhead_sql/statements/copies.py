"""COPY, UNLOAD, LOAD and EXPORT: rows between tables and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_sql.statements.files import literal_paths
from riverhead_sql.statements.move import Move, bare, target_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def copies_of(statement: exp.Copy | exp.Export | exp.LoadData) -> Iterator[Move]:
    """Yield what a statement moves between tables and files."""
    if isinstance(statement, exp.LoadData):
        yield _loaded(statement)
    elif isinstance(statement, exp.Export):
        path = next(iter(_option_paths(statement.args.get("options"), {"uri"})), "")
        yield Move(bare(statement.this), target_path=path, is_new=True)
    elif statement.args.get("kind"):
        yield _copied_in(statement)
    else:
        yield _copied_out(statement)


def _loaded(load: exp.LoadData) -> Move:
    """LOAD DATA INPATH '…' INTO TABLE t; BigQuery's LOAD DATA INTO t FROM FILES (uris = […])."""
    paths = [*literal_paths(load.args.get("inpath")), *_option_paths(load.args.get("files"), {"uris"})]
    target, columns = target_of(load.this)
    lifecycle = "OVERWRITE" if load.args.get("overwrite") else ""
    return Move(None, target, source_paths=tuple(paths), columns=columns, lifecycle=lifecycle)


def _copied_in(copy: exp.Copy) -> Move:
    """COPY t FROM '…'; Snowflake's COPY INTO a table from a stage or a query over one, or into a stage."""
    files = copy.args.get("files") or []
    paths = [path for file in files for path in literal_paths(file)]
    target_path = next(literal_paths(copy.this), "")
    target, columns = (None, ()) if target_path else target_of(copy.this)
    query = next((_source(file) for file in files if not list(literal_paths(file))), None)
    if query is None:
        return Move(None, target, target_path, tuple(paths), columns=columns)
    return Move(query, target, target_path, columns=columns, is_new=bool(target_path))


def _copied_out(copy: exp.Copy) -> Move:
    paths = [path for file in copy.args.get("files") or [] for path in literal_paths(file)]
    if isinstance(copy.this, exp.Subquery):
        query: exp.Expr = bare(copy.this)
    else:
        source, columns = target_of(copy.this)
        listed = [exp.column(column.copy()) for column in columns if isinstance(column, exp.Identifier)]
        query = exp.Select(expressions=listed or [exp.Star()]).from_(source or copy.this)
    return Move(query, target_path=paths[0] if paths else "", is_new=bool(paths))


def _source(file: exp.Expr) -> exp.Expr | None:
    if isinstance(file, exp.Subquery):
        return bare(file)
    if isinstance(file, exp.Table):
        return exp.Select(expressions=[exp.Star()]).from_(file)
    return None


def _option_paths(options: object, wanted: set[str]) -> Iterator[str]:
    for option in options.expressions if isinstance(options, exp.Properties) else ():
        if isinstance(option, exp.Property) and option.name.lower() in wanted:
            yield from literal_paths(option.args.get("value"))
