"""`/jobs` and `/namespaces/{namespace}/jobs`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from riverhead_catalog.answers import STATES, not_found
from riverhead_catalog.marquez import runs
from riverhead_catalog.marquez.versions import version
from riverhead_catalog.projection.jobs import PARENT
from riverhead_catalog.store import edges, lookups, run_lookups
from riverhead_catalog.times import iso

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from riverhead_catalog.store.edges import Touch
    from riverhead_catalog.store.lookups import Known

_LATEST_RUNS = 10
RUN_STATES = ("NEW", "RUNNING", "COMPLETED", "ABORTED", "FAILED", "OTHER")


def listing(
    connection: Connection, namespace: str | None, states: Collection[str], limit: int, offset: int
) -> dict[str, Any]:
    """Return a page of jobs by name, of those whose last run is in one of the states where any are given."""
    if states:
        everything, _ = lookups.jobs_of(connection, namespace, -1, 0)
        latest = run_lookups.latest_run_by_job(connection, [job.id for job in everything])
        found = [job for job in everything if job.id in latest and _state(latest[job.id]) in states]
        count, found = len(found), found[offset : offset + limit]
    else:
        found, count = lookups.jobs_of(connection, namespace, limit, offset)
    return {"jobs": _whole(connection, found), "totalCount": count}


def one(connection: Connection, namespace: str, name: str) -> dict[str, Any]:
    """Return one job."""
    known = lookups.job(connection, namespace, name)
    if known is None:
        raise not_found("Job", name)
    return _whole(connection, [known])[0]


def short_forms(connection: Connection, found: Iterable[Known], touches: Iterable[Touch]) -> dict[int, dict[str, Any]]:
    """Return jobs as `/lineage` shows them, by id."""
    known = list(found)
    latest = run_lookups.latest_run_by_job(connection, [job.id for job in known])
    said = _said(connection, known)
    sides = _sides(connection, touches)
    forms = runs.forms(connection, list(latest.values()), {job.id: job for job in known})
    last = dict(zip(latest, forms, strict=True))
    return {
        job.id: {
            **_identity(job, said[job.id]),
            "currentRunUuid": latest[job.id].id if job.id in latest else None,
            **sides.get(job.id, {"inputs": [], "outputs": []}),
            "latestRun": last.get(job.id),
        }
        for job in known
    }


def _whole(connection: Connection, found: list[Known]) -> list[dict[str, Any]]:
    sides = _sides(connection, edges.touches_of_jobs(connection, [job.id for job in found]))
    return [_one(connection, job, sides.get(job.id)) for job in found]


def _one(connection: Connection, job: Known, sides: Mapping[str, Any] | None) -> dict[str, Any]:
    facets = lookups.facets(connection, job.registers)
    latest, _ = run_lookups.runs_of(connection, job.id, _LATEST_RUNS, 0)
    forms = runs.forms(connection, latest, {job.id: job})
    job_type = facets.get("jobType", {})
    has_ended = any(form["jobVersion"] for form in forms)
    return {
        **_identity(job, facets),
        **(sides or _begun(forms)),
        "latestRun": forms[0] if forms else None,
        "latestRuns": forms,
        "facets": facets,
        "currentVersion": version(job.namespace, job.name) if has_ended or not forms else None,
        "labels": [job_type[name] for name in ("jobType", "integration") if job_type.get(name)],
        "tags": [],
    }


def _begun(forms: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a job that nothing is known of yet is reading and writing in its latest run."""
    latest = forms[0] if forms else {"inputDatasetVersions": [], "outputDatasetVersions": []}
    return {
        side: [
            {name: touched["datasetVersionId"][name] for name in ("namespace", "name")} for touched in latest[versions]
        ]
        for side, versions in (("inputs", "inputDatasetVersions"), ("outputs", "outputDatasetVersions"))
    }


def _identity(job: Known, facets: Mapping[str, Any]) -> dict[str, Any]:
    parent = json.loads(job.registers[PARENT][2])[1] if PARENT in job.registers else None
    is_inside = parent is not None and job.name.startswith(f"{parent}.")
    return {
        "id": {"namespace": job.namespace, "name": job.name},
        "type": "STREAM" if facets.get("jobType", {}).get("processingType") == "STREAMING" else "BATCH",
        "name": job.name,
        "simpleName": job.name[len(parent) + 1 :] if parent is not None and is_inside else job.name,
        "parentJobName": parent,
        "parentJobUuid": version(job.namespace, parent) if parent is not None else None,
        "createdAt": iso(job.created),
        "updatedAt": iso(job.updated),
        "namespace": job.namespace,
        "location": facets.get("sourceCodeLocation", {}).get("url"),
        "description": facets.get("documentation", {}).get("description"),
    }


def _said(connection: Connection, known: Iterable[Known]) -> dict[int, dict[str, Any]]:
    """What the short form is made from, with one question for all jobs."""
    wanted = ("jobType", "sourceCodeLocation", "documentation")
    addresses = {job.id: {name: job.facets[name] for name in wanted if name in job.facets} for job in known}
    bodies = lookups.bodies(connection, (place for places in addresses.values() for place in places.values()))
    return {job: {name: bodies[place] for name, place in places.items()} for job, places in addresses.items()}


def _sides(connection: Connection, touches: Iterable[Touch]) -> dict[int, dict[str, Any]]:
    known = list(touches)
    datasets = lookups.datasets_by_id(connection, (touch.dataset for touch in known))
    sides: dict[int, dict[str, Any]] = {}
    for touch in known:
        both = sides.setdefault(touch.job, {"inputs": [], "outputs": []})
        dataset = datasets[touch.dataset]
        both["outputs" if touch.is_output else "inputs"].append({"namespace": dataset.namespace, "name": dataset.name})
    return sides


def _state(run: run_lookups.KnownRun) -> str:
    return STATES[run.facts.state]
