"""The tries of a DAG run whose worker went away with its machine → how they ended; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from riverhead_airflow.snapshot import DagRunFacts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riverhead_airflow.snapshot import DagRunSnapshot, LostTry, TaskSnapshot, ToldOfTask

_MESSAGE = "the scheduler gave the task up, as nothing was heard of it from {hostname}: {reason}"
# What is told of a DAG run and holds for its tasks, too.
_SHARED = ("airflow", "interval", "dag")


def lost_tasks(dag_run: DagRunSnapshot) -> Iterator[TaskSnapshot]:
    """Return the end of each lost try, as its own process would have told it, had it known."""
    end = dag_run["told"].get("end")
    for lost in end.get("lost", ()) if end else ():
        yield _end_of(lost, dag_run)


def _end_of(lost: LostTry, dag_run: DagRunSnapshot) -> TaskSnapshot:
    facts = cast("DagRunFacts", {name: dag_run[name] for name in DagRunFacts.__annotations__})  # type: ignore[literal-required]  # its own names
    told = cast("ToldOfTask", {name: said for name, said in dag_run["told"].items() if name in _SHARED})
    return {
        **facts,
        "task_id": lost["task_id"],
        "try_number": lost["try_number"],
        "map_index": lost["map_index"],
        "state": "FAIL",
        "time": lost["time"],
        "start_time": lost["start_time"],
        "end_time": lost["time"],
        "operator": lost["operator"],
        "sql": [],
        "is_sql_cut": False,
        "address": None,
        "failure": {"message": _MESSAGE.format(**lost), "stack": None},
        "told": told,
    }
