"""An observation of a user action → the OpenLineage events that it means. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from riverhead_emitter.event import run_event
from riverhead_emitter.facets.job import job_type, sql
from riverhead_emitter.facets.run import error_message, processing_engine
from riverhead_emitter.model import Job, Lineage, Run, RunState
from riverhead_spark.access import read_by
from riverhead_spark.application import parentage_of
from riverhead_spark.code_facets import place_facets, source_facets
from riverhead_spark.counts import output_traffic, with_traffic, without_outcome
from riverhead_spark.executions import VERSION, with_end
from riverhead_spark.interpreting import interpreted
from riverhead_spark.job_names import job_name
from riverhead_spark.lineage import Told, joined, written_by
from riverhead_spark.losses import losses_of
from riverhead_spark.plan import plan_from
from riverhead_spark.rdd_actions import is_action
from riverhead_spark.sinks import kept_nowhere
from riverhead_spark.streaming import (
    is_quiet,
    is_stopped,
    is_without_news,
    stream_facets,
    stream_node,
    with_progress,
    with_topics_read,
)
from riverhead_spark.usage import failure_facets, resource_facets
from riverhead_spark.versions import with_versions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riverhead_emitter.event import Event
    from riverhead_emitter.observation import Observation
    from riverhead_spark.plan import Plan

_LEFT = "the application ended, or was listened to no longer, before this action did"
_STOPPED = "the query was stopped before this batch of it had ended"


def interpret(observation: Observation) -> list[Event]:
    """Return the start or the end of a run; nothing for an action that touches no dataset."""
    return interpreted(observation, VERSION, _events)


def _events(observation: Observation) -> list[Event]:
    payload = with_end(observation.payload)
    root, *nested = payload["executions"]
    plan = with_topics_read(plan_from(root["plan"]), root) if "plan" in root else None
    own = None if plan is None else _told(plan, root, payload["application"])
    whole = _whole(own, nested)
    if whole is None or is_without_news(payload["phase"], payload["executions"]):
        return []
    job = Job(payload["application"]["namespace"], _name(payload, root, whole))
    run = Run(observation.run_id, job)
    known = without_outcome(Lineage(whole.lineage.inputs, whole.lineage.outputs))
    start = _event(payload, RunState.START, root["started"], run, known)
    if payload["phase"] == "start":
        return [start]
    state = _end_of(root)
    is_whole = state is RunState.COMPLETE
    lineage = _counted(whole.lineage, plan, root, nested) if is_whole else without_outcome(whole.lineage)
    end = _event(payload, state, root["ended"], run, lineage)
    # A short action is over before its plan can be asked for at its start; its run begins here.
    is_started = payload.get("is_started") and own is not None and not is_quiet(root)
    return [end] if is_started else [start, end]


def _counted(
    lineage: Lineage, plan: Plan | None, root: Mapping[str, Any], nested: Sequence[Mapping[str, Any]]
) -> Lineage:
    lineage = with_traffic(lineage, root, nested)
    return lineage if plan is None or "progress" not in root else with_progress(lineage, plan, root)


def _end_of(root: Mapping[str, Any]) -> RunState:
    if root.get("is_left") or is_stopped(root):
        return RunState.ABORT
    return RunState.FAIL if "error" in root else RunState.COMPLETE


def _told(plan: Plan, root: Mapping[str, Any], application: Mapping[str, Any]) -> Told | None:
    """Return what an action's own plan writes or, if it is no command, reads."""
    if kept_nowhere(plan) is not None:
        return read_by(plan, application) if is_action(root) else None
    # The inserts of one statement are several commands, and then the whole of them is none.
    written = _written(plan, root)
    return written if written or root.get("is_command", True) else read_by(plan, application)


def _written(plan: Plan, execution: Mapping[str, Any]) -> Told | None:
    written = written_by(plan)
    if written is None:
        return None
    outputs = written.lineage.outputs
    traffic = output_traffic(execution, len(outputs))
    outputs = tuple(replace(touched, traffic=each) for touched, each in zip(outputs, traffic, strict=True))
    return replace(written, lineage=with_versions(replace(written.lineage, outputs=outputs), execution))


def _whole(own: Told | None, nested: Sequence[Mapping[str, Any]]) -> Told | None:
    """Return what the action writes, its own command before the ones that this one ran.

    The first that says something names the job: at its start no other is known, and a run has one job.
    """
    whole = own
    for execution in nested:
        other = _written(plan_from(execution["plan"]), execution) if "plan" in execution else None
        if other is None:
            continue
        whole = other if whole is None else replace(whole, lineage=joined(whole.lineage, other.lineage))
    return whole


def _name(payload: Mapping[str, Any], root: Mapping[str, Any], told: Told) -> str:
    node = stream_node(root) if "stream" in root else root.get("node") or ""
    return job_name(payload["application"]["name"], node, told.label)


def _job_type(root: Mapping[str, Any]) -> dict[str, Any]:
    # An action of an RDD has no node of an executed plan.
    kind = "SQL_JOB" if "node" in root else "RDD_JOB"
    return job_type("SPARK", kind, "STREAMING" if "stream" in root else "BATCH")


def _event(payload: Mapping[str, Any], state: RunState, milliseconds: int, run: Run, lineage: Lineage) -> Event:
    application, root = payload["application"], payload["executions"][0]
    run_facets = {"processing_engine": processing_engine("spark", application["spark_version"])}
    if state is RunState.FAIL:
        run_facets.update(failure_facets(root))
    if state is RunState.ABORT:
        run_facets["errorMessage"] = error_message(_STOPPED if is_stopped(root) else root.get("left", _LEFT), "JAVA")
    job_facets = {"jobType": _job_type(root), **place_facets(application, root)}
    if state is not RunState.START:
        run_facets.update({**resource_facets(root), **stream_facets(root)})
        job_facets.update(source_facets(payload["executions"]))
    if root.get("sql"):
        job_facets["sql"] = sql(root["sql"], "spark")
    return run_event(
        state,
        datetime.fromtimestamp(milliseconds / 1000, timezone.utc),
        run,
        _with_losses(lineage, root),
        parentage=parentage_of(application),
        run_facets=run_facets,
        job_facets=job_facets,
    )


def _with_losses(lineage: Lineage, root: Mapping[str, Any]) -> Lineage:
    """Name what was lost on the way here: what is missing may have been in it."""
    return replace(lineage, unresolved=(*lineage.unresolved, *losses_of(root)))
