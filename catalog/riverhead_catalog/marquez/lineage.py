"""`/lineage`: the jobs and datasets around a node."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from riverhead_catalog.answers import Refusal, not_found
from riverhead_catalog.graph import nodes_within
from riverhead_catalog.marquez import datasets, jobs, node_ids
from riverhead_catalog.store import edges, lookups

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from riverhead_catalog.store.lookups import Known

DEFAULT_DEPTH = 20


def around(connection: Connection, node: str, depth: int, as_of: int | None) -> dict[str, Any]:
    """Return the graph of jobs within `depth` shared datasets of a node, with all datasets that they touch."""
    kind, rest = node_ids.split(node)
    if kind == node_ids.JOB:
        job = node_ids.find(rest, partial(lookups.job, connection))
        if job is None:
            raise not_found("Job", rest.rpartition(":")[2])
        return _graph(connection, {job.id}, None, depth, as_of)
    if kind != node_ids.DATASET:
        raise Refusal(404, f"Node '{node}' must be of type dataset or job!")
    dataset = node_ids.find(rest, partial(lookups.dataset, connection))
    if dataset is None:
        raise not_found("Dataset", rest.rpartition(":")[2])
    touches = edges.touches_of_datasets(connection, [dataset.id], as_of)
    # As in Marquez, a dataset stands for the jobs that write it, and only without any for those that read it.
    start = {touch.job for touch in touches if touch.is_output} or {touch.job for touch in touches}
    return _graph(connection, start, dataset, depth, as_of)


def _graph(
    connection: Connection, start: set[int], asked: Known | None, depth: int, as_of: int | None
) -> dict[str, Any]:
    reached = nodes_within(start, partial(_neighbours, connection, as_of), depth)
    touches = edges.touches_of_jobs(connection, reached, as_of)
    known_jobs = lookups.jobs_by_id(connection, reached)
    known_datasets = lookups.datasets_by_id(connection, (touch.dataset for touch in touches))
    if asked is not None:
        known_datasets.setdefault(asked.id, asked)
    job_forms = jobs.short_forms(connection, known_jobs.values(), touches)
    dataset_forms = datasets.short_forms(connection, known_datasets.values())
    job_ids = {one.id: node_ids.node_id(node_ids.JOB, one.namespace, one.name) for one in known_jobs.values()}
    dataset_ids = {
        one.id: node_ids.node_id(node_ids.DATASET, one.namespace, one.name) for one in known_datasets.values()
    }
    nodes = {dataset_ids[one]: _node(dataset_ids[one], "DATASET", form) for one, form in dataset_forms.items()}
    nodes |= {job_ids[one]: _node(job_ids[one], "JOB", form) for one, form in job_forms.items()}
    for touch in touches:
        ends = (job_ids[touch.job], dataset_ids[touch.dataset])
        origin, destination = ends if touch.is_output else ends[::-1]
        edge = {"origin": origin, "destination": destination}
        nodes[origin]["outEdges"].append(edge)
        nodes[destination]["inEdges"].append(edge)
    return {"graph": [nodes[id_] for id_ in sorted(nodes)]}


def _neighbours(connection: Connection, as_of: int | None, level: frozenset[int]) -> set[int]:
    touched = {touch.dataset for touch in edges.touches_of_jobs(connection, level, as_of)}
    return {touch.job for touch in edges.touches_of_datasets(connection, touched, as_of)}


def _node(id_: str, type_: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"id": id_, "type": type_, "data": data, "inEdges": [], "outEdges": []}
