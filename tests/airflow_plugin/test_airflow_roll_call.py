"""The end of a DAG run, told with the states of its tasks, while nobody waits for the database."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import house
from conditions import await_that
from riverhead_airflow import roll_call
from riverhead_airflow.roll_call import RollCall
from riverhead_emitter import loading
from riverhead_emitter.guard import FailureLog

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

END = {"states": [{"id": "a", "map_index": -1, "state": "success", "seconds": 1.0}], "missed": [], "causes": []}


def called(ask: Callable[[str, str], Any]) -> tuple[RollCall, list[Any]]:
    kept: list[Any] = []
    return RollCall(ask, kept.append, FailureLog()), kept


def dag_run() -> Any:
    return {"dag_id": "shop", "run_id": "r", "told": {}}


def test_the_states_are_asked_for_until_the_run_is_over_in_the_database() -> None:
    answers = iter([None, None, END])
    roll, kept = called(lambda *_of: next(answers))

    roll.tell(dag_run())
    roll.finish()

    assert [end["told"] for end in kept] == [{"end": END}]


def test_a_process_is_not_forked_while_its_database_is_asked() -> None:
    asking, is_asked = threading.Event(), threading.Event()

    def ask(*_of: str) -> Any:
        asking.set()
        await_that(lambda: bool(loading._held_for_fork), "a fork waits", 30)
        is_asked.set()
        return END

    roll, _ = called(ask)
    roll.tell(dag_run())
    asking.wait(30)
    child = os.fork()
    if child == 0:
        os._exit(0 if is_asked.is_set() else 3)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    roll.finish()


def test_a_database_that_does_not_answer_costs_the_states_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roll_call, "LONGEST_SECONDS", 0.2)
    hanging = threading.Event()
    roll, kept = called(lambda *_of: hanging.wait(60))

    roll.tell(dag_run())
    [thread] = roll._asking
    thread.join(30)
    hanging.set()

    assert [end["told"] for end in kept] == [{}]


def test_a_database_that_fails_costs_the_states_alone() -> None:
    def refused(*_of: str) -> Any:
        raise OSError("no database")

    roll, kept = called(refused)

    roll.tell(dag_run())
    roll.finish()

    assert [end["told"] for end in kept] == [{}]


def test_a_process_that_ends_tells_the_end_of_its_dag_run_first() -> None:
    program = """
import time
from riverhead_airflow.roll_call import RollCall
from riverhead_emitter.guard import FailureLog

def ask(*_of):
    time.sleep(0.2)  # a database that takes its time
    return {"states": []}

RollCall(ask, lambda end: print(end["told"], flush=True), FailureLog()).tell({"dag_id": "d", "run_id": "r", "told": {}})
"""

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60,
        env={**os.environ, "PYTHONPATH": house.source_path()},
    )  # fmt: skip

    assert done.stdout == "{'end': {'states': []}}\n"


def test_many_ends_at_once_ask_by_few_threads_and_are_all_told() -> None:
    waiting = threading.Event()
    roll, kept = called(lambda *_of: END if waiting.wait(60) else None)

    for _ in range(20):
        roll.tell(dag_run())
    assert len(kept) == 12
    waiting.set()
    roll.finish()

    assert len(kept) == 20
