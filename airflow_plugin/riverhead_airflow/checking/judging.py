"""Facts, an allow-list and a wanted depth → a report, which the gate is opened or closed by; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from riverhead_airflow.checking.allowances import stale
from riverhead_airflow.checking.depth import Depth
from riverhead_airflow.checking.remarks import refusals, stale_entries, unknown_connections, without_doubles
from riverhead_airflow.checking.rules import verdict_of
from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.nearest import nearest
from riverhead_emitter.printable import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from riverhead_airflow.checking.allowances import Allowance
    from riverhead_airflow.checking.depth import Verdict
    from riverhead_airflow.checking.facts import DagFacts, Problem, TaskFacts
    from riverhead_airflow.checking.launching import Reading

NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asked for."""

    at_least: Depth = Depth.DATASETS
    allowances: tuple[Allowance, ...] = ()
    owners: tuple[str, ...] = ()
    dags: tuple[str, ...] = ()
    is_strict: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """A task, what will be known of it, and whether that is enough."""

    facts: TaskFacts
    verdict: Verdict
    is_below: bool
    allowance: Allowance | None

    @property
    def fails(self) -> bool:
        """True if it closes the gate."""
        return self.is_below and self.allowance is None


@dataclass(frozen=True, slots=True)
class Report:
    """All that there is to say of a folder."""

    airflow: str
    folder: str
    wish: Wish
    dags: tuple[DagFacts, ...]
    tasks: tuple[Judged, ...]
    problems: tuple[Problem, ...]

    @property
    def passes(self) -> bool:
        """True if the gate is open; where problems left nothing to look at, nothing has been shown."""
        has_problems = any(problem.level == "problem" for problem in self.problems)
        if has_problems and (self.wish.is_strict or not self.tasks):
            return False
        return not any(task.fails for task in self.tasks)


@dataclass(frozen=True, slots=True)
class Count:
    """So many tasks of an owner, or of all, are so deep; those that move no data are counted for themselves."""

    owner: str
    tasks: int
    columns: int
    datasets: int
    run: int
    no_data: int
    below: int
    allowed: int


def report_of(reading: Reading, wish: Wish) -> Report:
    """Return the report on what was read, for the DAGs and owners that somebody wants to hear of."""
    facts = without_doubles(reading.facts)
    unread = sum(bool(problem.file) and not problem.dag_id for problem in facts.problems)
    _refuse_unknown("DAG", wish.dags, {dag.dag_id for dag in facts.dags}, unread)
    _refuse_unknown("owner", wish.owners, {owner for task in facts.tasks for owner in task.owners}, unread)
    chosen = [task for task in facts.tasks if _is_wanted(task, wish)]
    shown = {task.dag_id for task in chosen}
    unused = stale(wish.allowances, ((task.dag_id, task.task_id) for task in facts.tasks))
    problems = [
        *(problem for problem in facts.problems if not problem.dag_id or problem.dag_id in shown or not wish.dags),
        *refusals(chosen, reading.airflow, reading.listeners),
        *stale_entries(unused, has_unread=unread > 0),
        *unknown_connections(chosen),
    ]
    return Report(
        reading.airflow,
        reading.folder,
        wish,
        tuple(dag for dag in facts.dags if dag.dag_id in shown or not (wish.dags or wish.owners)),
        tuple(_judged(task, wish) for task in chosen),
        tuple(problems),
    )


def counts_of(report: Report) -> tuple[Count, ...]:
    """Return a count for each owner, sorted, and at the end one for all tasks, whose owner is empty."""
    owners = sorted({owner for task in report.tasks for owner in _owners(task)})
    each = (_count(owner, [task for task in report.tasks if owner in _owners(task)]) for owner in owners)
    return (*each, _count("", report.tasks))


def _is_wanted(task: TaskFacts, wish: Wish) -> bool:
    is_of_dag = not wish.dags or task.dag_id in wish.dags
    return is_of_dag and (not wish.owners or bool(set(task.owners) & set(wish.owners)))


def _refuse_unknown(what: str, wanted: Sequence[str], known: set[str], unread: int) -> None:
    for name in wanted:
        if name not in known:
            near = nearest(name, known)
            hint = f"; did you mean {printable(near)}?" if near else ""
            files = f" ({counted(unread, 'file')} could not be read)" if unread else ""
            raise ConfigurationError(f"no {what} is called {printable(name)}{files}{hint}")


def _judged(task: TaskFacts, wish: Wish) -> Judged:
    verdict = verdict_of(task)
    is_below = verdict.moves_data and verdict.depth.rank < wish.at_least.rank
    allowance = next((entry for entry in wish.allowances if entry.covers(task.dag_id, task.task_id)), None)
    return Judged(task, verdict, is_below, allowance if is_below else None)


def _owners(task: Judged) -> tuple[str, ...]:
    return task.facts.owners or (NOBODY,)


def _count(owner: str, tasks: Iterable[Judged]) -> Count:
    found = list(tasks)
    moving = [task.verdict.depth for task in found if task.verdict.moves_data]
    return Count(
        owner,
        len(found),
        moving.count(Depth.COLUMNS),
        moving.count(Depth.DATASETS),
        moving.count(Depth.RUN),
        len(found) - len(moving),
        sum(task.fails for task in found),
        sum(task.allowance is not None for task in found),
    )
