"""An observation of a Connect client's request → the events of its run, with what only the server knows named. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from riverhead_emitter import naming
from riverhead_emitter.event import run_event
from riverhead_emitter.facets.job import job_type, sql
from riverhead_emitter.facets.run import error_message, processing_engine
from riverhead_emitter.model import Job, Lineage, Run, RunState, Touched, Unresolved
from riverhead_spark.application import parentage_of
from riverhead_spark.executions import VERSION, with_end
from riverhead_spark.interpreting import interpreted
from riverhead_spark.job_names import job_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riverhead_emitter.event import Event
    from riverhead_emitter.observation import Observation

_SCHEME = re.compile(r"[A-Za-z][\w+.-]+:/")
_COLUMNS = Unresolved("columns", "a Spark Connect client has no plan: only the server knows them")
_WHERE = "a Spark Connect client sends this name: only the server knows which dataset it is"
_LEFT = "the client ended, or was listened to no longer, before its request did"


def interpret(observation: Observation) -> list[Event]:
    """Return the start or the end of a request's run."""
    return interpreted(observation, VERSION, _events)


def _events(observation: Observation) -> list[Event]:
    payload = with_end(observation.payload)
    application, request = payload["application"], payload["executions"][0]
    plan = request["plan"]
    run = Run(observation.run_id, Job(application["namespace"], _name(application, plan)))
    is_start = payload["phase"] == "start"
    state = RunState.START if is_start else _state(request)
    run_facets = {"processing_engine": processing_engine("spark", application["spark_version"])}
    if state is RunState.FAIL:
        error = request["error"]
        run_facets["errorMessage"] = error_message(f"{error['class']}: {error['message']}", "PYTHON")
    if state is RunState.ABORT:
        run_facets["errorMessage"] = error_message(request.get("left", _LEFT), "PYTHON")
    job_facets = {"jobType": job_type("SPARK", "SQL_JOB")}
    if len(plan["queries"]) == 1:
        job_facets["sql"] = sql(plan["queries"][0], "spark")
    at = datetime.fromtimestamp(request["started" if is_start else "ended"] / 1000, timezone.utc)
    parentage = parentage_of(application)
    return [
        run_event(state, at, run, _lineage(plan), parentage=parentage, run_facets=run_facets, job_facets=job_facets)
    ]


def _state(request: Mapping[str, Any]) -> RunState:
    if request.get("is_left"):
        return RunState.ABORT
    return RunState.FAIL if "error" in request else RunState.COMPLETE


def _lineage(plan: Mapping[str, Any]) -> Lineage:
    reads, writes = list(_names(plan["reads"])), list(_names(plan["writes"]))
    unresolved = [Unresolved(name, _WHERE) for name in dict.fromkeys([*reads, *writes]) if not _SCHEME.match(name)]
    return Lineage(_touched(reads), _touched(writes), unresolved=(*unresolved, _COLUMNS))


def _touched(names: list[str]) -> tuple[Touched, ...]:
    datasets = dict.fromkeys(naming.location(name) for name in names if _SCHEME.match(name))
    return tuple(Touched(dataset) for dataset in datasets)


def _names(named: list[dict[str, Any]]) -> Iterator[str]:
    for each in named:
        if each.get("paths"):
            yield from each["paths"]
        else:
            # A source that is called by options, as JDBC, has no name but its format's.
            yield each.get("table") or each.get("path") or f"a source of format {each.get('format') or 'unknown'}"


def _name(application: Mapping[str, Any], plan: Mapping[str, Any]) -> str:
    (target, *_) = [*_names(plan["writes"]), ""]
    return job_name(application["name"], plan["operation"], target.rstrip("/").rpartition("/")[2])
