"""sqllineage's answer in the neutral form."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from sqllineage.config import SQLLineageConfig
from sqllineage.core.metadata.dummy import DummyMetaDataProvider
from sqllineage.runner import LineageRunner

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PACKAGE = "sqllineage"
# Where its name for a dialect is another than sqlglot's; Presto has none of its own.
_DIALECTS = {"spark": "sparksql", "presto": "trino"}
# Where a SELECT may use the names that it has just given; its documentation leaves that to a setting.
_NAMES_ARE_REUSED = {"databricks", "redshift", "snowflake", "spark"}


def run(
    sql: str | Sequence[str], dialect: str, schema: Mapping[str, Sequence[str]], default: Mapping[str, str | None]
) -> dict[str, Any]:
    """Return what `LineageRunner` says of a text."""
    text = sql if isinstance(sql, str) else ";\n".join(sql)
    # Without a schema of its own it finds no column of a dataset whose name has one part.
    home = ".".join(part for part in (default.get("db"), default.get("schema")) if part) or "home"
    known = {name if "." in name else f"{home}.{name}": list(columns) for name, columns in schema.items()}
    with (
        warnings.catch_warnings(record=True, action="always") as said,
        SQLLineageConfig(
            DEFAULT_SCHEMA=home,
            TSQL_NO_SEMICOLON=dialect == "tsql",
            LATERAL_COLUMN_ALIAS_REFERENCE=dialect in _NAMES_ARE_REUSED,
        ),
    ):
        runner = LineageRunner(
            text,
            dialect=_DIALECTS.get(dialect, dialect),
            metadata_provider=DummyMetaDataProvider(known),
            silent_mode=True,
        )
        return {**_neutral(runner), "unresolved": [str(warning.message) for warning in said]}


def _neutral(runner: LineageRunner) -> dict[str, Any]:
    columns: dict[tuple[str, str], list[list[Any]]] = {}
    for path in runner.get_column_lineage():
        source, target = path[0], path[-1]
        columns.setdefault((target.raw_name, str(target.parent)), []).append([_table_of(source), source.raw_name])
    return {
        "inputs": [str(table) for table in runner.source_tables],
        "outputs": [str(table) for table in runner.target_tables],
        "columns": [{"out": name, "table": table, "from": sources} for (name, table), sources in columns.items()],
    }


def _table_of(column: Any) -> str | None:
    # A column that may be of several tables has no parent.
    return str(column.parent) if column.parent else None
