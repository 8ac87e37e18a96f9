"""Where each kind of database keeps the columns of its tables, and how it is asked for them."""

from __future__ import annotations

from typing import NamedTuple

_INFORMATION_SCHEMA = (
    "SELECT table_schema, table_name, column_name FROM {place}information_schema.columns "
    "WHERE {tables} ORDER BY ordinal_position"
)
# In capitals, as a server that minds case has them.
_IN_CAPITALS = (
    "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME FROM {place}INFORMATION_SCHEMA.COLUMNS "
    "WHERE {tables} ORDER BY ORDINAL_POSITION"
)
_EXACTLY = "(table_schema = {} AND table_name = {})"
_IN_ANY_CASE = "(lower(table_schema) = {} AND lower(table_name) = {})"
_CATALOG_AND_SCHEMA = "SELECT current_database(), current_schema()"


class Dictionary(NamedTuple):
    """One kind of database's own record of its columns.

    `question` yields rows of schema, name and column, in the columns' order, for `tables`, which is one `condition` for
    each table. No `%`, `?` or `:` stands in any of them: to some driver each of these announces a value.
    """

    question: str = _INFORMATION_SCHEMA
    condition: str = _EXACTLY
    # The parts of a name whose values the condition takes.
    compared: tuple[str, ...] = ("schema", "name")
    between: str = " OR "
    # The parts of a name that no value can stand for, because they are part of the identifier of the place.
    place: tuple[str, ...] = ()
    quotes: str = '"'
    # Rows of catalog and schema: where a name that lacks them is looked for, the first first.
    path: str = ""
    ignores_case: bool = False


_POSTGRES = Dictionary(
    # information_schema leaves materialised views out, and whatever belongs to a role that this one is no member of.
    question=(
        "SELECT n.nspname, c.relname, a.attname FROM pg_catalog.pg_attribute a "
        "JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND ({tables}) "
        "ORDER BY a.attnum"
    ),
    condition="(current_database() = {} AND n.nspname = {} AND c.relname = {})",
    compared=("catalog", "schema", "name"),
    path="SELECT current_database(), unnest(current_schemas(false))",
)
_ONE_CATALOG = Dictionary(
    condition="(lower(table_catalog) = {} AND lower(table_schema) = {} AND lower(table_name) = {})",
    compared=("catalog", "schema", "name"),
    path=_CATALOG_AND_SCHEMA,
    ignores_case=True,
)
_MYSQL = Dictionary(path="SELECT NULL, database()")
_TRINO = Dictionary(
    condition=_IN_ANY_CASE, place=("catalog",), path="SELECT current_catalog, current_schema", ignores_case=True
)
_SQLITE = Dictionary(
    # A hidden column of a virtual table is no part of `*`; a generated one is.
    question=(
        "SELECT asked.column1, asked.column2, c.name FROM (VALUES {tables}) AS asked "
        "JOIN pragma_table_xinfo(asked.column2, asked.column1) AS c WHERE c.hidden <> 1 ORDER BY c.cid"
    ),
    condition="({}, {})",
    between=", ",
    path="SELECT NULL, name FROM pragma_database_list ORDER BY name <> 'temp', seq",
    ignores_case=True,
)

# By what sqlglot calls the dialect. Hive and Spark have no such record that SQL can ask.
DICTIONARIES = {
    "athena": _TRINO,
    "bigquery": Dictionary(
        question=_IN_CAPITALS,
        condition="(lower(TABLE_NAME) = {})",
        compared=("name",),
        place=("catalog", "schema"),
        quotes="`",
        ignores_case=True,
    ),
    "clickhouse": Dictionary(
        question=(
            "SELECT database, table, name FROM system.columns WHERE ({tables}) "
            "AND default_kind NOT IN ('MATERIALIZED', 'ALIAS', 'EPHEMERAL') ORDER BY position"
        ),
        condition="(database = {} AND table = {})",
        path="SELECT NULL, currentDatabase()",
    ),
    "databricks": Dictionary(
        condition=_IN_ANY_CASE,
        place=("catalog",),
        quotes="`",
        path="SELECT current_catalog(), current_schema()",
        ignores_case=True,
    ),
    "duckdb": _ONE_CATALOG,
    "mariadb": _MYSQL,
    "mysql": _MYSQL,
    "oracle": Dictionary(
        question=(
            "SELECT owner, table_name, column_name FROM all_tab_columns "
            "WHERE column_id IS NOT NULL AND ({tables}) ORDER BY column_id"
        ),
        condition="(owner = {} AND table_name = {})",
        path="SELECT NULL, sys_context('USERENV', 'CURRENT_SCHEMA') FROM dual",
    ),
    "postgres": _POSTGRES,
    # current_catalog and current_schema are Trino's alone.
    "presto": _TRINO._replace(path=""),
    "redshift": _ONE_CATALOG,
    "snowflake": Dictionary(place=("catalog",), path=_CATALOG_AND_SCHEMA),
    "sqlite": _SQLITE,
    "teradata": Dictionary(
        question=("SELECT DatabaseName, TableName, ColumnName FROM DBC.ColumnsV WHERE {tables} ORDER BY ColumnId"),
        condition="(lower(DatabaseName) = {} AND lower(TableName) = {})",
        path="SELECT NULL, DATABASE",
        ignores_case=True,
    ),
    "trino": _TRINO,
    "tsql": Dictionary(
        question=_IN_CAPITALS,
        condition="(lower(TABLE_SCHEMA) = {} AND lower(TABLE_NAME) = {})",
        place=("catalog",),
        quotes="[]",
        path="SELECT db_name(), schema_name()",
        ignores_case=True,
    ),
}
