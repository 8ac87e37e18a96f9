"""How dialects read the names in a query, where they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from riverhead_sql.reading.dialects import name_of

if TYPE_CHECKING:
    from sqlglot.dialects.dialect import Dialect

_READS_ALIASES_EARLY = frozenset({"duckdb", "snowflake", "redshift", "databricks", "spark", "clickhouse", "teradata"})
_READS_NO_FIELDS = frozenset({"oracle", "tsql", "fabric", "postgres", "mysql", "sqlite", "teradata", "exasol"})
_UNFOLDS_COLUMNS = frozenset({"bigquery", "redshift"})
_OWN_NAMES = {
    "oracle": frozenset({"rownum", "sysdate", "systimestamp", "user", "uid"}),
    "teradata": frozenset({"date", "time", "user", "database"}),
    "hive": frozenset({"grouping__id"}),
    "spark": frozenset({"grouping__id"}),
    "tsql": frozenset({"$action"}),
    "fabric": frozenset({"$action"}),
}


@dataclass(frozen=True, slots=True)
class Habits:
    """What a dialect makes of names."""

    reads_fields: bool = True
    """True where `a.b` may be the field `b` of a column `a`."""
    counts_columns: bool = False
    """True where `$2` is a column by its number; elsewhere it is a value that is filled in."""
    reads_aliases_early: bool = False
    """True where an alias is a name already while the query still reads, as in WHERE."""
    unfolds_columns: bool = False
    """True where `FROM o, o.items` unfolds a column of `o`."""
    opens_structures: bool = False
    """True where the fields of what UNNEST makes go by their own names."""
    own_names: frozenset[str] = frozenset()
    """Names that look like columns and are the database's own."""


GENERAL = Habits()


def habits_of(dialect: Dialect) -> Habits:
    """Return the habits of a dialect."""
    name = name_of(dialect)
    return Habits(
        reads_fields=name not in _READS_NO_FIELDS,
        counts_columns=name == "snowflake",
        reads_aliases_early=name in _READS_ALIASES_EARLY,
        unfolds_columns=name in _UNFOLDS_COLUMNS,
        opens_structures=name == "bigquery",
        own_names=_OWN_NAMES.get(name, frozenset()),
    )
