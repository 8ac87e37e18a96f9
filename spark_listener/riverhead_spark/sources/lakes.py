"""Tables of lakes, Delta's and Iceberg's: a folder is their name, and they know their versions."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from riverhead_emitter import naming
from riverhead_emitter.facets.dataset import catalog, dataset_version, storage, symlinks
from riverhead_emitter.model import Lineage, Touched
from riverhead_spark.sources.reading import Reading
from riverhead_spark.sources.tables import SESSION_CATALOG

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from riverhead_emitter.model import Dataset, Field
    from riverhead_spark.plan import Node

DELTA, ICEBERG = "delta", "iceberg"
# By these Iceberg finds rows again; a row-level command reads them beside the table's own columns.
_OF_ROWS = frozenset(
    {"_deleted", "_file", "_last_updated_sequence_number", "_partition", "_pos", "_row_id", "_spec_id"}
)
# Where a leaf keeps what a lake knows of it.
_FIELDS = {
    "CloneTableCommand": "source",
    "DataSourceV2Relation": "table",
    "DataSourceV2ScanRelation": "table",
    "LogicalRelation": "relation",
    "ResolvedTable": "table",
    "RestoreTableCommand": "sourceTable",
}


@dataclass(frozen=True, slots=True)
class Lake:
    """A table of a lake: its folder, the name by which SQL knows it, and its facets but for the version."""

    kind: str
    dataset: Dataset
    name: str = ""
    facets: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None
    is_metadata: bool = False


def read_lake(node: Node, fields: tuple[Field, ...]) -> Reading | None:
    """Return the table of a lake that a leaf reads, in the version that is read; None for another leaf."""
    paths = (node.facts("relation") or node.facts("files")).get("paths") or ()
    if paths and all("/_delta_log" in str(path) for path in paths):
        # A table's own log, which Delta reads to know the table.
        return Reading()
    lake = lake_of(node)
    if lake is None:
        return None
    if lake.is_metadata:
        # What a table tells of itself are no columns of it.
        datasets = (Touched(lake.dataset, (), lake.facets),)
        return Reading(datasets, Lineage(inputs=datasets))
    fields = tuple(field for field in fields if lake.kind == DELTA or field.name not in _OF_ROWS)
    version = {} if lake.version is None else {"version": dataset_version(str(lake.version))}
    return Reading((Touched(lake.dataset, fields, {**lake.facets, **version}),))


def lake_of(node: Node) -> Lake | None:
    """Return the table of a lake that a leaf stands for; None for another leaf."""
    facts = node.facts(_FIELDS.get(node.name, ""))
    kind, path = facts.get("lake"), facts.get("path")
    if not isinstance(kind, str) or not isinstance(path, str):
        return None
    called = node.facts("catalogTable").get("table", facts.get("table"))
    version = node.fields.get("snapshot", facts.get("version"))
    is_metadata = bool(facts.get("isMetadata"))
    name = name_in_sql(kind, called, node.facts("inCatalog"))
    name = name.rpartition(".")[0] if is_metadata else name
    facets = lake_facets(kind, path, name, node.facts("inCatalog"))
    known_version = version if isinstance(version, int) else None
    return Lake(kind, naming.location(path), name, facets, known_version, is_metadata=is_metadata)


def lake_facets(kind: str, path: str, name: str, catalog_facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is true of a table of this lake in all its versions; `name` is empty for a folder without one."""
    facets: dict[str, Any] = {"storage": storage(kind, "parquet" if kind == DELTA else None)}
    if name:
        facets["symlinks"] = symlinks([(_warehouse(naming.location(path), name), name, "TABLE")])
        facets["catalog"] = _catalog(kind, name, catalog_facts)
    return facets


def name_in_sql(kind: str, called: object, facts: Mapping[str, Any]) -> str:
    """Return the name by which SQL knows a table of a lake; empty where it is known by its folder alone."""
    if not isinstance(called, str) or "/" in called:
        return ""
    # As the official agent has it: without the session's catalog, and without one whose warehouse is the namespace.
    return called.removeprefix(f"{facts.get('catalog') if kind == ICEBERG else SESSION_CATALOG}.")


def _warehouse(folder: Dataset, name: str) -> str:
    """Return the folder that holds the table's, as the namespace of names in it."""
    path, levels = posixpath.dirname(folder.name), name.split(".")[:-1]
    while levels and posixpath.basename(path) == levels.pop():
        path = posixpath.dirname(path)
    path = path.strip("/")
    return f"{folder.namespace}:/{path}" if folder.namespace == "file" else f"{folder.namespace}/{path}"


def _catalog(kind: str, name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    known = {key: value for key, value in facts.items() if isinstance(value, str)}
    if kind == DELTA:
        # A table of Delta is called by its catalog, its schema and its own name.
        named = name.partition(".")[0] if name.count(".") > 1 else SESSION_CATALOG
        return catalog(DELTA, DELTA, named, source="spark")
    named = known.get("catalog", SESSION_CATALOG)
    return catalog(ICEBERG, known.get("type", "hive"), named, warehouse_uri=known.get("warehouse"), source="spark")
