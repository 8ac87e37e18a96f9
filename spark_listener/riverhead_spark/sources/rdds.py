"""RDDs: the files that they read. They keep no columns, and what their functions do is not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.model import Touched, Unresolved
from riverhead_spark.sources.files import folder
from riverhead_spark.sources.reading import Reading

if TYPE_CHECKING:
    from riverhead_emitter.model import Field
    from riverhead_spark.plan import Node

RDD = "Rdd"
_WITHOUT_COLUMNS = Unresolved("LogicalRDD", "these rows come from an RDD or from the program; their columns end here")
# What a program has at hand, and what it draws or counts.
_OF_THE_PROGRAM = frozenset({"EmptyRDD", "ParallelCollectionRDD", "RandomRDD", "RandomVectorRDD"})


def read_rdd(node: Node, _fields: tuple[Field, ...]) -> Reading | None:
    """Return the files that an RDD reads, or what is not known of rows that are one; None for another leaf."""
    if node.name == "LogicalRDD":
        return Reading(unresolved=(_WITHOUT_COLUMNS,))
    if node.name != RDD:
        return None
    kind = node.text("class") or RDD
    if kind in _OF_THE_PROGRAM:
        return Reading()
    paths = node.facts("files").get("paths") or ()
    datasets = dict.fromkeys(folder(path) for path in paths if isinstance(path, str))
    if not datasets:
        return Reading(unresolved=(Unresolved(kind, "what this RDD reads is not understood yet"),))
    return Reading(tuple(map(Touched, datasets)))
