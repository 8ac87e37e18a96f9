"""The explicit `lineage` facets, from the same values as `columnLineage`.

Where one of them is there it counts as the whole lineage of its event, so that it holds every output and every column.
That repeats `columnLineage`, which older readers need: the facet is made only where that one is not enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.facets.column_lineage import edges_by_output, transformation
from riverhead_emitter.facets.facet import Facet, known, spec_facet
from riverhead_emitter.model import Column, Dataset, Job, Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from riverhead_emitter.facets.column_lineage import Edges
    from riverhead_emitter.model import ColumnEdge, DatasetEdge, Flow, Lineage

_NO_EDGES: Edges = ({}, [])


def job_lineage(lineage: Lineage, own: Run | Job) -> Facet | None:
    """Return the `lineage` facet of the job whose event this is, or None where nothing needs it."""
    edges = edges_by_output(lineage)
    flows = _flows_by_target(lineage.flows)
    inputs = [touched.dataset for touched in lineage.inputs]
    if not any(_is_needed(target, told, edges, inputs) for target, told in flows.items()):
        return None
    targets = dict.fromkeys([*(touched.dataset for touched in lineage.outputs), *flows])
    entries = []
    for target in targets:
        if isinstance(target, Dataset):
            content = _content(flows.get(target, []), edges.get(target, _NO_EDGES), inputs, own)
            entries.append({**_named(target), **content})
        else:
            entries.append({**_job(target, own), "inputs": _sources(flows[target], own)})
    return spec_facet("LineageFacet", "1-0-0", "LineageJobFacet", entries=entries)


def dataset_lineage(dataset: Dataset, lineage: Lineage) -> Facet | None:
    """Return the `lineage` facet of a dataset by itself, say of a view, or None where no flow into it is told."""
    flows = _flows_by_target(lineage.flows).get(dataset)
    if flows is None:
        return None
    content = _content(flows, edges_by_output(lineage).get(dataset, _NO_EDGES), [], None)
    return spec_facet("LineageFacet", "1-0-0", "LineageDatasetFacet", **content)


def _flows_by_target(flows: Iterable[Flow]) -> dict[Dataset | Job | Run, list[Flow]]:
    targets: dict[Dataset | Job | Run, list[Flow]] = {}
    for flow in flows:
        target = flow.output.dataset if isinstance(flow.output, Column) else flow.output
        targets.setdefault(target, []).append(flow)
    return targets


def _is_needed(
    target: Dataset | Job | Run, flows: Iterable[Flow], edges: Mapping[Dataset, Edges], inputs: Iterable[Dataset]
) -> bool:
    """True if these flows are more, or other, than what readers take from inputs, outputs and column lineage."""
    if not isinstance(target, Dataset):
        return True
    if any(
        flow.how or isinstance(flow.output, Column) or isinstance(flow.source, Column | Job | Run) for flow in flows
    ):
        return True
    implied = set(_datasets_of(edges.get(target, _NO_EDGES))) or set(inputs)
    return {flow.source for flow in flows if flow.source is not None} != implied


def _content(flows: Sequence[Flow], edges: Edges, inputs: Iterable[Dataset], own: Run | Job | None) -> Facet:
    """What went into one output: what flows say of it, else what its columns say, else every input."""
    by_column, deciding = edges
    whole = [flow for flow in flows if isinstance(flow.output, Dataset)]
    by_field: dict[str, list[Flow]] = {}
    for flow in flows:
        if isinstance(flow.output, Column):
            by_field.setdefault(flow.output.name, []).append(flow)
    if whole:
        sources = _sources(whole, own)
    else:
        read = [source.dataset if isinstance(source, Column) else source for source in (flow.source for flow in flows)]
        datasets = [*_datasets_of(edges), *(dataset for dataset in read if isinstance(dataset, Dataset))]
        sources = [_named(dataset) for dataset in dict.fromkeys(datasets) or inputs]
    fields = {
        name: {"inputs": [*_columns(by_column.get(name, ())), *_sources(by_field.get(name, ()), own)]}
        for name in dict.fromkeys([*by_column, *by_field])
    }
    return known(inputs=[*sources, *_columns(deciding)], fields=fields or None)


def _datasets_of(edges: Edges) -> list[Dataset]:
    by_column, deciding = edges
    of_columns = [edge.source.dataset for column in by_column.values() for edge in column]
    return list(dict.fromkeys([*of_columns, *(edge.source.dataset for edge in deciding)]))


def _sources(flows: Iterable[Flow], own: Run | Job | None) -> list[Facet]:
    """One entry per source, with every way in which it takes part."""
    uses: dict[Dataset | Column | Job | Run, list[Facet]] = {}
    for flow in flows:
        if flow.source is not None:
            ways = uses.setdefault(flow.source, [])
            if flow.how is not None:
                ways.append(transformation(flow.how, flow.expression, is_masking=flow.is_masking))
    return [_entry(_entity(source, own), ways) for source, ways in uses.items()]


def _columns(edges: Iterable[ColumnEdge | DatasetEdge]) -> list[Facet]:
    uses: dict[Column, list[Facet]] = {}
    for edge in dict.fromkeys(edges):
        how = transformation(edge.how, edge.expression, is_masking=getattr(edge, "is_masking", False))
        uses.setdefault(edge.source, []).append(how)
    return [_entry(_entity(source, None), ways) for source, ways in uses.items()]


def _entry(named: Facet, ways: list[Facet]) -> Facet:
    return {**named, "transformations": ways} if ways else named


def _entity(source: Dataset | Column | Job | Run, own: Run | Job | None) -> Facet:
    if isinstance(source, Column):
        return {**_named(source.dataset), "field": source.name}
    return _named(source) if isinstance(source, Dataset) else _job(source, own)


def _named(dataset: Dataset) -> Facet:
    return {"namespace": dataset.namespace, "name": dataset.name, "type": "DATASET"}


def _job(named: Job | Run, own: Run | Job | None) -> Facet:
    """The event's own job goes without a name, and its own run without an id: the event says both."""
    job = named.job if isinstance(named, Run) else named
    own_job = own.job if isinstance(own, Run) else own
    entry: Facet = {"type": "JOB"} if job == own_job else {"type": "JOB", "namespace": job.namespace, "name": job.name}
    return {**entry, "runId": named.id} if isinstance(named, Run) and named != own else entry
