"""Facets of a run: what started it, what carries it, how it ended. `execution` has those that hold lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.facets.facet import Facet, instant, spec_facet
from riverhead_emitter.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from riverhead_emitter.model import Parentage, Run


def parent(
    parentage: Parentage,
    *,
    run_facets: Facet | None = None,
    job_facets: Facet | None = None,
    root_run_facets: Facet | None = None,
    root_job_facets: Facet | None = None,
) -> Facet:
    """Return the `parent` facet, with the root beside the parent, and with those of their facets that it repeats."""
    root = _identity(parentage.root, root_run_facets, root_job_facets)
    return spec_facet("ParentRunFacet", "1-2-0", **_identity(parentage.parent, run_facets, job_facets), root=root)


def error_message(message: str, language: str, stack_trace: str | None = None) -> Facet:
    """Return the `errorMessage` facet."""
    return spec_facet(
        "ErrorMessageRunFacet", "1-0-1", message=message, programmingLanguage=language, stackTrace=stack_trace
    )


def processing_engine(name: str, version: str) -> Facet:
    """Return the `processing_engine` facet of the host's name and version."""
    return spec_facet(
        "ProcessingEngineRunFacet", "1-1-1", name=name, openlineageAdapterVersion=VERSION, version=version
    )


def nominal_time(start: datetime | str, end: datetime | str | None = None) -> Facet:
    """Return the `nominalTime` facet: the time for which the run was planned, `end` not included."""
    told = None if end is None else instant(end)
    return spec_facet("NominalTimeRunFacet", "1-0-1", nominalStartTime=instant(start), nominalEndTime=told)


def external_query(query_id: str, source: str) -> Facet:
    """Return the `externalQuery` facet: the query's id in the system that ran it."""
    return spec_facet("ExternalQueryRunFacet", "1-0-2", externalQueryId=query_id, source=source)


def environment_variables(variables: Mapping[str, str]) -> Facet:
    """Return the `environmentVariables` facet."""
    named = [{"name": name, "value": value} for name, value in variables.items()]
    return spec_facet("EnvironmentVariablesRunFacet", "1-0-0", environmentVariables=named)


def _identity(run: Run, run_facets: Facet | None, job_facets: Facet | None) -> Facet:
    named: Facet = {"run": {"runId": run.id}, "job": {"namespace": run.job.namespace, "name": run.job.name}}
    if run_facets:
        named["run"]["facets"] = run_facets
    if job_facets:
        named["job"]["facets"] = job_facets
    return named
