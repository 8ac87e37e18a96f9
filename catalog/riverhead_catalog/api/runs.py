"""`/api/v2/runs`: all runs, newest first, each with its job, its parent and what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_catalog.marquez.runs import STATES
from riverhead_catalog.projection.contents import FACET
from riverhead_catalog.store import lookups, run_lookups
from riverhead_catalog.times import iso, iso_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from riverhead_catalog.store.lookups import Known
    from riverhead_catalog.store.run_lookups import KnownRun

_READ = ("parent", "errorMessage")


def listing(connection: Connection, limit: int, offset: int) -> dict[str, Any]:
    """Return a page of all runs."""
    found, count = run_lookups.latest_runs(connection, limit, offset)
    jobs = lookups.jobs_by_id(connection, (run.job for run in found))
    places = [run.registers[FACET + name][2] for run in found for name in _READ if FACET + name in run.registers]
    bodies = lookups.bodies(connection, places)
    return {"runs": [_form(run, jobs[run.job], bodies) for run in found], "totalCount": count}


def _form(run: KnownRun, job: Known, bodies: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: bodies[run.registers[FACET + name][2]] for name in _READ if FACET + name in run.registers}
    facts = run.facts
    parent = said.get("parent")
    return {
        "id": run.id,
        "job": {"namespace": job.namespace, "name": job.name},
        "state": STATES[facts.state.value],
        "startedAt": iso(facts.begun),
        "endedAt": iso_or_none(facts.ended),
        "durationMs": facts.duration_milliseconds,
        "parent": None if parent is None else _parent(parent),
        "error": said.get("errorMessage", {}).get("message"),
    }


def _parent(facet: Mapping[str, Any]) -> dict[str, str]:
    job = facet["job"]
    return {"namespace": job["namespace"], "name": job["name"], "runId": facet["run"]["runId"]}
