"""Rows on their way, and the parts of a statement that say where from and where to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Move:
    """Rows on their way: from a query or from files, into a table or a file, or into nothing that has a name."""

    query: exp.Expr | None = None
    target: exp.Table | None = None
    target_path: str = ""
    source_paths: tuple[str, ...] = ()
    alike: exp.Table | None = None
    """The table whose structure the target takes: CREATE TABLE … LIKE."""
    columns: tuple[exp.Expr, ...] = ()
    """The target's columns that the statement lists or declares, in the query's order."""
    is_new: bool = False
    """True if the target takes its columns' names from the query."""
    is_temporary: bool = False
    lifecycle: str = ""
    """What becomes of the target as a whole, in OpenLineage's words."""


CHANGED = "riverhead_changed"
"""Marks a table that a query names only because the statement changes its rows."""


def unfold_pivot_statements(query: exp.Expr) -> None:
    """DuckDB's PIVOT t ON … in a query's place: what it makes is only known when it runs, what it reads is."""
    for pivot in [each for each in query.find_all(exp.Pivot) if each.arg_key == "this" and each.this is not None]:
        pivot.replace(query_of_pivot(pivot))


def query_of_pivot(pivot: exp.Pivot) -> exp.Select:
    """Return a PIVOT that is a statement as a query of everything that it makes."""
    table: exp.Expr = pivot.this.copy()
    table.set("pivots", [exp.Pivot(unpivot=pivot.args.get("unpivot"))])
    return exp.Select(expressions=[exp.Star()], from_=exp.From(this=table))


def unfold_streams(query: exp.Expr) -> None:
    """Databricks' STREAM t reads t."""
    for stream in list(query.find_all(exp.Stream)):
        table = stream.this.unnest()
        if isinstance(table, exp.Table):
            stream.replace(table)


def target_of(node: exp.Expr | None) -> tuple[exp.Table | None, tuple[exp.Expr, ...]]:
    """Return the table that a statement writes and the columns that it lists."""
    if isinstance(node, exp.Schema):
        listed = (column for column in node.expressions if isinstance(column, (exp.Identifier, exp.ColumnDef)))
        return target_of(node.this)[0], tuple(listed)
    return (node, ()) if isinstance(node, exp.Table) else (None, ())


def bare(query: exp.Expr) -> exp.Expr:
    """Return the query inside parentheses that add nothing."""
    while isinstance(query, exp.Subquery) and not any(value for key, value in query.args.items() if key != "this"):
        query = query.this
    return query


def with_ctes(statement: exp.Expr, query: exp.Expr) -> exp.Expr:
    """Give the query the CTEs that stand before the statement."""
    before = statement.args.get("with_")
    if before is not None:
        put_before(query, before.expressions, before)
    return query


def put_before(query: exp.Expr, ctes: Sequence[exp.Expr], around: exp.With) -> None:
    """Give a query, or a write, some CTEs of a WITH round it before its own."""
    own = query.args.get("with_")
    expressions = [cte.copy() for cte in ctes] + (own.expressions if own is not None else [])
    query.set("with_", exp.With(expressions=expressions, recursive=around.recursive or (own and own.recursive)))
