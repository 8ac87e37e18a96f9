"""Rows of Airflow's database → tries whose end no process was there to tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from riverhead_airflow.texts import state_name, word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from riverhead_airflow.snapshot import UntoldEnd

MOST_TASKS = 5_000
# What the scheduler writes into Airflow's log where a worker does not say any more how its task is.
_GIVEN_UP = ("heartbeat timeout", "state mismatch")
# It waited for a worker then: whatever ran of it before has told its own end.
_WAITED = re.compile(r"state attribute is (?!running)\w")
_ENDS = {"success": "COMPLETE", "failed": "FAIL", "up_for_retry": "FAIL", "skipped": "ABORT"}
_ENDED_WAITING = "Airflow ended the task while it waited"


class Tables(NamedTuple):
    """A version's classes of rows: DAG runs, tasks by their latest try, their tries before, and Airflow's log.

    `waits` returns the tasks of a DAG run that were rescheduled, with their map index and when that was.
    """

    runs: Any
    tasks: Any
    tries: Any
    log: Any
    waits: Callable[[Any, str, str], Iterable[Any]]


class Try(NamedTuple):
    """One try, as its row has it; `method` is what goes on with it when its waiting is over."""

    task_id: str
    map_index: int
    number: int
    operator: str | None
    hostname: str | None
    start: datetime | None
    end: datetime | None
    changed: datetime | None
    state: str | None
    method: str | None

    @property
    def key(self) -> tuple[str, int, int]:
        """What no other try of the DAG run has."""
        return self.task_id, self.map_index, self.number

    @property
    def has_run(self) -> bool:
        """True for one that was on some machine."""
        return bool(self.hostname) and self.start is not None


def tries_in(session: Any, kind: Any, dag_id: str, run_id: str) -> list[Try]:
    """Return a DAG run's tries of one class of rows, as many as anybody reads."""
    asked = (kind.task_id, kind.map_index, kind.try_number, kind.operator, kind.hostname, kind.start_date)
    query = session.query(*asked, kind.end_date, kind.updated_at, kind.state, kind.next_method)
    rows = query.filter(kind.dag_id == dag_id, kind.run_id == run_id).limit(MOST_TASKS)
    return [Try._make([*facts, None if state is None else state_name(state), method]) for *facts, state, method in rows]


def untold_ends(
    session: Any, tables: Tables, latest: Sequence[Try], dag_id: str, run_id: str, *, hostname: Callable[[], str]
) -> list[UntoldEnd]:
    """Return the tries that ended while they waited, and those that were given up on another machine.

    Who dies on this machine is told by who drains here. `latest` is the last try of each task.
    """
    waits = {tuple(row) for row in tables.waits(session, dag_id, run_id)}
    found = [
        # The end of one that was rescheduled is when it went to wait.
        _end(one, _ENDS[one.state], one.changed or one.end, _ENDED_WAITING)
        for one in latest
        if one.has_run and one.state in _ENDS and one.end
        if one.method or (one.task_id, one.map_index, one.end) in waits
    ]
    told = {(end["task_id"], end["map_index"], end["try_number"]) for end in found}
    deaths = {key: death for key, death in _deaths(session, tables.log, dag_id, run_id).items() if key not in told}
    if not deaths:
        return found
    here = hostname()
    for one in (*latest, *tries_in(session, tables.tries, dag_id, run_id)):
        if not one.has_run or one.key not in deaths or one.state == "success":
            continue
        time, reason, has_waited = deaths[one.key]
        if has_waited or one.hostname != here:
            del deaths[one.key]
            found.append(_end(one, "FAIL", time, f"given up by the scheduler, it was on {one.hostname}: {reason}"))
    return found


def _deaths(session: Any, log: Any, dag_id: str, run_id: str) -> dict[tuple[str, int, int], tuple[datetime, str, bool]]:
    """Return which tries the scheduler gave up: when, why, and whether they waited for a worker then."""
    asked = log.task_id, log.map_index, log.try_number, log.dttm, log.event, log.extra
    given_up = session.query(*asked).filter(log.dag_id == dag_id, log.run_id == run_id, log.event.in_(_GIVEN_UP))
    return {
        (task_id, map_index, number): (time, event, bool(_WAITED.search(extra or "")))
        for task_id, map_index, number, time, event, extra in given_up.limit(MOST_TASKS)
    }


def _end(one: Try, state: str, time: datetime, reason: str) -> UntoldEnd:
    return {
        "task_id": str(one.task_id),
        "map_index": int(one.map_index),
        "try_number": int(one.number),
        "operator": word(one.operator or ""),
        "start_time": (one.start or time).isoformat(),
        "time": time.isoformat(),
        "state": state,
        "reason": word(reason),
    }
