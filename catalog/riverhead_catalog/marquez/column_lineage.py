"""`/column-lineage`: the columns that a dataset's columns come from, and with `withDownstream` those that follow.

As in Marquez, `inEdges` run the other way: their origin is the node itself. What Marquez cannot say stands beside
its own keys: `transformations` and `jobs` of every source.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from riverhead_catalog.answers import Refusal
from riverhead_catalog.graph import edges_reached
from riverhead_catalog.marquez import node_ids
from riverhead_catalog.marquez.datasets import current_version
from riverhead_catalog.store import edges, lookups
from riverhead_catalog.tracing import columns_of
from riverhead_emitter.model import Column, Dataset

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from riverhead_catalog.links import Link

DEFAULT_DEPTH = 20
_NOTHING_SAID = {"transformationDescription": None, "transformationType": None}


def around(
    connection: Connection, node: str, depth: int, *, with_downstream: bool, as_of: int | None
) -> dict[str, Any]:
    """Return the graph of columns that a column, or each column of a dataset or of a job's outputs, comes from."""
    start = _start(connection, node)
    if not start:
        raise Refusal(404, "Could not find node")
    upstream = partial(edges.links, connection, is_upstream=True, as_of=as_of)
    found = edges_reached(start, upstream, lambda link: link.source, depth)
    if with_downstream:
        downstream = partial(edges.links, connection, is_upstream=False, as_of=as_of)
        found += edges_reached(start, downstream, lambda link: link.output, depth)
    # What decides about whole rows is no column's own source; /api/v2/upstream tells it.
    return {"graph": _nodes(connection, [link for link in dict.fromkeys(found) if not link.decides_rows])}


def _start(connection: Connection, node: str) -> list[Column]:
    kind, rest = node_ids.split(node)
    lookup = partial(lookups.dataset, connection)
    if kind == node_ids.FIELD:
        named = node_ids.find_field(rest, lookup)
        if named is None or named[1] not in columns_of(connection, named[0]):
            return []
        return [Column(Dataset(named[0].namespace, named[0].name), named[1])]
    if kind == node_ids.DATASET:
        dataset = node_ids.find(rest, lookup)
        found = [] if dataset is None else [dataset]
    elif kind == node_ids.JOB:
        job = node_ids.find(rest, partial(lookups.job, connection))
        touches = edges.touches_of_jobs(connection, [] if job is None else [job.id])
        outputs = [touch.dataset for touch in touches if touch.is_output]
        found = list(lookups.datasets_by_id(connection, outputs).values())
    else:
        raise Refusal(404, f"Node '{node}' must be of type dataset, datasetField or job!")
    return [Column(Dataset(one.namespace, one.name), name) for one in found for name in columns_of(connection, one)]


def _types(connection: Connection, dataset: lookups.Known) -> dict[str, str]:
    schema = dataset.facets.get("schema")
    body = {} if schema is None else lookups.bodies(connection, [schema])[schema]
    return {field["name"]: field.get("type") or "" for field in body.get("fields") or []}


def _nodes(connection: Connection, links: list[Link]) -> list[dict[str, Any]]:
    by_output: dict[Column, dict[Column, list[Link]]] = {}
    by_source: dict[Column, dict[Column, None]] = {}
    for link in links:
        by_output.setdefault(link.output, {}).setdefault(link.source, []).append(link)
        by_source.setdefault(link.source, {})[link.output] = None
    facts = _DatasetFacts(connection, {column.dataset for column in (*by_output, *by_source)})
    return [
        _node(column, by_output.get(column, {}), by_source.get(column, {}), facts)
        for column in sorted({*by_output, *by_source})
    ]


def _node(
    column: Column, sources: dict[Column, list[Link]], targets: Iterable[Column], facts: _DatasetFacts
) -> dict[str, Any]:
    said = facts.said(column)
    data = {
        "namespace": column.dataset.namespace,
        "dataset": column.dataset.name,
        "datasetVersion": facts.version(column.dataset),
        "field": column.name,
        "fieldType": facts.type(column) if sources else "",
        **(said if sources else _NOTHING_SAID),
        "inputFields": [
            {
                "namespace": source.dataset.namespace,
                "dataset": source.dataset.name,
                "datasetVersion": facts.version(source.dataset),
                "field": source.name,
                **said,
                "transformations": [_transformation(link) for link in dict.fromkeys(links)],
                "jobs": _jobs(links),
            }
            for source, links in sources.items()
        ],
    }
    return {
        "id": _id(column),
        "type": "DATASET_FIELD",
        "data": data,
        "inEdges": [{"origin": _id(column), "destination": _id(source)} for source in sources],
        "outEdges": [{"origin": _id(column), "destination": _id(target)} for target in targets],
    }


def _transformation(link: Link) -> dict[str, Any]:
    return {
        "type": "DIRECT" if link.how.is_direct else "INDIRECT",
        "subtype": link.how.value,
        "description": link.expression,
        "masking": link.is_masking,
    }


def _jobs(links: list[Link]) -> list[dict[str, str]]:
    return [{"namespace": job.namespace, "name": job.name} for job in dict.fromkeys(link.job for link in links)]


def _id(column: Column) -> str:
    return node_ids.node_id(node_ids.FIELD, column.dataset.namespace, column.dataset.name, column.name)


class _DatasetFacts:
    """What a node shows of its dataset, read once per dataset."""

    def __init__(self, connection: Connection, datasets: Iterable[Dataset]) -> None:
        self._versions: dict[Dataset, str | None] = {}
        self._types: dict[Dataset, dict[str, str]] = {}
        self._said: dict[Dataset, dict[str, Any]] = {}
        for dataset in datasets:
            known = lookups.dataset(connection, dataset.namespace, dataset.name)
            if known is not None:
                facet = known.facets.get("columnLineage")
                body = {} if facet is None else lookups.bodies(connection, [facet])[facet]
                self._versions[dataset] = current_version(known)
                self._types[dataset] = _types(connection, known)
                self._said[dataset] = body.get("fields") or {}

    def version(self, dataset: Dataset) -> str | None:
        """Return the id of the dataset's latest version."""
        return self._versions.get(dataset)

    def type(self, column: Column) -> str:
        """Return a column's type as the latest schema declares it."""
        return self._types.get(column.dataset, {}).get(column.name, "")

    def said(self, column: Column) -> dict[str, Any]:
        """Return what the facet's first version says of a whole output column."""
        field = self._said.get(column.dataset, {}).get(column.name) or {}
        return {name: field.get(name) for name in _NOTHING_SAID}
