"""Which dialect a text is read in: the one that is named, its relatives, or whichever understands it."""

from __future__ import annotations

import re
from functools import cache

from sqlglot.dialects.dialect import Dialect

# What people, drivers and other tools call a dialect → what the parser calls it.
_ALSO_CALLED = {
    "ansi": "", "db2": "", "general": "", "generic": "", "sql": "", "awsathena": "athena", "azuresql": "tsql",
    "cockroachdb": "postgres", "delta": "databricks", "gcpbigquery": "bigquery", "greenplum": "postgres",
    "impala": "hive",
    "mariadb": "mysql", "microsoft": "tsql", "mssql": "tsql", "netezza": "postgres", "postgresql": "postgres",
    "prestodb": "presto", "pyspark": "spark", "sparksql": "spark", "spark3": "spark", "sqlserver": "tsql",
    "sybase": "tsql", "synapse": "tsql", "transact-sql": "tsql", "vertica": "postgres", "yugabytedb": "postgres",
}  # fmt: skip
# Where a statement cannot be read in its dialect, these come closest.
_RELATIVES = {
    "athena": ("hive", "trino"),
    "clickhouse": ("mysql",),
    "databricks": ("spark",),
    "hive": ("spark", "databricks"),
    "mysql": ("doris",),
    "presto": ("trino", "spark"),
    "redshift": ("postgres",),
    "spark": ("databricks",),
    "trino": ("spark",),
    "": ("postgres", "spark", "snowflake", "bigquery", "tsql", "mysql", "oracle", "clickhouse", "teradata", "duckdb"),
}
# Tried in this order where nobody names a dialect; the first that understands everything is taken.
TRIED = (
    "",
    "postgres",
    "spark",
    "snowflake",
    "bigquery",
    "tsql",
    "mysql",
    "oracle",
    "clickhouse",
    "teradata",
    "duckdb",
)
# What only one of them writes.
_SIGNS = tuple((re.compile(pattern, re.IGNORECASE | re.MULTILINE), name) for pattern, name in (
    (r"(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+(?:\w+\.){0,3}\[\w|\bTOP\s*\(?\d|#\w+\b|\bN'|@@\w|^[ \t]*GO[ \t\r]*$", "tsql"),
    (r"\bGETDATE\s*\(|\bNOLOCK\b|\bNVARCHAR\b|\b(?:CROSS|OUTER)\s+APPLY\b", "tsql"),
    (r"`[\w-]+\.[\w-]+(?:\.[\w$*-]+)?`|\bSAFE_CAST\b|\bEXCEPT\s*\(|\|>", "bigquery"),
    (r"\bLATERAL\s+FLATTEN\b|\bCOPY\s+INTO\b|\w:\w+(?:\.\w+){0,9}::|@\w+/|\bSWAP\s+WITH\b", "snowflake"),
    (r"\bLATERAL\s+VIEW\b|\bINSERT\s+OVERWRITE\b|\bUSING\s+(?:DELTA|PARQUET)\b", "spark"),
    (r"\bENGINE\s*=\s*\w*MergeTree|\bARRAY\s+JOIN\b|\bGLOBAL\s+(?:ANY\s+)?JOIN\b", "clickhouse"),
    (r"\bIAM_ROLE\b|\bDISTKEY\b|\bSORTKEY\b", "redshift"),
    (r"\(\+\)|\bCONNECT\s+BY\b|\bFROM\s+DUAL\b|\bNVL2?\s*\(|\bSYSDATE\b", "oracle"),
    (r"\bread_(?:parquet|csv|json)\w*\s*\(|\bFROM\s+'[^']+'", "duckdb"),
    (r"`\w+`|\bON\s+DUPLICATE\s+KEY\b|\bSTRAIGHT_JOIN\b", "mysql"),
    (r"\bVOLATILE\s+TABLE\b|\bSEL\s|\bWITH\s+(?:NO\s+)?DATA\b", "teradata"),
))  # fmt: skip


def called(name: str) -> str:
    """Return what the parser calls a dialect."""
    plain = name.strip().lower().partition("+")[0].partition(",")[0]
    return _ALSO_CALLED.get(plain, plain)


@cache
def known_dialect(name: str) -> Dialect | None:
    """Return a dialect, or None if there is none of this name."""
    try:
        return Dialect.get_or_raise(called(name))
    except ValueError:
        return None


def relatives(dialect: Dialect) -> tuple[str, ...]:
    """Return the dialects in which a statement may be read that this one cannot read."""
    name = name_of(dialect)
    return _RELATIVES[name] if name == "" else (*_RELATIVES.get(name, ()), "")


def name_of(dialect: Dialect) -> str:
    """Return a dialect's name; the general one has none."""
    name = type(dialect).__name__.lower()
    return "" if name == "dialect" else name


def is_tsql(dialect: Dialect) -> bool:
    """Return whether a dialect is T-SQL, by whatever name."""
    return name_of(dialect) in {"tsql", "fabric"}


def likely(text: str) -> tuple[str, ...]:
    """Return the dialects that a text's own signs speak for, the likeliest first."""
    return tuple(name for sign, name in _SIGNS if sign.search(text))
