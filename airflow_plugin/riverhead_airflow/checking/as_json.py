"""A report as one JSON document, whose form docs/airflow-check.md promises."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from riverhead_airflow.checking.judging import counts_of

if TYPE_CHECKING:
    from riverhead_airflow.checking.allowances import Allowance
    from riverhead_airflow.checking.facts import DagFacts
    from riverhead_airflow.checking.judging import Count, Judged, Report

LAYOUT = 1


def as_json(report: Report) -> dict[str, Any]:
    """Return what a report says, as plain JSON."""
    return {
        "version": LAYOUT,
        "dags": [_dag(dag, report) for dag in report.dags],
        "tasks": [_task(task) for task in report.tasks],
        "problems": [asdict(problem) for problem in report.problems],
        "summary": _summary(report),
    }


def _dag(dag: DagFacts, report: Report) -> dict[str, Any]:
    tasks = [task for task in report.tasks if task.facts.dag_id == dag.dag_id]
    return {
        "dag_id": dag.dag_id,
        "file": dag.file,
        "owners": list(dag.owners),
        "tasks": len(tasks),
        "below": sum(task.fails for task in tasks),
    }


def _task(task: Judged) -> dict[str, Any]:
    facts, verdict = task.facts, task.verdict
    return {
        "dag_id": facts.dag_id,
        "task_id": facts.task_id,
        "operator": facts.operator,
        "operator_class": facts.classes[0] if facts.classes else facts.operator,
        "owners": list(facts.owners),
        "file": facts.file,
        "line": facts.line,
        "depth": verdict.depth.value,
        "source": verdict.source.value,
        "at_run_time": verdict.is_late,
        "moves_data": verdict.moves_data,
        "reason": verdict.reason,
        "advice": verdict.advice,
        "below": task.is_below,
        "allowed": _allowance(task.allowance),
    }


def _allowance(entry: Allowance | None) -> dict[str, Any] | None:
    return None if entry is None else asdict(entry)


def _summary(report: Report) -> dict[str, Any]:
    *owners, total = counts_of(report)
    return {
        "airflow": report.airflow,
        "folder": report.folder,
        "at_least": report.wish.at_least.value,
        "strict": report.wish.is_strict,
        "passed": report.passes,
        "dags": len(report.dags),
        **_counted(total),
        "owners": [{"owner": count.owner, **_counted(count)} for count in owners],
    }


def _counted(count: Count) -> dict[str, int]:
    return {name: number for name, number in asdict(count).items() if name != "owner"}
