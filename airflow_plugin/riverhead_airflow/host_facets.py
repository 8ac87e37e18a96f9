"""Airflow's own facets, `airflow`, `airflowDagRun` and `airflowState`, as its official provider shapes them; pure.

They have no schema but that of any facet. Lists are lists here, where the provider writes them as texts.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from riverhead_emitter.facets.facet import known
from riverhead_emitter.version import PRODUCER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from riverhead_airflow.snapshot import (
        Authored,
        DagRunEnd,
        DagRunFacts,
        DagRunSnapshot,
        TaskInDag,
        TaskSnapshot,
        TaskState,
        Told,
    )
    from riverhead_emitter.facets.facet import Facet

_ANY_RUN_FACET = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunFacet"
_ANY_JOB_FACET = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobFacet"
# As Airflow calls them.
_STATES = {"COMPLETE": "success", "FAIL": "failed"}


def task_facet(task: TaskSnapshot, run_id: str) -> Facet:
    """Return the run facet `airflow` of a task."""
    told = task["told"]
    return _run_facet(
        dag=_dag(task, told),
        dagRun=_dag_run(task, told),
        task=_task(task),
        taskInstance=_task_instance(task),
        taskUuid=run_id,
    )


def dag_run_facet(dag_run: DagRunSnapshot) -> Facet:
    """Return the run facet `airflowDagRun` of a DAG run."""
    return _run_facet(dag=_dag(dag_run, dag_run["told"]), dagRun=_dag_run(dag_run, dag_run["told"]))


def states_facet(state: str, states: Iterable[TaskState]) -> Facet:
    """Return the run facet `airflowState`: how each task of a DAG run ended, and how long it took."""
    told = list(states)
    return _run_facet(
        dagRunState=_STATES.get(state, state),
        tasksState={_instance(task): task["state"] for task in told},
        tasksDuration={_instance(task): task["seconds"] for task in told if task["seconds"] is not None},
    )


def tasks_facet(tasks: Iterable[TaskInDag]) -> Facet:
    """Return the job facet `airflow`: a DAG's tasks, how they follow each other, and their groups."""
    told = list(tasks)
    return {
        "_producer": PRODUCER,
        "_schemaURL": _ANY_JOB_FACET,
        "taskTree": {},
        "taskGroups": {group: {"task_ids": _inside(group, told)} for group in _groups(told)},
        "tasks": {
            task["id"]: known(
                operator=task["operator"],
                downstream_task_ids=task["downstream"],
                task_group=task["group"],
                owner=task["owner"],
            )
            for task in told
        },
    }


def _run_facet(**content: object) -> Facet:
    return {"_producer": PRODUCER, "_schemaURL": _ANY_RUN_FACET, **known(**content)}


def _groups(tasks: Iterable[TaskInDag]) -> list[str]:
    return list(dict.fromkeys(task["group"] for task in tasks if task["group"]))


def _inside(group: str, tasks: Iterable[TaskInDag]) -> list[str]:
    return [task["id"] for task in tasks if task["group"] == group]


def _instance(task: TaskState) -> str:
    return task["id"] if task["map_index"] < 0 else f"{task['id']}[{task['map_index']}]"


def _dag(facts: DagRunFacts, told: Told) -> dict[str, Any]:
    said: Authored = told.get("dag", {})
    return known(
        dag_id=facts["dag_id"],
        description=said.get("description"),
        fileloc=told.get("code", {}).get("file"),
        owner=said.get("owner"),
        tags=said.get("tags"),
        timetable_summary=said.get("schedule"),
    )


def _dag_run(facts: DagRunFacts, told: Told) -> dict[str, Any]:
    start, end = told.get("interval") or (None, None)
    code = told.get("code", {})
    return known(
        dag_id=facts["dag_id"],
        run_id=facts["run_id"],
        run_type=facts["run_type"],
        logical_date=facts["logical_date"],
        run_after=facts["run_after"],
        data_interval_start=start,
        data_interval_end=end,
        clear_number=facts["clear_number"],
        conf=told.get("conf"),
        **_at_the_end(facts, told.get("end")),
        triggered_by=told.get("triggered_by"),
        dag_bundle_name=code.get("bundle"),
        dag_bundle_version=code.get("bundle_version"),
    )


def _at_the_end(facts: DagRunFacts, end: DagRunEnd | None) -> dict[str, Any]:
    """Return which assets a run was started for, and by how much it was late."""
    if end is None:
        return {}
    over = facts.get("end_time")
    late = [
        known(name=deadline["name"], deadline_time=deadline["due"], late_seconds=_seconds(deadline["due"], over))
        for deadline in end["missed"]
    ]
    assets = list(dict.fromkeys(cause["uri"] for cause in end["causes"]))
    return known(consumed_assets=assets or None, missed_deadlines=late or None)


def _seconds(start: str, end: object) -> float | None:
    if not isinstance(end, str):
        return None
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


def _task(task: TaskSnapshot) -> dict[str, Any]:
    said: Authored = task["told"].get("task", {})
    group, assets = said.get("group"), task["told"].get("assets")
    return known(
        task_id=task["task_id"],
        operator_class=task["operator"].rpartition(".")[2],
        operator_class_path=task["operator"],
        task_group={"group_id": group} if group else None,
        params=task["told"].get("params"),
        inlets=(assets["inputs"] or None) if assets else None,
        outlets=(assets["outputs"] or None) if assets else None,
        **_renamed(said, _OF_TASK),
    )


def _task_instance(task: TaskSnapshot) -> dict[str, Any]:
    return known(
        try_number=task["try_number"],
        map_index=task["map_index"] if task["map_index"] >= 0 else None,
        start_date=task["start_time"],
        end_date=task["end_time"],
        due_date=task["told"].get("due"),
        late_seconds=_late(task),
        **_marked(task),
        **_renamed(task["told"].get("placed", {}), {"queued_time": "queued_dttm"}),
    )


def _marked(task: TaskSnapshot) -> dict[str, Any]:
    marked = task["told"].get("marked")
    return {} if marked is None else {"state": marked, "state_set_by": "hand"}


def _late(task: TaskSnapshot) -> float | None:
    """By how much a task that is over missed its time; nothing for one that was in time."""
    seconds = _seconds(task["told"].get("due") or task["time"], task["end_time"])
    return seconds if "due" in task["told"] and seconds and seconds > 0 else None


_OF_TASK = {
    "upstream": "upstream_task_ids",
    "downstream": "downstream_task_ids",
    "is_mapped": "mapped",
    "is_deferrable": "deferrable",
    "timeout_seconds": "execution_timeout_seconds",
    "docs": "",
    "docs_type": "",
    "group": "",
}


def _renamed(said: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return what is said under the provider's names; what has an empty one is told elsewhere."""
    return {names.get(name, name): value for name, value in said.items() if names.get(name, name)}
