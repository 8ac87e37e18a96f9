"""Leaves of a plan → the datasets they read. Pure."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from riverhead_emitter import naming
from riverhead_emitter.facets.dataset import symlinks
from riverhead_emitter.model import Field, Touched

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from riverhead_emitter.model import Dataset
    from riverhead_spark.plan import Attribute, Node, Table

# Leaves that read nothing: rows that the query itself spells out.
WITHOUT_DATA = frozenset({"LocalRelation", "OneRowRelation", "Range", "EmptyRelation", "CommandResult"})

# Where a leaf keeps the table that a catalog knows.
_TABLE_FIELDS = {
    "LogicalRelation": "catalogTable",
    "HiveTableRelation": "tableMeta",
    "DataSourceV2Relation": "table",
    "DataSourceV2ScanRelation": "table",
}


def reads_of(node: Node, attributes: Iterable[Attribute]) -> tuple[Touched, ...]:
    """Return what a leaf reads, one dataset for each of its paths; nothing for a leaf that is not understood."""
    fields = fields_of(attributes)
    table = node.table(_TABLE_FIELDS.get(node.name, ""))
    if table is not None and table.location is not None:
        return (Touched(folder(table.location), fields, table_facets(table)),)
    if node.name != "LogicalRelation":
        return ()
    return tuple(Touched(dataset, fields) for dataset in dict.fromkeys(map(folder, node.paths("relation"))))


def folder(uri: str) -> Dataset:
    """Return the dataset of a path without the directories of its partitions."""
    dataset = naming.location(uri)
    name = dataset.name
    while "=" in posixpath.basename(name) and posixpath.dirname(name) not in {"", "/"}:
        name = posixpath.dirname(name)
    return type(dataset)(dataset.namespace, name)


def table_facets(table: Table) -> Mapping[str, Any]:
    """Return the facets of a table that is named by its location: the name by which SQL knows it."""
    if table.location is None:
        return {}
    place = folder(table.location)
    # The official agent's form: the table in the warehouse that holds its folder.
    warehouse = posixpath.dirname(place.name).strip("/")
    namespace = f"{place.namespace}:/{warehouse}" if place.namespace == "file" else f"{place.namespace}/{warehouse}"
    return {"symlinks": symlinks([(namespace, table.name, "TABLE")])}


def fields_of(attributes: Iterable[Attribute]) -> tuple[Field, ...]:
    """Return attributes as the fields of a schema."""
    return tuple(Field(attribute.name, attribute.type) for attribute in attributes)
