"""`/jobs/runs/{id}` and `/namespaces/{namespace}/jobs/{job}/runs`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from riverhead_catalog.answers import STATES, not_found
from riverhead_catalog.marquez.versions import version
from riverhead_catalog.projection.contents import FACET
from riverhead_catalog.projection.registers import named
from riverhead_catalog.projection.runs import INPUT, OUTPUT, counts
from riverhead_catalog.store import lookups, run_lookups
from riverhead_catalog.times import iso, iso_or_none, iso_short, microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from riverhead_catalog.projection.shape import Shape
    from riverhead_catalog.store.lookups import Known
    from riverhead_catalog.store.run_lookups import KnownRun
    from riverhead_emitter.model import Dataset

_BODIES = (FACET, INPUT, OUTPUT)


def one(connection: Connection, run_id: str) -> dict[str, Any]:
    """Return one run."""
    known = run_lookups.run(connection, run_id)
    if known is None:
        raise not_found("Run", run_id)
    return forms(connection, [known], lookups.jobs_by_id(connection, [known.job]))[0]


def of_job(connection: Connection, namespace: str, name: str, limit: int, offset: int) -> dict[str, Any]:
    """Return a page of a job's runs, newest first."""
    job = lookups.job(connection, namespace, name)
    if job is None:
        raise not_found("Job", name)
    found, count = run_lookups.runs_of(connection, job.id, limit, offset)
    return {"runs": forms(connection, found, {job.id: job}), "totalCount": count}


def forms(connection: Connection, found: Sequence[KnownRun], jobs: Mapping[int, Known]) -> list[dict[str, Any]]:
    """Return runs as Marquez writes them, in their order, with as many questions for many as for one."""
    shapes = run_lookups.shapes_of_runs(connection, found)
    places = (place for run in found for prefix in _BODIES for _, place in named(run.registers, prefix))
    bodies = lookups.bodies(connection, places)
    return [_form(run, jobs[run.job], shape, bodies) for run, shape in zip(found, shapes, strict=True)]


def _form(known: KnownRun, job: Known, shape: Shape, bodies: Mapping[str, Any]) -> dict[str, Any]:
    facts = known.facts
    facets, inputs, outputs = (
        {name: bodies[place] for name, place in named(known.registers, prefix)} for prefix in _BODIES
    )
    return {
        "id": known.id,
        "createdAt": iso(facts.created),
        "updatedAt": iso(facts.updated),
        "nominalStartTime": None,
        "nominalEndTime": None,
        "state": STATES[facts.state],
        "startedAt": iso_or_none(facts.started),
        "endedAt": iso_or_none(facts.ended),
        "durationMs": facts.duration_milliseconds,
        "args": _arguments(facets),
        "jobVersion": _job_version(known, job, shape),
        "inputDatasetVersions": _versions(shape.inputs, inputs, ""),
        "outputDatasetVersions": _versions(shape.outputs, outputs, known.id),
        "facets": facets,
    }


def _arguments(facets: Mapping[str, Any]) -> dict[str, str]:
    arguments: dict[str, str] = {}
    nominal = facets.get("nominalTime", {})
    for name, field in (("nominal_start_time", "nominalStartTime"), ("nominal_end_time", "nominalEndTime")):
        at = microseconds(nominal.get(field))
        if at is not None:
            arguments[name] = iso_short(at)
    parent = facets.get("parent")
    if parent:
        arguments["run_id"] = parent["run"]["runId"]
        arguments["name"] = parent["job"]["name"]
        arguments["namespace"] = parent["job"]["namespace"]
    return arguments


def _job_version(known: KnownRun, job: Known, shape: Shape) -> dict[str, str] | None:
    # A streaming run never ends; as soon as it has named both sides it has a version.
    if known.facts.ended is None and not counts(known.facts, shape):
        return None
    return {"namespace": job.namespace, "name": job.name, "version": version(job.namespace, job.name)}


def _versions(touched: Iterable[Dataset], facets: Mapping[str, Any], made_by: str) -> list[dict[str, Any]]:
    found = []
    for dataset in touched:
        name = json.dumps([dataset.namespace, dataset.name], ensure_ascii=False)
        made = version(dataset.namespace, dataset.name, made_by)
        identity = {"namespace": dataset.namespace, "name": dataset.name, "version": made}
        found.append({"datasetVersionId": identity, "facets": facets.get(name, {})})
    return found
