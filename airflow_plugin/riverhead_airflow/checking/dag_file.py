"""One DAG file → facts, by Airflow's own DagBag; runs in a process that then ends."""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from riverhead_airflow.checking.facts import DagFacts, Facts, Problem, TaskFacts, as_document
from riverhead_airflow.checking.lines import Lines
from riverhead_airflow.checking.tasks import TaskReader, givers, owners_in
from riverhead_airflow.host import is_discovery_safe
from riverhead_airflow.texts import kept, word
from riverhead_emitter.guard import FailureLog, guard
from riverhead_emitter.redaction import REDACTION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverhead_airflow.host import DagHost

_MOST_DETAIL, _MOST_TEXT = 4 << 10, 500
# As Airflow says it where a DAG file asks for one.
_NO_VARIABLE = ("Variable", "does not exist"), ("VARIABLE_NOT_FOUND",)
_HOW_TO_GIVE_VARIABLES = "; no database is asked here: give it as AIRFLOW_VAR_… in the environment"


@dataclass(frozen=True, slots=True)
class DagFileReader:
    """Reads one file, in a fork that will not be used again."""

    host: DagHost
    extractors: Mapping[str, str]
    """The name of an operator's class → the extractor that is registered for it."""
    attaches_spark: bool = False

    def __call__(self, file: str) -> dict[str, Any]:
        """Return the facts of a file as a document."""
        dag_class, bag_class, xcom_class = self.host.dag_classes()
        lines = Lines(file)
        lines.watch(dag_class)
        bag = bag_class(dag_folder=file, collect_dags=False)
        problems = list(_import_problems(bag, file))
        made_in = lines.by_task()
        # Airflow gathers them in a set, whose order is another one each time.
        dags = [dag for _, dag in sorted(bag.dags.items())]
        facts = [self._of_dag(dag, file, made_in, xcom_class) for dag in dags]
        return as_document(
            Facts(
                tuple(DagFacts(word(str(dag.dag_id)), file, owners_in(str(dag.owner))) for dag in dags),
                tuple(task for tasks, _ in facts for task in tasks),
                (*problems, *(problem for _, found in facts for problem in found)),
            )
        )

    def _of_dag(
        self, dag: Any, file: str, made_in: Mapping[int, int], xcom_class: Any
    ) -> tuple[list[TaskFacts], list[Problem]]:
        taken = frozenset(giver for task in dag.tasks for giver in givers(task, xcom_class))
        reader = TaskReader(self.host, xcom_class, self.extractors, taken, attaches_spark=self.attaches_spark)
        dag_id, found, problems = word(str(dag.dag_id)), [], []
        for task in dag.tasks:
            failures = FailureLog()
            with guard("looking at a task", failures):
                found.append(reader.facts_of(task, dag_id, file, made_in.get(id(task))))
            if failures.counts:
                problems.append(_unreadable(task, dag_id, file))
        return found, problems


def _unreadable(task: Any, dag_id: str, file: str) -> Problem:
    text = "it cannot be looked at: one of its fields raises an error when it is read"
    return Problem("unreadable-task", text, file=file, dag_id=dag_id, task_id=word(str(task.task_id)))


def _import_problems(bag: Any, file: str) -> list[Problem]:
    try:
        bag.process_file(file, only_if_updated=False, safe_mode=is_discovery_safe())
    except BaseException as error:  # noqa: BLE001 - a file may raise anything, SystemExit too, and Airflow 2 lets it out
        return [import_problem(file, "".join(traceback.format_exception(error, limit=-2)))]
    return [import_problem(str(path), str(text)) for path, text in bag.import_errors.items()]


def import_problem(file: str, said: str) -> Problem:
    """Return what Airflow says of a file that it cannot import, its last line first."""
    detail = kept(said[-(_MOST_DETAIL * 2) :], _MOST_DETAIL * 2, REDACTION)[-_MOST_DETAIL:]
    lines = [line.strip() for line in detail.splitlines() if line.strip()]
    text = (lines[-1] if lines else "it raises an error without a word")[:_MOST_TEXT]
    if any(all(part in said for part in parts) for parts in _NO_VARIABLE):
        text += _HOW_TO_GIVE_VARIABLES
    return Problem("import-error", text, file=file, detail=detail, line=_line_in(file, detail))


def _line_in(file: str, said: str) -> int | None:
    """Return the last line of the file itself that an error's stack names, or the error where there is no stack."""
    path, name = re.escape(file), re.escape(PurePath(file).name)
    found = re.findall(rf'File "{path}", line (\d{{1,9}})\b', said) or re.findall(
        rf"\({name}, line (\d{{1,9}})\)", said
    )
    return int(found[-1]) if found else None
