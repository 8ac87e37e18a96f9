"""Facets of a job."""

from __future__ import annotations

from riverhead_emitter.facets.facet import Facet, spec_facet


def sql(query: str, dialect: str | None = None) -> Facet:
    """Return the `sql` facet."""
    content = {"query": query} if dialect is None else {"query": query, "dialect": dialect}
    return spec_facet("SQLJobFacet", "1-1-0", **content)


def job_type(integration: str, kind: str, processing: str = "BATCH") -> Facet:
    """Return the `jobType` facet, say of integration AIRFLOW and kind TASK."""
    return spec_facet("JobTypeJobFacet", "2-0-4", processingType=processing, integration=integration, jobType=kind)
