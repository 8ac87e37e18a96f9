"""A query made ready for the walk: names folded, relations named, recursion known, long chains flat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.errors import OptimizeError
from sqlglot.optimizer.qualify import qualify

from riverhead_sql.reading.dialects import name_of

if TYPE_CHECKING:
    from sqlglot.dialects.dialect import Dialect

    from riverhead_sql.deadline import Deadline

_MOST_CHAINED = 100
# Compiled passes recurse in C: past some ten thousand levels they would take the process with them.
_MOST_LEVELS = 2_000
_MOST_JOINED = 2_000
_RECURSES_SILENTLY = frozenset({"", "oracle", "tsql", "fabric", "teradata", "snowflake"})


def prepared(query: exp.Expr, dialect: Dialect, deadline: Deadline) -> exp.Expr:
    """Return a query whose names are folded and whose relations all have one."""
    deadline.check()
    _flatten_chains(query)
    if _is_too_deep(query):
        raise OptimizeError("it is nested too deeply")
    _know_recursion(query, dialect)
    qualified = qualify(
        query,
        dialect=dialect,
        qualify_columns=False,
        validate_qualify_columns=False,
        quote_identifiers=False,
        identify=False,
    )
    deadline.check()
    return qualified


def _know_recursion(query: exp.Expr, dialect: Dialect) -> None:
    """Where RECURSIVE is not written, a CTE refers to itself in a later part of its union."""
    if name_of(dialect) not in _RECURSES_SILENTLY:
        return
    for cte in query.find_all(exp.CTE):
        if isinstance(cte.this, exp.SetOperation) and isinstance(cte.parent, exp.With):
            later = cte.this.expression.find_all(exp.Table)
            if any(table.name.lower() == cte.alias.lower() and not table.db for table in later):
                cte.parent.set("recursive", True)


def _flatten_chains(query: exp.Expr) -> None:
    """Replace each operator chain of more than a hundred links by the list of its terms.

    What walks up from each column would need the chain's length squared. The terms keep how they use their columns;
    only the chain's text is lost, which nobody could read.
    """
    for chain in [node for node in query.find_all(exp.Binary) if not _continues(node) and _is_long(node)]:
        chain.replace(exp.Tuple(expressions=_terms(chain)))


def _is_too_deep(query: exp.Expr) -> bool:
    """Return whether what is left is still more than compiled passes can walk."""
    waiting = [(query, 0)]
    while waiting:
        node, level = waiting.pop()
        if level > _MOST_LEVELS or len(node.args.get("joins") or ()) > _MOST_JOINED:
            return True
        waiting += [(child, level + 1) for child in node.iter_expressions()]
    return False


def _continues(node: exp.Expr) -> bool:
    return isinstance(node.parent, exp.Binary) and node.arg_key == "this"


def _is_long(node: exp.Expr) -> bool:
    link: exp.Expr | None = node
    for _ in range(_MOST_CHAINED):
        link = link.this if link is not None and isinstance(link.this, exp.Binary) else None
    return link is not None


def _terms(chain: exp.Expr) -> list[exp.Expr]:
    terms: list[exp.Expr] = []
    node: exp.Expr = chain
    while isinstance(node, exp.Binary):
        terms.append(node.expression)
        node = node.this
    terms.append(node)
    return terms[::-1]
