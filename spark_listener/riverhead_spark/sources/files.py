"""Files and folders that a relation reads, and how a folder is named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from riverhead_emitter import naming
from riverhead_emitter.facets.dataset import storage
from riverhead_emitter.model import Touched
from riverhead_spark.sources.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riverhead_emitter.model import Dataset, Field
    from riverhead_spark.plan import Node

# Where a leaf keeps what is known of its files.
_RELATIONS = {"LogicalRelation": "relation", "DataSourceV2Relation": "table", "DataSourceV2ScanRelation": "table"}
_MM, _DD = "(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_MONTH = rf"\d{{4}}-?{_MM}"
_DAY = rf"(?:\d{{4}}-{_MM}-{_DD}|{_DD}\.{_MM}\.\d{{4}}|\d{{4}}{_MM}{_DD})[\dTZ :.-]*"
# Directories that divide a dataset and are no part of its name, as the official agent has it.
_PARTITION = re.compile(rf"[^=/]*=[^=/]*|{_MONTH}|{_DAY}")
_MONTH_AND_DAY = re.compile(rf"(?P<before>.+)/\d{{4}}/{_MM}(?:/{_DD})?")


def read_files(node: Node, fields: tuple[Field, ...]) -> Reading | None:
    """Return one dataset for each path of a file relation; None for another leaf."""
    facts = node.facts(_RELATIONS.get(node.name, ""))
    datasets = dict.fromkeys(_places(facts))
    if not datasets:
        return None
    facets = format_facets(facts.get("format"))
    return Reading(tuple(Touched(dataset, fields, facets) for dataset in datasets))


def folder(uri: str) -> Dataset:
    """Return the dataset of a path without the directories of its partitions."""
    dataset = naming.location(uri)
    return type(dataset)(dataset.namespace, _trimmed(dataset.name))


def format_facets(form: object) -> dict[str, Any]:
    """Return the facet that says how files are written; none where it is not known."""
    return {"storage": storage("file", form.lower())} if isinstance(form, str) and form.isalnum() else {}


def _places(facts: Mapping[str, Any]) -> Iterator[Dataset]:
    """Yield a folder for each path; a single file is a dataset, several of one folder are that folder."""
    paths = [path for path in facts.get("paths") or () if isinstance(path, str)]
    files = set(facts.get("files") or ())
    for at, path in enumerate(paths):
        if at not in files:
            yield folder(path)
        elif len(paths) == 1:
            yield naming.location(path)
        else:
            yield folder(path.rpartition("/")[0])


def _trimmed(name: str) -> str:
    while True:
        above, _, last = name.rpartition("/")
        nested = _MONTH_AND_DAY.fullmatch(name)
        if not above or above == "/":
            return name
        if _PARTITION.fullmatch(last):
            name = above
        elif nested and nested["before"] != "/":
            name = nested["before"]
        else:
            return name
