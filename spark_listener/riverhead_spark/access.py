"""Reads that leave Spark (collect, show, toPandas …): who took which columns. Pure."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from riverhead_emitter.facets.own.audit import Principal, access
from riverhead_emitter.model import Lineage
from riverhead_spark.columns import sources_of, trace
from riverhead_spark.lineage import Told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverhead_emitter.model import Touched
    from riverhead_spark.columns import Traced
    from riverhead_spark.plan import Plan


def read_by(plan: Plan, application: Mapping[str, Any]) -> Told | None:
    """Return what a query without a write gives to whoever asked, or None where it reads no dataset."""
    traced = trace(plan, 0)
    if not traced.inputs:
        return None
    principal = Principal(str(application.get("user") or "unknown"), "USER")
    inputs = tuple(_accessed(touched, traced, plan, principal) for touched in traced.inputs)
    first = traced.inputs[0].dataset.name.strip("/").replace(".", "/")
    label = "_".join(posixpath.normpath(first).split("/")[-2:])
    return Told(Lineage(inputs=inputs, unresolved=traced.unresolved), label)


def _accessed(touched: Touched, traced: Traced, plan: Plan, principal: Principal) -> Touched:
    sources = sources_of(plan.output(0), traced.flow)
    columns = sorted(source.name for source in sources if source.dataset == touched.dataset)
    return replace(touched, traffic={**touched.traffic, "riverhead_access": access(principal, columns=columns)})
