"""Rows of Airflow's database → plain facts of a DAG run's end; the classes of the rows are a version's own."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from riverhead_airflow.texts import state_name, word
from riverhead_airflow.untold import tries_in, untold_ends

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riverhead_airflow.snapshot import Cause, DagRunEnd, MissedDeadline, TaskState
    from riverhead_airflow.untold import Tables, Try

# More than anybody reads of one DAG run.
_MOST_CAUSES = 200
_OVER = frozenset({"success", "failed"})


@contextmanager
def session_of_our_own(settings: Any) -> Iterator[Any]:
    """Open a session over a connection beside Airflow's pool.

    Whoever forks while a thread of ours asks the pool for a connection, as executors and other listeners do, leaves
    its child with a lock that nobody opens.
    """
    shared = settings.engine
    engine = type(shared)(shared.pool.recreate(), shared.dialect, shared.url)
    session = getattr(settings.Session, "session_factory", settings.Session)(bind=engine)
    try:
        yield session
    finally:
        session.close()
        engine.dispose()


def end_of_dag_run(
    session: Any, tables: Tables, dag_id: str, run_id: str, hostname: Callable[[], str]
) -> DagRunEnd | None:
    """Return how the run ended, by its row and its tasks' rows; None while its row does not say that it is over."""
    runs = tables.runs
    run = session.query(runs).filter(runs.dag_id == dag_id, runs.run_id == run_id).one_or_none()
    if run is None or state_name(run.state) not in _OVER:
        return None
    latest = tries_in(session, tables.tasks, dag_id, run_id)
    return {
        "states": [_state(one) for one in latest],
        "missed": [_missed(deadline) for deadline in getattr(run, "deadlines", ())],
        "causes": _causes(run),
        "untold": untold_ends(session, tables, latest, dag_id, run_id, hostname=hostname),
    }


def _state(one: Try) -> TaskState:
    return {
        "id": str(one.task_id),
        "map_index": int(one.map_index),
        "state": one.state,
        "seconds": (one.end - one.start).total_seconds() if one.start and one.end else None,
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
