"""Rows of Airflow's database → plain facts of a DAG run's end; the classes of the rows are a version's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_airflow.texts import word

if TYPE_CHECKING:
    from datetime import datetime

    from riverhead_airflow.snapshot import Cause, DagRunEnd, MissedDeadline, TaskState

# More than anybody reads of one DAG run.
_MOST_TASKS, _MOST_CAUSES = 5_000, 200
_OVER = frozenset({"success", "failed"})


def end_of_dag_run(session: Any, runs: Any, tasks: Any, dag_id: str, run_id: str) -> DagRunEnd | None:
    """Return how the run ended, by its row and its tasks' rows; None while its row does not say that it is over."""
    run = session.query(runs).filter(runs.dag_id == dag_id, runs.run_id == run_id).one_or_none()
    if run is None or state_name(run.state) not in _OVER:
        return None
    asked = tasks.task_id, tasks.map_index, tasks.state, tasks.start_date, tasks.end_date
    found = session.query(*asked).filter(tasks.dag_id == dag_id, tasks.run_id == run_id).limit(_MOST_TASKS)
    return {
        "states": [_state(*row) for row in found],
        "missed": [_missed(deadline) for deadline in getattr(run, "deadlines", ())],
        "causes": _causes(run),
    }


def _state(task_id: str, map_index: int, state: object, start: datetime | None, end: datetime | None) -> TaskState:
    return {
        "id": str(task_id),
        "map_index": int(map_index),
        "state": None if state is None else state_name(state),
        "seconds": (end - start).total_seconds() if start and end else None,
    }


def _missed(deadline: Any) -> MissedDeadline:
    """Airflow takes a deadline that was met away as soon as its run succeeds, so what is left was missed."""
    name = getattr(getattr(deadline, "deadline_alert", None), "name", None)
    return {"due": deadline.deadline_time.isoformat(), "name": word(name) if isinstance(name, str) else None}


def _causes(run: Any) -> list[Cause]:
    events = getattr(run, "consumed_asset_events", None) or getattr(run, "consumed_dataset_events", None) or ()
    return [
        {
            "uri": word(str(getattr(getattr(event, "asset", None) or getattr(event, "dataset", None), "uri", ""))),
            "dag_id": event.source_dag_id,
            "task_id": event.source_task_id,
        }
        for event in list(events)[:_MOST_CAUSES]
    ]


def state_name(state: object) -> str:
    """Return a state as Airflow calls it; most are of a class of their own."""
    return str(getattr(state, "value", state))
