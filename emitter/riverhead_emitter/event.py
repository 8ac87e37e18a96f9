"""Job + Run + Lineage → one OpenLineage event, as a plain dict. The only module that assembles one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from riverhead_emitter.facets.column_lineage import column_lineage
from riverhead_emitter.facets.dataset import schema
from riverhead_emitter.facets.own import coverage
from riverhead_emitter.facets.run import parent as parent_facet
from riverhead_emitter.model import NO_LINEAGE
from riverhead_emitter.version import PRODUCER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from riverhead_emitter.model import Lineage, Parentage, Run, RunState, Touched

Event: TypeAlias = dict[str, Any]
Facets: TypeAlias = "Mapping[str, Any]"

SCHEMA_URL = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"


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
        facets["riverhead_coverage"] = coverage(lineage.unresolved)
    return {
        "eventType": state.value,
        "eventTime": time.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "producer": PRODUCER,
        "schemaURL": SCHEMA_URL,
        "run": {"runId": run.id, "facets": facets},
        "job": {"namespace": run.job.namespace, "name": run.job.name, "facets": dict(job_facets or {})},
        "inputs": [_dataset(touched, "inputFacets") for touched in lineage.inputs],
        "outputs": [_output(touched, lineage) for touched in lineage.outputs],
    }


def _dataset(touched: Touched, traffic: str) -> Event:
    facets = dict(touched.facets)
    if touched.fields:
        facets["schema"] = schema(touched.fields)
    dataset = {"namespace": touched.dataset.namespace, "name": touched.dataset.name, "facets": facets}
    return {**dataset, traffic: dict(touched.traffic)} if touched.traffic else dataset


def _output(touched: Touched, lineage: Lineage) -> Event:
    output = _dataset(touched, "outputFacets")
    facet = column_lineage(touched, lineage)
    if facet is not None:
        output["facets"]["columnLineage"] = facet
    return output
