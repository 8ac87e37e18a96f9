"""`/jobs/runs/{id}` and `/namespaces/{namespace}/jobs/{job}/runs`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from riverhead_catalog.answers import not_found
from riverhead_catalog.marquez.versions import version
from riverhead_catalog.projection.runs import INPUT, OUTPUT, counts
from riverhead_catalog.store import lookups, run_lookups
from riverhead_catalog.times import iso, iso_or_none, iso_short, microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from riverhead_catalog.projection.shape import Shape
    from riverhead_catalog.store.lookups import Known
    from riverhead_catalog.store.run_lookups import KnownRun
    from riverhead_emitter.model import Dataset

STATES = {
    "RUNNING": "RUNNING", "COMPLETE": "COMPLETED", "FAIL": "FAILED", "ABORT": "ABORTED",
    "OTHER": "OTHER",
}  # fmt: skip


def one(connection: Connection, run_id: str) -> dict[str, Any]:
    """Return one run."""
    known = run_lookups.run(connection, run_id)
    if known is None:
        raise not_found("Run", run_id)
    return form(connection, known, lookups.jobs_by_id(connection, [known.job])[known.job])


def of_job(connection: Connection, namespace: str, name: str, limit: int, offset: int) -> dict[str, Any]:
    """Return a page of a job's runs, newest first."""
    job = lookups.job(connection, namespace, name)
    if job is None:
        raise not_found("Job", name)
    found, count = run_lookups.runs_of(connection, job.id, limit, offset)
    return {"runs": [form(connection, known, job) for known in found], "totalCount": count}


def form(connection: Connection, known: KnownRun, job: Known) -> dict[str, Any]:
    """Return a run as Marquez writes it."""
    facts = known.facts
    facets = lookups.facets(connection, known.registers)
    shape = run_lookups.shape_of_run(connection, known)
    return {
        "id": known.id,
        "createdAt": iso(facts.created),
        "updatedAt": iso(facts.updated),
        "nominalStartTime": None,
        "nominalEndTime": None,
        "state": STATES[facts.state.value],
        "startedAt": iso_or_none(facts.started),
        "endedAt": iso_or_none(facts.ended),
        "durationMs": facts.duration_milliseconds,
        "args": _arguments(facets),
        "jobVersion": _job_version(known, job, shape),
        "inputDatasetVersions": _versions(connection, known, shape.inputs, INPUT),
        "outputDatasetVersions": _versions(connection, known, shape.outputs, OUTPUT),
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


def _versions(connection: Connection, known: KnownRun, touched: Iterable[Dataset], prefix: str) -> list[dict[str, Any]]:
    facets = lookups.facets(connection, known.registers, prefix)
    found = []
    for dataset in touched:
        name = json.dumps([dataset.namespace, dataset.name], ensure_ascii=False)
        made = version(dataset.namespace, dataset.name, known.id if prefix == OUTPUT else "")
        identity = {"namespace": dataset.namespace, "name": dataset.name, "version": made}
        found.append({"datasetVersionId": identity, "facets": facets.get(name, {})})
    return found
