"""An observation of an application's start or end → the event of its run. Pure."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from riverhead_emitter.errors import UnreadableRecord
from riverhead_emitter.event import run_event
from riverhead_emitter.facets.facet import known
from riverhead_emitter.facets.job import job_type
from riverhead_emitter.facets.own.operation import parameters
from riverhead_emitter.facets.run import error_message, processing_engine
from riverhead_emitter.model import NO_LINEAGE, Lineage, RunState, Unresolved
from riverhead_emitter.version import PRODUCER
from riverhead_spark.application import VERSION, run_of, started_by
from riverhead_spark.code_facets import script_facets
from riverhead_spark.deaths import died_at
from riverhead_spark.interpreting import interpreted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverhead_emitter.event import Event
    from riverhead_emitter.observation import Observation

# The official agent's facet, under the name and in the names that its readers know; the specification has none for it.
_DETAILS = "spark_applicationDetails"
_ANY_RUN_FACET = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunFacet"
_CODE_UNKNOWN = "the program raised SystemExit itself: its code is known to the process that started it"


def interpret(observation: Observation) -> list[Event]:
    """Return the event of an application's start or of its end."""
    return interpreted(observation, VERSION, lambda each: [_event(each.payload)])


def _event(payload: Mapping[str, Any]) -> Event:
    application = payload["application"]
    run = run_of(application)
    if run is None:
        raise UnreadableRecord("this spark.application lacks a run_id")
    ending = payload.get("ending") or {"code": 0}
    state = RunState.START if payload["phase"] == "start" else _state(ending)
    is_unknown = state is not RunState.START and ending.get("code") is None and died_at(payload) is None
    return run_event(
        state,
        datetime.fromtimestamp((died_at(payload) or payload["at"]) / 1000, timezone.utc),
        run,
        Lineage(unresolved=(Unresolved("exit code", _CODE_UNKNOWN),)) if is_unknown else NO_LINEAGE,
        parentage=started_by(application),
        run_facets=_run_facets(payload, state, ending),
        job_facets=_job_facets(application),
    )


def _state(ending: Mapping[str, Any]) -> RunState:
    if ending.get("error"):
        return RunState.ABORT if ending["error"].get("class") == "KeyboardInterrupt" else RunState.FAIL
    return RunState.FAIL if ending.get("code") else RunState.COMPLETE


def _run_facets(payload: Mapping[str, Any], state: RunState, ending: Mapping[str, Any]) -> dict[str, Any]:
    facets = {"processing_engine": processing_engine("spark", payload["application"]["spark_version"])}
    if state in {RunState.FAIL, RunState.ABORT}:
        facets["errorMessage"] = _error(ending)
    if payload.get("details"):
        facets[_DETAILS] = {"_producer": PRODUCER, "_schemaURL": _ANY_RUN_FACET, **known(**payload["details"])}
    given = payload.get("parameters") or {}
    if given:
        origins = {name: "argument" if name == "arguments" else "conf" for name in given}
        facets["riverhead_parameters"] = parameters(given, origins)
    return facets


def _error(ending: Mapping[str, Any]) -> dict[str, Any]:
    error = ending.get("error") or {"message": f"the program left with exit code {ending.get('code')}"}
    return error_message(error["message"], "python", error.get("stack"))


def _job_facets(application: Mapping[str, Any]) -> dict[str, Any]:
    # What the agent says of an application: it is neither batch nor stream, its queries are.
    return {"jobType": job_type("SPARK", "APPLICATION", processing="NONE"), **script_facets(application)}
