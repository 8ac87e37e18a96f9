"""What is to be said beside the depths: what listening costs, names that are there twice, connections; pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from riverhead_airflow.checking.facts import Facts, Problem
from riverhead_emitter.printable import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riverhead_airflow.checking.allowances import Allowance
    from riverhead_airflow.checking.facts import DagFacts, Level, TaskFacts

_TEMPLATE = "{{"


def without_doubles(facts: Facts) -> Facts:
    """Return the facts with each DAG once, the first by its file, and a problem for every further one."""
    first: dict[str, str] = {}
    for dag in facts.dags:
        first.setdefault(dag.dag_id, dag.file)
    again = [dag for dag in facts.dags if first[dag.dag_id] != dag.file]
    return replace(
        facts,
        dags=tuple(dag for dag in facts.dags if first[dag.dag_id] == dag.file),
        tasks=tuple(task for task in facts.tasks if first.get(task.dag_id, task.file) == task.file),
        problems=(*facts.problems, *(_double(dag, first[dag.dag_id]) for dag in again)),
    )


def _double(dag: DagFacts, first: str) -> Problem:
    text = f"a DAG of this name is in {printable(first, 200)}, too; only that one is checked, Airflow takes either"
    return Problem("duplicate-dag", text, file=dag.file, dag_id=dag.dag_id)


def refusals(tasks: Iterable[TaskFacts], airflow: str, listeners: Sequence[str]) -> Iterator[Problem]:
    """Yield what listening costs: `DagBag` refuses a DAG with such a task where it meets a listener."""
    for task in tasks:
        if task.ends_from_trigger:
            level, text = _refusal(airflow, listeners)
            yield Problem("refused", text, level, task.file, task.dag_id, task.task_id)


def _refusal(airflow: str, listeners: Sequence[str]) -> tuple[Level, str]:
    if airflow.startswith("2."):
        return "problem", (
            "end_from_trigger=True: Airflow 2 refuses the whole DAG where any listener is installed, "
            "riverhead's as well; set end_from_trigger=False"
        )
    if listeners:
        return "problem", (
            f"end_from_trigger=True: Airflow refuses the whole DAG because of the listener of "
            f"{printable(listeners[0])}; switch that off, or set end_from_trigger=False"
        )
    return "note", (
        "end_from_trigger=True: works beside riverhead, which keeps out of what reads DAG files; "
        "only `airflow dags test` refuses this DAG"
    )


def unknown_connections(tasks: Iterable[TaskFacts]) -> Iterator[Problem]:
    """Yield a note for each connection that the environment does not define; nobody else is asked."""
    used = Counter(
        task.conn_id
        for task in tasks
        if (any(text.strip() for text in task.sql) or task.is_sql_late)
        and task.conn_id
        and task.address is None
        and _TEMPLATE not in task.conn_id
    )
    for conn_id, number in sorted(used.items()):
        text = (
            f"the connection {printable(conn_id)} of {counted(number, 'task')} is not in the environment "
            f"(AIRFLOW_CONN_{printable(conn_id.upper())}): which dialect its SQL is, was found by trying"
        )
        yield Problem("connection", text, "note")


def stale_entries(entries: Iterable[Allowance], *, has_unread: bool) -> Iterator[Problem]:
    """Yield what can go from the allow-list."""
    for entry in entries:
        limit = " that could be read" if has_unread else ""
        text = f"line {entry.line} of the allow-list, {printable(entry.pattern)}, means no task{limit}"
        yield Problem("stale-allowance", text)
