"""Databases behind JDBC: a table, or the columns of a query that the database itself runs."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from riverhead_emitter import naming
from riverhead_emitter.errors import Unavailable
from riverhead_emitter.facets.dataset import catalog
from riverhead_emitter.model import Dataset, Lineage, Touched, Unresolved
from riverhead_spark.sources.reading import Reading
from riverhead_sql import lineage_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riverhead_emitter.model import Field
    from riverhead_emitter.naming import Database
    from riverhead_spark.plan import Node
    from riverhead_sql.schema_sources import Table

_RELATIONS = {"LogicalRelation": "relation", "DataSourceV2Relation": "table", "DataSourceV2ScanRelation": "table"}
_KINDS = frozenset({"JDBCRelation", "JDBCTable"})
_PART = r"\"[^\"]+\"|`[^`]+`|\[[^\]]+\]|[^\s\"`\[\](),;.']+"
# What `dbtable` holds where it is no query: a name, perhaps quoted in one of the databases' ways.
_NAME = re.compile(rf"\s*(?:{_PART})(?:\.(?:{_PART})){{0,3}}\s*")
_QUOTES = {'"': '"', "`": "`", "[": "]"}
# Where a query's columns go: the leaf that runs it.
_LEAF = Dataset("spark", "leaf")


class _TheirColumns(NamedTuple):
    """Answers for the only table of a query that takes all its columns."""

    names: tuple[str, ...]

    def columns_of(self, tables: Sequence[Table]) -> dict[Dataset, tuple[str, ...]]:
        """Return the same columns for whatever is asked for."""
        return {table.dataset: self.names for table in tables}


def read_database(node: Node, fields: tuple[Field, ...]) -> Reading | None:
    """Return the tables that a JDBC relation reads; None for another leaf."""
    facts = node.facts(_RELATIONS.get(node.name, ""))
    if facts.get("class") not in _KINDS:
        return None
    table = database_table(facts)
    if table is not None:
        return Reading((Touched(table, fields, _catalog_facets(node, facts)),))
    database, source = _database(facts), facts.get("dbtable")
    if database is None or not isinstance(source, str):
        return Reading(unresolved=(Unresolved("JDBC", "where this URL leads is not understood"),))
    return _query(f"select * from {source}", database, fields)  # noqa: S608 - it is parsed, never run


def database_table(facts: Mapping[str, Any]) -> Dataset | None:
    """Return the dataset of a JDBC URL and the name of a table; None for a query, or where the URL does not say."""
    database, name = _database(facts), facts.get("dbtable")
    if database is None or not isinstance(name, str) or not _NAME.fullmatch(name):
        return None
    return database.dataset(tuple(_unquoted(part, database) for part in re.findall(_PART, name)))


def _database(facts: Mapping[str, Any]) -> Database | None:
    url = facts.get("url")
    return naming.database_of_jdbc(url) if isinstance(url, str) else None


def _unquoted(part: str, database: Database) -> str:
    if part[0] in _QUOTES and part[-1] == _QUOTES[part[0]]:
        return part[1:-1]
    return part.upper() if database.is_upper else part


def _query(sql: str, database: Database, fields: tuple[Field, ...]) -> Reading:
    # Without a dialect of its own, a database that keeps names in upper case reads them as Oracle does.
    dialect = database.dialect or ("oracle" if database.is_upper else None)
    try:
        found = lineage_of(sql, default=database, dialect=dialect, result=_LEAF).merged
        if not found.columns and len(found.inputs) == 1:
            # All columns of the only table: Spark knows which these are.
            all_of_them = _TheirColumns(tuple(field.name for field in fields))
            found = lineage_of(sql, default=database, dialect=dialect, result=_LEAF, schema=all_of_them).merged
    except Unavailable as missing:
        return Reading(unresolved=(Unresolved("JDBC", str(missing)),))
    datasets = tuple(replace(touched, fields=touched.fields or ()) for touched in found.inputs)
    query = Lineage(columns=found.columns, datasets=found.datasets)
    return Reading(datasets, query, found.unresolved)


def _catalog_facets(node: Node, facts: Mapping[str, Any]) -> dict[str, Any]:
    name = node.facts("catalog").get("catalog")
    return catalog_facets(name, facts) if isinstance(name, str) else {}


def catalog_facets(name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facet of a table in a JDBC catalog of this name."""
    database = _database(facts)
    address = database.namespace if database is not None else None
    return {"catalog": catalog("jdbc", "jdbc", name, metadata_uri=address, source="spark")}
