"""Files and folders that a relation reads, and how a folder is named."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from riverhead_emitter import naming
from riverhead_emitter.model import Touched
from riverhead_spark.sources.reading import Reading

if TYPE_CHECKING:
    from riverhead_emitter.model import Dataset, Field
    from riverhead_spark.plan import Node


def read_files(node: Node, fields: tuple[Field, ...]) -> Reading | None:
    """Return one dataset for each path of a file relation; None for another leaf."""
    if node.name != "LogicalRelation":
        return None
    datasets = dict.fromkeys(map(folder, node.paths("relation")))
    return Reading(tuple(Touched(dataset, fields) for dataset in datasets)) if datasets else None


def folder(uri: str) -> Dataset:
    """Return the dataset of a path without the directories of its partitions."""
    dataset = naming.location(uri)
    name = dataset.name
    while "=" in posixpath.basename(name) and posixpath.dirname(name) not in {"", "/"}:
        name = posixpath.dirname(name)
    return type(dataset)(dataset.namespace, name)
