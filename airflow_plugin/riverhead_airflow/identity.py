"""The same names and run ids as the official provider's, so that histories go on and children find their parents."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from riverhead_emitter.hand_over import run_named
from riverhead_emitter.model import Job, Parentage, Run
from riverhead_emitter.run_ids import run_id_of

if TYPE_CHECKING:
    from riverhead_airflow.snapshot import DagRunFacts, TaskIdentity


def dag_run_of(facts: DagRunFacts) -> Run:
    """Return the DAG run as a run of the job named like the DAG."""
    namespace, dag_id = facts["namespace"], facts["dag_id"]
    identity = f"{namespace}.{dag_id}.{facts['clear_number']}"
    return Run(run_id_of(_instant(facts), identity), Job(namespace, dag_id))


def task_run_of(task: TaskIdentity) -> Run:
    """Return the task instance's try as a run of the job `dag_id.task_id`."""
    namespace, name = task["namespace"], f"{task['dag_id']}.{task['task_id']}"
    identity = f"{namespace}.{name}.{task['try_number']}.{task['map_index']}"
    return Run(run_id_of(_instant(task), identity), Job(namespace, name))


def task_parentage(task: TaskIdentity) -> Parentage:
    """Return the DAG run as parent; the root is the DAG run too, unless it was started by somebody outside."""
    parent, origin = dag_run_of(task), task["origin"]
    return Parentage(parent, run_named(origin["root"]) or run_named(origin["parent"]) or parent)


def dag_run_parentage(facts: DagRunFacts) -> Parentage | None:
    """Return who started the DAG run from outside, if somebody said so."""
    parent = run_named(facts["origin"]["parent"])
    if parent is None:
        return None
    return Parentage(parent, run_named(facts["origin"]["root"]) or parent)


def _instant(facts: DagRunFacts) -> datetime:
    """The official provider counts from `run_after` where Airflow 3 has no logical date."""
    return datetime.fromisoformat(facts["logical_date"] or facts["run_after"] or "")
