"""Rows of Airflow's database → plain facts of a DAG run's end; the classes of the rows are a version's own."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from riverhead_airflow.texts import word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from riverhead_airflow.snapshot import Cause, DagRunEnd, LostTry, MissedDeadline, TaskState

# More than anybody reads of one DAG run.
_MOST_TASKS, _MOST_CAUSES = 5_000, 200
_OVER = frozenset({"success", "failed"})
# What the scheduler writes into Airflow's log where a worker does not say any more how its task is.
_GIVEN_UP = ("heartbeat timeout", "state mismatch")


class Tables(NamedTuple):
    """A version's classes of rows: DAG runs, tasks by their latest try, their tries before, and Airflow's log."""

    runs: Any
    tasks: Any
    tries: Any
    log: Any


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
    runs, tasks = tables.runs, tables.tasks
    run = session.query(runs).filter(runs.dag_id == dag_id, runs.run_id == run_id).one_or_none()
    if run is None or state_name(run.state) not in _OVER:
        return None
    asked = tasks.task_id, tasks.map_index, tasks.state, tasks.start_date, tasks.end_date, tasks.try_number
    found = session.query(*asked).filter(tasks.dag_id == dag_id, tasks.run_id == run_id).limit(_MOST_TASKS).all()
    has_failed = any(number > 1 or state_name(state) == "failed" for _, _, state, _, _, number in found)
    return {
        "states": [_state(*row[:5]) for row in found],
        "missed": [_missed(deadline) for deadline in getattr(run, "deadlines", ())],
        "causes": _causes(run),
        "lost": _lost(session, tables, dag_id, run_id, hostname()) if has_failed else [],
    }


def _lost(session: Any, tables: Tables, dag_id: str, run_id: str, here: str) -> list[LostTry]:
    """Return the tries that the scheduler gave up elsewhere: the dead of this machine are told by who drains here."""
    log, lost = tables.log, []
    of_run = log.dag_id == dag_id, log.run_id == run_id, log.event.in_(_GIVEN_UP)
    asked = log.task_id, log.map_index, log.try_number, log.dttm, log.event
    deaths = {tuple(row[:3]): row[3:] for row in session.query(*asked).filter(*of_run).limit(_MOST_TASKS)}
    for row in _rows(session, (tables.tasks, tables.tries), dag_id, run_id) if deaths else ():
        *of_try, _operator, there, start, state = row
        if tuple(of_try) in deaths and start and there and there != here and state_name(state) != "success":
            lost.append(_try(row, *deaths.pop(tuple(of_try))))
    return lost


def _rows(session: Any, kinds: Iterable[Any], dag_id: str, run_id: str) -> Iterable[Any]:
    for kind in kinds:
        asked = (
            kind.task_id,
            kind.map_index,
            kind.try_number,
            kind.operator,
            kind.hostname,
            kind.start_date,
            kind.state,
        )
        yield from session.query(*asked).filter(kind.dag_id == dag_id, kind.run_id == run_id).limit(_MOST_TASKS)


def _try(row: Sequence[Any], given_up: datetime, reason: str) -> LostTry:
    task_id, map_index, number, operator, hostname, start, _ = row
    return {
        "task_id": str(task_id),
        "map_index": int(map_index),
        "try_number": int(number),
        "operator": word(operator or ""),
        "hostname": word(hostname),
        "start_time": start.isoformat(),
        "time": given_up.isoformat(),
        "reason": word(reason),
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
