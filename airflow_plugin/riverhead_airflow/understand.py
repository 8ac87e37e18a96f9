"""Snapshot → OpenLineage events; pure. Runs in the drainer, so parsing SQL costs no task anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from riverhead_airflow.declared import dataset_of_asset, declared
from riverhead_airflow.identity import dag_run_of, dag_run_parentage, task_parentage, task_run_of
from riverhead_airflow.said import whole, with_checks
from riverhead_airflow.snapshot import ASSET, DAG_RUN, TASK, VERSION
from riverhead_airflow.told_facets import of_dag_job, of_dag_run, of_task_job, of_task_run
from riverhead_airflow.tries import ends_of_tries
from riverhead_airflow.work import lineage_of_work, script_of, without_columns
from riverhead_emitter.errors import UnknownObservation, UnreadableRecord
from riverhead_emitter.event import dataset_event, run_event
from riverhead_emitter.facets.job import job_type, sql
from riverhead_emitter.facets.own.operation import freshness
from riverhead_emitter.model import NO_LINEAGE, Flow, Job, Lineage, RunState, Touched
from riverhead_sql.merging import merged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riverhead_airflow.snapshot import AssetSnapshot, DagRunSnapshot, TaskSnapshot
    from riverhead_emitter.event import Event
    from riverhead_emitter.model import Run
    from riverhead_emitter.observation import Observation

_BEGINNINGS = frozenset({RunState.START, RunState.RUNNING})
# The first version told nothing beside what identifies a run and its lineage.
_NOTHING_TOLD: dict[str, Any] = {"told": {}}


def interpret(observation: Observation) -> list[Event]:
    """Return the event that a task's or a DAG run's change of state means, behind those of tries that it tells of."""
    if observation.version > VERSION:
        raise UnknownObservation(f"{observation.kind} of version {observation.version}; upgrade riverhead here")
    try:
        match observation.kind:
            case "airflow.task":
                return [task_event(cast("TaskSnapshot", {**_NOTHING_TOLD, **observation.payload}))]
            case "airflow.dag_run":
                dag_run = cast("DagRunSnapshot", {**_NOTHING_TOLD, **observation.payload})
                return [*map(task_event, ends_of_tries(dag_run)), dag_run_event(dag_run)]
            case "airflow.asset":
                return list(asset_events(cast("AssetSnapshot", observation.payload)))
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableRecord(f"{observation.kind} does not have the facts of its version") from error
    raise UnknownObservation(f"this room understands {TASK}, {DAG_RUN} and {ASSET}, not {observation.kind}")


def task_event(task: TaskSnapshot) -> Event:
    """Return the event of a task's start or end."""
    state, run = RunState(task["state"]), task_run_of(task)
    script, dialect = script_of(task)
    job_facets: dict[str, Any] = {"jobType": job_type("AIRFLOW", "TASK"), **of_task_job(task)}
    if script:
        job_facets["sql"] = sql(script, dialect)
    lineage, checked = with_checks(merged([lineage_of_work(task), _declared(task)]), task["told"].get("checks", ()))
    lineage = replace(lineage, outputs=_delivered(task, lineage), flows=(*lineage.flows, *_handed(task, run)))
    said = task["told"].get("said")
    return run_event(
        state,
        datetime.fromisoformat(task["time"]),
        run,
        without_columns(lineage) if state in _BEGINNINGS else lineage,
        parentage=task_parentage(task),
        run_facets={**whole(said["run_facets"] if said else {}), **of_task_run(task, run.id), **checked},
        job_facets={**whole(said["job_facets"] if said else {}), **job_facets},
    )


def dag_run_event(dag_run: DagRunSnapshot) -> Event:
    """Return the event of a DAG run's start or end."""
    return run_event(
        RunState(dag_run["state"]),
        datetime.fromisoformat(dag_run["time"]),
        dag_run_of(dag_run),
        parentage=dag_run_parentage(dag_run),
        run_facets=of_dag_run(dag_run),
        job_facets={"jobType": job_type("AIRFLOW", "DAG"), **of_dag_job(dag_run["told"])},
    )


def asset_events(filled: AssetSnapshot) -> Iterator[Event]:
    """Yield the event of a dataset that somebody filled who is no task, if the asset stands for a dataset."""
    time, dataset = datetime.fromisoformat(filled["time"]), dataset_of_asset(filled["asset"], filled["namespace"])
    if dataset is not None:
        yield dataset_event(time, Touched(dataset, facets={"riverhead_freshness": freshness(delivered=time)}))


def _handed(task: TaskSnapshot, run: Run) -> list[Flow]:
    """Whose results a task took as its own arguments; which try of theirs it was is not known."""
    pulls = task["told"].get("pulls", ())
    return [Flow(run, Job(task["namespace"], f"{pull['dag_id']}.{pull['task_id']}")) for pull in pulls]


def _delivered(task: TaskSnapshot, lineage: Lineage) -> tuple[Touched, ...]:
    """Return the outputs, with when they were due and came where that is known."""
    due, came = task["told"].get("due"), task["end_time"]
    if due is None or came is None or task["state"] != RunState.COMPLETE.value:
        return lineage.outputs
    told = {"riverhead_freshness": freshness(due=due, delivered=came)}
    return tuple(replace(touched, facets={**touched.facets, **told}) for touched in lineage.outputs)


def _declared(task: TaskSnapshot) -> Lineage:
    assets = task["told"].get("assets")
    return NO_LINEAGE if assets is None else declared(assets, task["namespace"])
