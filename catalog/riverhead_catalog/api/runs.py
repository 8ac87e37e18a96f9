"""`/api/v2/runs`: all runs, newest first, each with its job, its parent, what went wrong and what is not traced."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from riverhead_catalog.answers import STATES
from riverhead_catalog.projection.contents import FACET
from riverhead_catalog.projection.coverage import FACET_NAME, gaps, unresolved_count
from riverhead_catalog.store import lookups, run_lookups
from riverhead_catalog.times import iso, iso_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from riverhead_catalog.store.lookups import Known
    from riverhead_catalog.store.run_lookups import KnownRun

_READ = ("parent", "errorMessage", FACET_NAME)
_MOST_GAPS = 10


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
        "state": STATES[facts.state],
        "startedAt": iso(facts.begun),
        "endedAt": iso_or_none(facts.ended),
        "durationMs": facts.duration_milliseconds,
        "parent": None if parent is None else _parent(parent),
        "error": said.get("errorMessage", {}).get("message"),
        "coverage": _coverage(said.get(FACET_NAME, {})),
    }


def _coverage(facet: Mapping[str, Any]) -> dict[str, Any] | None:
    """What could not be traced, the first of it by name; nothing where there is nothing."""
    count = unresolved_count(facet)
    named = [{"what": what, "why": why} for what, why in islice(gaps(facet), _MOST_GAPS)]
    return {"unresolvedCount": count, "unresolved": named} if count else None


def _parent(facet: Mapping[str, Any]) -> dict[str, str]:
    job = facet["job"]
    return {"namespace": job["namespace"], "name": job["name"], "runId": facet["run"]["runId"]}
