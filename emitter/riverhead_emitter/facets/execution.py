"""Facets of a run that hold lists: what it was given, what it waited for, what could not be read of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from riverhead_emitter.facets.facet import Facet, entries, known, spec_facet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riverhead_emitter.model import Job


class ExecutionParameter(NamedTuple):
    """One parameter of a run, its value as text."""

    key: str
    value: str | None = None
    name: str | None = None
    description: str | None = None


class ExtractionError(NamedTuple):
    """One part of a run, say a statement, of which no lineage could be read."""

    error_message: str
    task: str | None = None
    task_number: int | None = None
    stack_trace: str | None = None


class JobDependency(NamedTuple):
    """Another job, perhaps one run of it, that a run waits for or that waits for it."""

    job: Job
    run_id: str | None = None
    dependency_type: str | None = None
    sequence_trigger_rule: str | None = None
    status_trigger_rule: str | None = None


def execution_parameters(parameters: Iterable[ExecutionParameter]) -> Facet:
    """Return the `executionParameters` facet; `own.operation.parameters` keeps numbers as numbers."""
    return spec_facet("ExecutionParametersRunFacet", "1-0-0", parameters=entries(parameters))


def extraction_error(total: int, errors: Iterable[ExtractionError]) -> Facet:
    """Return the `extractionError` facet of so many parts in all and those that failed."""
    failed = entries(errors)
    return spec_facet("ExtractionErrorRunFacet", "1-1-2", totalTasks=total, failedTasks=len(failed), errors=failed)


def job_dependencies(
    upstream: Iterable[JobDependency] = (),
    downstream: Iterable[JobDependency] = (),
    *,
    trigger_rule: str | None = None,
) -> Facet:
    """Return the `jobDependencies` facet: control flow only; data that is handed over is a `Flow`."""
    return spec_facet(
        "JobDependenciesRunFacet",
        "1-0-1",
        upstream=[_dependency(dependency) for dependency in upstream] or None,
        downstream=[_dependency(dependency) for dependency in downstream] or None,
        trigger_rule=trigger_rule,
    )


def _dependency(dependency: JobDependency) -> Facet:
    return known(
        job={"namespace": dependency.job.namespace, "name": dependency.job.name},
        run=None if dependency.run_id is None else {"runId": dependency.run_id},
        dependency_type=dependency.dependency_type,
        sequence_trigger_rule=dependency.sequence_trigger_rule,
        status_trigger_rule=dependency.status_trigger_rule,
    )
