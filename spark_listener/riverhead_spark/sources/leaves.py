"""Which kind of source a leaf is: the one dispatch of all that can be read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from riverhead_emitter.facets.dataset import data_source
from riverhead_emitter.model import Unresolved
from riverhead_spark.plan import CUT_OFF
from riverhead_spark.sources.files import read_files
from riverhead_spark.sources.jdbc import read_database
from riverhead_spark.sources.kafka import read_kafka
from riverhead_spark.sources.lakes import read_lake
from riverhead_spark.sources.rdds import read_rdd
from riverhead_spark.sources.reading import Reading, fields_of
from riverhead_spark.sources.streams import read_stream
from riverhead_spark.sources.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from riverhead_emitter.model import Field, Touched
    from riverhead_spark.plan import Attribute, Node

# Leaves that read nothing: rows that the query itself spells out.
_WITHOUT_DATA = frozenset({"CommandResult", "EmptyRelation", "LocalRelation", "OneRowRelation", "Range", CUT_OFF})
_NOT_UNDERSTOOD = "this source is not understood yet; its columns end here"
# The first that knows a leaf answers; each returns None for what is not its own.
_KINDS: tuple[Callable[[Node, tuple[Field, ...]], Reading | None], ...] = (
    read_lake,
    read_database,
    read_table,
    read_files,
    read_stream,
    read_kafka,
    read_rdd,
)


def reads_of(node: Node, attributes: Iterable[Attribute]) -> Reading:
    """Return what a leaf reads; a leaf that is not understood is named."""
    fields = fields_of(attributes)
    for read in _KINDS:
        found = read(node, fields)
        if found is not None:
            return replace(found, datasets=tuple(map(with_source, found.datasets)))
    if node.name in _WITHOUT_DATA:
        return Reading()
    kind = node.facts("relation").get("class") or node.facts("table").get("class") or node.name
    return Reading(unresolved=(Unresolved(str(kind), _NOT_UNDERSTOOD),))


def with_source(touched: Touched) -> Touched:
    """Return a dataset with the facet that says which store it lies in."""
    namespace = touched.dataset.namespace
    return replace(touched, facets={"dataSource": data_source(namespace, namespace), **touched.facets})
