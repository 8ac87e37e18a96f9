"""What sqlglot's own `lineage` and scopes say, used as its documentation shows; in the neutral form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import exp
from sqlglot.dialects import Dialects
from sqlglot.lineage import lineage
from sqlglot.optimizer.scope import traverse_scope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PACKAGE = "sqlglot"


def run(
    sql: str | Sequence[str], dialect: str, schema: Mapping[str, Sequence[str]], default: Mapping[str, str | None]
) -> dict[str, Any]:
    """Return what is found in each statement, one after the other."""
    known = dialect if dialect in {one.value for one in Dialects} else None
    answer: dict[str, Any] = {"inputs": [], "outputs": [], "columns": []}
    for text in [sql] if isinstance(sql, str) else sql:
        for tree in sqlglot.parse(text, read=known):
            if tree is not None:
                _add(answer, tree, known, _nested(schema, default), default)
    return answer


def _add(
    answer: dict[str, Any],
    tree: exp.Expr,
    dialect: str | None,
    schema: dict[str, Any],
    default: Mapping[str, str | None],
) -> None:
    target = tree.find(exp.Table) if isinstance(tree, (exp.DDL, exp.DML)) else None
    query = tree if isinstance(tree, exp.Query) else tree.args.get("expression")
    query = query.unnest() if isinstance(query, exp.Subquery) else query
    if target:
        answer["outputs"].append(_name(target))
    if not isinstance(query, exp.Query):
        others = [table for table in tree.find_all(exp.Table) if target and table is not target]
        answer["inputs"] += [_name(table) for table in others]
        return
    if isinstance(tree, exp.DML) and tree.args.get("with_"):
        query = query.copy()
        query.set("with_", tree.args["with_"])
    for scope in traverse_scope(query):
        answer["inputs"] += [_name(table) for table in scope.sources.values() if isinstance(table, exp.Table)]
    given = [one.name for one in tree.this.expressions] if isinstance(tree.this, exp.Schema) else []
    found = lineage(None, query, schema, dialect=dialect, db=default.get("schema"), catalog=default.get("db"))
    for at, (name, node) in enumerate(found.items()):
        sources = [
            [_name(leaf.expression), exp.to_column(leaf.name).name]
            for leaf in node.walk()
            if not leaf.downstream and isinstance(leaf.expression, exp.Table)
        ]
        out = given[at] if at < len(given) else name
        answer["columns"].append({"out": out, "table": target and _name(target), "from": sources})


def _name(table: exp.Expr) -> str:
    return ".".join(part.name for part in table.parts) if isinstance(table, exp.Table) else ""


def _nested(schema: Mapping[str, Sequence[str]], default: Mapping[str, str | None]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, columns in schema.items():
        parts = name.split(".")
        defaults = [part for part in (default.get("db"), default.get("schema")) if part]
        inner = nested
        for part in [*defaults[: max(0, 3 - len(parts))], *parts]:
            inner = inner.setdefault(part, {})
        inner.update(dict.fromkeys(columns, "text"))
    return nested
