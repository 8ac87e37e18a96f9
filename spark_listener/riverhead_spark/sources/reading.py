"""What a leaf reads, as every kind of source says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from riverhead_spark.sources.types import field_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riverhead_emitter.model import Field, Lineage, Touched, Unresolved
    from riverhead_spark.plan import Attribute

# Where a leaf of a streaming query keeps what it reads: a source of the first kind, a stream of the second.
SOURCES = {
    "StreamingExecutionRelation": "source",
    "StreamingDataSourceV2Relation": "stream",
    "StreamingDataSourceV2ScanRelation": "stream",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """The datasets that a leaf reads; each has the leaf's columns, unless `query` says how they were made.

    `query` is the lineage of what the source itself runs (a database's SELECT, say): its output's columns are the
    leaf's, by their names.
    """

    datasets: tuple[Touched, ...] = ()
    query: Lineage | None = None
    unresolved: tuple[Unresolved, ...] = ()


def fields_of(attributes: Iterable[Attribute]) -> tuple[Field, ...]:
    """Return attributes as the fields of a schema."""
    return tuple(field_of(attribute.name, attribute.type) for attribute in attributes)
