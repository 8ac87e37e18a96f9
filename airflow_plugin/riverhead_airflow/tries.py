"""The tries of a DAG run that nobody was there to tell of → how they ended; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from riverhead_airflow.snapshot import DagRunFacts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riverhead_airflow.snapshot import DagRunSnapshot, TaskSnapshot, ToldOfTask, UntoldEnd

# What is told of a DAG run and holds for its tasks, too.
_SHARED = ("airflow", "interval", "dag")


def ends_of_tries(dag_run: DagRunSnapshot) -> Iterator[TaskSnapshot]:
    """Return the end of each such try, as its own process would have told it."""
    end = dag_run["told"].get("end")
    for untold in end.get("untold", ()) if end else ():
        yield _end_of(untold, dag_run)


def _end_of(untold: UntoldEnd, dag_run: DagRunSnapshot) -> TaskSnapshot:
    facts = cast("DagRunFacts", {name: dag_run[name] for name in DagRunFacts.__annotations__})  # type: ignore[literal-required]  # its own names
    told = cast("ToldOfTask", {name: said for name, said in dag_run["told"].items() if name in _SHARED})
    return {
        **facts,
        "task_id": untold["task_id"],
        "try_number": untold["try_number"],
        "map_index": untold["map_index"],
        "state": untold["state"],
        "time": untold["time"],
        "start_time": untold["start_time"],
        "end_time": untold["time"],
        "operator": untold["operator"],
        "sql": [],
        "is_sql_cut": False,
        "address": None,
        "failure": None if untold["state"] == "COMPLETE" else {"message": untold["reason"], "stack": None},
        "told": told,
    }
