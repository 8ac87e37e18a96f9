"""Reads that leave Spark (collect, show, toPandas …): who took which columns. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from riverhead_emitter.facets.own.audit import Principal, access
from riverhead_emitter.model import Lineage
from riverhead_spark.columns import sources_of, trace
from riverhead_spark.lineage import Told
from riverhead_spark.sinks import kept_nowhere, label_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from riverhead_emitter.model import Touched
    from riverhead_spark.columns import Traced
    from riverhead_spark.plan import Plan


def read_by(plan: Plan, application: Mapping[str, Any]) -> Told | None:
    """Return what a query whose rows are kept nowhere gives to whoever asked, or None where it reads no dataset."""
    given = kept_nowhere(plan)
    query = 0 if given is None or given.query is None else given.query
    traced = trace(plan, query)
    if not traced.inputs:
        return None
    principal = Principal(str(application.get("user") or "unknown"), "USER")
    inputs = tuple(_accessed(touched, traced, plan.output(query), principal) for touched in traced.inputs)
    # Not the name of what wrote there: a look at what was written would take that job's place.
    label = f"read_{label_of(traced.inputs[0].dataset.name)}" if given is None else given.label
    return Told(Lineage(inputs=inputs, unresolved=traced.unresolved), label)


def _accessed(touched: Touched, traced: Traced, output: Iterable[int], principal: Principal) -> Touched:
    sources = sources_of(output, traced.flow)
    columns = sorted(source.name for source in sources if source.dataset == touched.dataset) if touched.fields else None
    return replace(touched, traffic={**touched.traffic, "riverhead_access": access(principal, columns=columns)})
