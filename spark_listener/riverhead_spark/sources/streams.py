"""Sources of a streaming query: what each reads from, and not what one batch of it found new there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.model import Touched
from riverhead_spark.sources.files import folder
from riverhead_spark.sources.reading import SOURCES, Reading
from riverhead_spark.sources.tables import table_facets, table_of

if TYPE_CHECKING:
    from riverhead_emitter.model import Field
    from riverhead_spark.plan import Node

# Sources that make their rows up.
_GENERATORS = frozenset({"RateStreamMicroBatchStream", "RateStreamContinuousStream", "RatePerMicroBatchStream"})


def read_stream(node: Node, fields: tuple[Field, ...]) -> Reading | None:
    """Return the table or the folder that a stream reads; None for another leaf, and for one without a place."""
    if node.name not in SOURCES:
        return None
    source = node.facts(SOURCES[node.name])
    if source.get("class") in _GENERATORS:
        return Reading()
    table = table_of(node.facts("catalogTable")) or table_of(node.facts("relation"))
    if table is not None and table.dataset is not None:
        return Reading((Touched(table.dataset, fields, table_facets(table)),))
    location = source.get("location")
    if not isinstance(location, str):
        return None
    return Reading((Touched(folder(location), fields),))
