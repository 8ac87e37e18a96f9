"""Facets of a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.facets.facet import Facet, known, spec_facet

if TYPE_CHECKING:
    from collections.abc import Iterable


def sql(query: str, dialect: str | None = None) -> Facet:
    """Return the `sql` facet."""
    return spec_facet("SQLJobFacet", "1-1-0", query=query, dialect=dialect)


def job_type(
    integration: str, kind: str | None = None, processing: str = "BATCH", emission: Facet | None = None
) -> Facet:
    """Return the `jobType` facet, say of integration AIRFLOW and kind TASK."""
    return spec_facet(
        "JobTypeJobFacet",
        "2-0-4",
        processingType=processing,
        integration=integration,
        jobType=kind,
        emissionPattern=emission,
    )


def emission_pattern(trigger: str, content: str, window_seconds: int | None = None) -> Facet:
    """Return how a job's events come: EVENT_BASED or PERIODIC, and ACCUMULATIVE or COMPLETE_SNAPSHOT."""
    return known(eventTrigger=trigger, eventContentMode=content, windowDuration=window_seconds)


def source_code(language: str, code: str) -> Facet:
    """Return the `sourceCode` facet."""
    return spec_facet("SourceCodeJobFacet", "1-0-1", language=language, sourceCode=code)


def source_code_location(
    kind: str,
    url: str,
    *,
    repository_url: str | None = None,
    path: str | None = None,
    version: str | None = None,
    tag: str | None = None,
    branch: str | None = None,
    pull_request: str | None = None,
) -> Facet:
    """Return the `sourceCodeLocation` facet; `kind` is the system, say git, and `version` the commit."""
    return spec_facet(
        "SourceCodeLocationJobFacet",
        "1-1-0",
        type=kind,
        url=url,
        repoUrl=repository_url,
        path=path,
        version=version,
        tag=tag,
        branch=branch,
        pullRequestNumber=pull_request,
    )


def documentation(description: str, content_type: str | None = None) -> Facet:
    """Return a job's `documentation` facet."""
    return spec_facet("DocumentationJobFacet", "1-1-0", description=description, contentType=content_type)


def ownership(owners: Iterable[tuple[str, str | None]]) -> Facet:
    """Return a job's `ownership` facet: name, as in `team:data`, and kind of each owner."""
    return spec_facet("OwnershipJobFacet", "1-0-1", owners=[known(name=name, type=kind) for name, kind in owners])
