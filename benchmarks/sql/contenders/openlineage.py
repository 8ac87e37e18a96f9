"""openlineage-sql's answer in the neutral form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openlineage_sql import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PACKAGE = "openlineage-sql"
# Where its name for a dialect is another than sqlglot's.
_DIALECTS = {"tsql": "mssql", "spark": "databricks"}


def run(
    sql: str | Sequence[str],
    dialect: str,
    schema: Mapping[str, Sequence[str]],  # noqa: ARG001 - it takes none
    default: Mapping[str, str | None],
) -> dict[str, Any]:
    """Return what `parse` says of a text."""
    texts = [sql] if isinstance(sql, str) else list(sql)
    found = parse(texts, dialect=_DIALECTS.get(dialect, dialect), default_schema=default.get("schema"))
    if found is None:
        return {"error": "no answer"}
    return {
        "inputs": [table.qualified_name for table in found.in_tables],
        "outputs": [table.qualified_name for table in found.out_tables],
        "columns": [
            {
                "out": column.descendant.name,
                "from": [[source.origin and source.origin.qualified_name, source.name] for source in column.lineage],
            }
            for column in found.column_lineage
        ],
        "error": "; ".join(error.message for error in found.errors),
    }
