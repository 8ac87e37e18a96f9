"""Which kind of source a leaf is: the one dispatch of all that can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_spark.sources.files import read_files
from riverhead_spark.sources.lakes import read_lake
from riverhead_spark.sources.reading import Reading, fields_of
from riverhead_spark.sources.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from riverhead_emitter.model import Field
    from riverhead_spark.plan import Attribute, Node

# Leaves that read nothing: rows that the query itself spells out.
WITHOUT_DATA = frozenset({"LocalRelation", "OneRowRelation", "Range", "EmptyRelation", "CommandResult"})

# The first that knows a leaf answers; each returns None for what is not its own.
_KINDS: tuple[Callable[[Node, tuple[Field, ...]], Reading | None], ...] = (read_lake, read_table, read_files)


def reads_of(node: Node, attributes: Iterable[Attribute]) -> Reading:
    """Return what a leaf reads; a reading without datasets for a leaf that is not understood."""
    fields = fields_of(attributes)
    for read in _KINDS:
        found = read(node, fields)
        if found is not None:
            return found
    return Reading()
