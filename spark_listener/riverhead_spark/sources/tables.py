"""Tables and views of a session's catalog: a location is a table's name, what SQL calls it is a symlink to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from riverhead_emitter import naming
from riverhead_emitter.facets.dataset import catalog, dataset_type, symlinks
from riverhead_emitter.model import Touched
from riverhead_spark.sources.files import folder, format_facets
from riverhead_spark.sources.jdbc import database_table
from riverhead_spark.sources.reading import Reading
from riverhead_spark.sources.types import field_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverhead_emitter.model import Dataset, Field
    from riverhead_spark.plan import Node

# Where a leaf keeps the table that a catalog knows.
_TABLE_FIELDS = {
    "LogicalRelation": "catalogTable",
    "HiveTableRelation": "tableMeta",
    "DataSourceV2Relation": "table",
    "DataSourceV2ScanRelation": "table",
}
SESSION_CATALOG = "spark_catalog"


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view as its catalog describes it; one that the catalog does not know has neither kind nor location."""

    name: str
    kind: str | None = None
    location: str | None = None
    provider: str | None = None
    columns: tuple[Field, ...] = ()
    warehouse: str | None = None
    metastore: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def dataset(self) -> Dataset | None:
        """What the table is called; None where nobody says where it lies."""
        if self.options.get("url"):
            return database_table(self.options)
        if self.location is not None:
            return folder(self.location)
        return self.symlink if self.kind == "VIEW" else None

    @property
    def symlink(self) -> Dataset | None:
        """What SQL calls the table: its name in the metastore, or else in the warehouse."""
        database, dot, table = self.name.rpartition(".")
        if self.metastore and dot:
            return naming.metastore_table(self.metastore, database, table)
        # A table of another catalog lies in a warehouse that only its own folder tells.
        place = f"{self.warehouse}/{table}" if self.warehouse else self.location
        return naming.warehouse_table(place, self.name) if place else None


def read_table(node: Node, fields: tuple[Field, ...]) -> Reading | None:
    """Return the table that a leaf reads; None for another leaf, and for a table without a location."""
    table = table_of(node.facts(_TABLE_FIELDS.get(node.name, "")))
    dataset = table.dataset if table is not None else None
    return Reading((Touched(dataset, fields, table_facets(table)),)) if table is not None and dataset else None


def table_of(facts: Mapping[str, Any]) -> Table | None:
    """Return the table that a field of an operator describes."""
    name, columns, options = facts.get("table"), facts.get("columns"), facts.get("options")
    if not isinstance(name, str):
        return None
    return Table(
        name.removeprefix(f"{SESSION_CATALOG}."),
        _text(facts, "type"),
        _text(facts, "location"),
        _text(facts, "provider"),
        tuple(field_of(*column) for column in columns) if isinstance(columns, list) else (),
        _text(facts, "warehouse"),
        _text(facts, "metastore"),
        options if isinstance(options, dict) else {},
    )


def table_facets(table: Table) -> dict[str, Any]:
    """Return the facets of a table: what SQL calls it, what kind it is and which catalog knows it."""
    facets: dict[str, Any] = {}
    if table.symlink is not None and table.symlink != table.dataset:
        facets["symlinks"] = symlinks([(table.symlink.namespace, table.symlink.name, "TABLE")])
    if table.kind == "VIEW":
        facets["datasetType"] = dataset_type("VIEW")
    if table.location is not None:
        facets.update(format_facets(table.provider))
    if table.metastore is not None:
        facets["catalog"] = _hive(table)
    return facets


def _hive(table: Table) -> dict[str, Any]:
    metastore = naming.metastore_table(table.metastore, "", "").namespace if table.metastore else None
    return catalog("hive", "hive", "default", metadata_uri=metastore, warehouse_uri=table.warehouse, source="spark")


def _text(facts: Mapping[str, Any], name: str) -> str | None:
    value = facts.get(name)
    return value if isinstance(value, str) else None
