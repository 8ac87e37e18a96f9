"""Job + Run + Lineage → one OpenLineage event, as a plain dict. The only module that assembles one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from riverhead_emitter.facets.column_lineage import edges_by_output, facet_of
from riverhead_emitter.facets.dataset import schema
from riverhead_emitter.facets.facet import instant
from riverhead_emitter.facets.run import parent as parent_facet
from riverhead_emitter.loading import loading
from riverhead_emitter.model import NO_LINEAGE, Run
from riverhead_emitter.version import PRODUCER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from riverhead_emitter.facets.column_lineage import Edges
    from riverhead_emitter.model import Dataset, Job, Lineage, Parentage, RunState, Touched

Event: TypeAlias = dict[str, Any]
Facets: TypeAlias = "Mapping[str, Any]"

_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs"
SCHEMA_URL = f"{_SCHEMA}/RunEvent"


def run_event(
    state: RunState,
    time: datetime,
    run: Run,
    lineage: Lineage = NO_LINEAGE,
    *,
    parentage: Parentage | None = None,
    run_facets: Facets | None = None,
    job_facets: Facets | None = None,
) -> Event:
    """Return the OpenLineage run event of these facts; `time` must carry its zone."""
    facets = dict(run_facets or {})
    if parentage is not None:
        facets["parent"] = parent_facet(parentage)
    if lineage.unresolved:
        with loading():
            from riverhead_emitter.facets.own.coverage import coverage

        facets["riverhead_coverage"] = coverage(lineage.unresolved)
    return {
        "eventType": state.value,
        **_origin(time, "RunEvent"),
        "run": {"runId": run.id, "facets": facets},
        "job": _job(run, lineage, job_facets),
        **_datasets(lineage),
    }


def job_event(time: datetime, job: Job, lineage: Lineage = NO_LINEAGE, *, job_facets: Facets | None = None) -> Event:
    """Return the OpenLineage event of a job by itself: what it is made to read and write, without any run."""
    return {**_origin(time, "JobEvent"), "job": _job(job, lineage, job_facets), **_datasets(lineage)}


def dataset_event(time: datetime, touched: Touched, lineage: Lineage = NO_LINEAGE) -> Event:
    """Return the OpenLineage event of a dataset by itself, say of a view: what it is, and what it is made of."""
    dataset = _output(touched, edges_by_output(lineage))
    dataset.pop("outputFacets", None)
    if lineage.flows:
        with loading():
            from riverhead_emitter.facets.lineage import dataset_lineage

        explicit = dataset_lineage(touched.dataset, lineage)
        if explicit is not None:
            dataset["facets"]["lineage"] = explicit
    return {**_origin(time, "DatasetEvent"), "dataset": dataset}


def _origin(time: datetime, kind: str) -> Event:
    return {"eventTime": instant(time), "producer": PRODUCER, "schemaURL": f"{_SCHEMA}/{kind}"}


def _job(own: Run | Job, lineage: Lineage, job_facets: Facets | None) -> Event:
    facets = dict(job_facets or {})
    if lineage.flows:
        with loading():
            from riverhead_emitter.facets.lineage import job_lineage

        explicit = job_lineage(lineage, own)
        if explicit is not None:
            facets["lineage"] = explicit
    job = own.job if isinstance(own, Run) else own
    return {"namespace": job.namespace, "name": job.name, "facets": facets}


def _datasets(lineage: Lineage) -> Event:
    edges = edges_by_output(lineage)
    return {
        "inputs": [_dataset(touched, "inputFacets") for touched in lineage.inputs],
        "outputs": [_output(touched, edges) for touched in lineage.outputs],
    }


def _dataset(touched: Touched, traffic: str) -> Event:
    facets = dict(touched.facets)
    if touched.fields:
        facets["schema"] = schema(touched.fields)
    dataset = {"namespace": touched.dataset.namespace, "name": touched.dataset.name, "facets": facets}
    return {**dataset, traffic: dict(touched.traffic)} if touched.traffic else dataset


def _output(touched: Touched, edges: Mapping[Dataset, Edges]) -> Event:
    output = _dataset(touched, "outputFacets")
    known = edges.get(touched.dataset)
    if known is not None:
        output["facets"]["columnLineage"] = facet_of(touched, known)
    return output
