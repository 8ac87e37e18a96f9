"""Tables of a catalog that have a location, which is their name; what SQL calls them is a symlink to it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from riverhead_emitter.facets.dataset import symlinks
from riverhead_emitter.model import Touched
from riverhead_spark.sources.files import folder
from riverhead_spark.sources.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from riverhead_emitter.model import Field
    from riverhead_spark.plan import Node, Table

# Where a leaf keeps the table that a catalog knows.
_TABLE_FIELDS = {
    "LogicalRelation": "catalogTable",
    "HiveTableRelation": "tableMeta",
    "DataSourceV2Relation": "table",
    "DataSourceV2ScanRelation": "table",
}


def read_table(node: Node, fields: tuple[Field, ...]) -> Reading | None:
    """Return the table that a leaf reads; None for another leaf, and for a table without a location."""
    table = node.table(_TABLE_FIELDS.get(node.name, ""))
    if table is None or table.location is None:
        return None
    return Reading((Touched(folder(table.location), fields, table_facets(table)),))


def table_facets(table: Table) -> Mapping[str, Any]:
    """Return the facets of a table that is named by its location: the name by which SQL knows it."""
    if table.location is None:
        return {}
    place = folder(table.location)
    # The official agent's form: the table in the warehouse that holds its folder.
    warehouse = posixpath.dirname(place.name).strip("/")
    namespace = f"{place.namespace}:/{warehouse}" if place.namespace == "file" else f"{place.namespace}/{warehouse}"
    return {"symlinks": symlinks([(namespace, table.name, "TABLE")])}
