"""The answer of acryl-datahub's parser in the neutral form."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from datahub.emitter.mce_builder import make_dataset_urn
from datahub.sql_parsing.schema_resolver import SchemaResolver
from datahub.sql_parsing.split_statements import split_statements
from datahub.sql_parsing.sqlglot_lineage import sqlglot_lineage
from sqlglot import TokenType, tokenize
from sqlglot.dialects import Dialects

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from datahub.sql_parsing.sqlglot_lineage import ColumnLineageInfo, SqlParsingResult

PACKAGE = "acryl-datahub"
# Where its name for a platform is another than sqlglot's for the dialect.
_PLATFORMS = {"tsql": "mssql"}


def run(
    sql: str | Sequence[str], dialect: str, schema: Mapping[str, Sequence[str]], default: Mapping[str, str | None]
) -> dict[str, Any]:
    """Return what `sqlglot_lineage` says of each statement, one after the other."""
    resolver = _resolver(_PLATFORMS.get(dialect, dialect), schema, default)
    answer: dict[str, Any] = {"inputs": [], "outputs": [], "columns": [], "dataset": [], "unresolved": [], "error": ""}
    for text in [sql] if isinstance(sql, str) else sql:
        for statement in _statements(text, dialect):
            _add(answer, sqlglot_lineage(statement, resolver, default.get("db"), default.get("schema")))
    return answer


def _statements(text: str, dialect: str) -> Iterable[str]:
    # Its parser takes one statement, and its splitter is made for T-SQL: elsewhere it cuts within statements.
    if dialect == "tsql":
        return split_statements(text, dialect)
    known = dialect if dialect in {one.value for one in Dialects} else None
    ends = [token.start for token in tokenize(text, read=known) if token.token_type is TokenType.SEMICOLON]
    parts = (text[start:end].strip(" ;") for start, end in itertools.pairwise([0, *ends, len(text)]))
    return [part for part in parts if part.strip()]


def _add(answer: dict[str, Any], found: SqlParsingResult) -> None:
    answer["inputs"] += [_name(urn) for urn in found.in_tables]
    answer["outputs"] += [_name(urn) for urn in found.out_tables]
    answer["columns"] += [_column(column) for column in found.column_lineage or ()]
    answer["dataset"] += [
        [_name(column.table), column.column, "JOIN"] for join in found.joins or () for column in join.columns_involved
    ]
    if found.debug_info.table_error:
        answer["error"] = answer["error"] or str(found.debug_info.table_error)
    elif found.debug_info.column_error:
        answer["unresolved"].append(str(found.debug_info.column_error))


def _column(found: ColumnLineageInfo) -> dict[str, Any]:
    # It tells a copy from what is computed, and no more than that.
    kind = "IDENTITY" if found.logic and found.logic.is_direct_copy else "TRANSFORMATION"
    return {
        "out": found.downstream.column,
        "table": found.downstream.table and _name(found.downstream.table),
        "from": [[_name(source.table), source.column, kind] for source in found.upstreams],
    }


def _resolver(platform: str, schema: Mapping[str, Sequence[str]], default: Mapping[str, str | None]) -> SchemaResolver:
    resolver = SchemaResolver(platform=platform)
    for name, columns in schema.items():
        parts = name.split(".")
        known = [part for part in (default.get("db"), default.get("schema"))[: max(0, 3 - len(parts))] if part]
        # It looks a dataset up as written and then in lower case.
        urn = make_dataset_urn(platform, ".".join([*known, *parts]).lower())
        resolver.add_raw_schema_info(urn, dict.fromkeys(columns, "text"))
    return resolver


def _name(urn: str) -> str:
    return urn.partition(",")[2].rpartition(",")[0]
