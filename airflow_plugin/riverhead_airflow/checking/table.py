"""A report as lines for a terminal: every task, what is to be known beside, and a summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_airflow.checking.judging import counts_of
from riverhead_emitter.printable import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riverhead_airflow.checking.facts import Problem
    from riverhead_airflow.checking.judging import Count, Judged, Report

_MARKS = {"note": "note   ", "problem": "PROBLEM"}
_HEADINGS = ("", "depth", "task", "operator", "owner", "where")
_COUNTS = ("owner", "tasks", "columns", "datasets", "run only", "move no data", "below")
_BELOW, _ALLOWED = "!", "~"
_LONGEST = 300


def lines_of(report: Report) -> Iterator[str]:
    """Yield the lines of a report."""
    yield from _tasks(report.tasks)
    if report.problems:
        yield ""
        yield from map(_problem, report.problems)
    yield ""
    yield from _columns([_COUNTS, *map(_counts, counts_of(report))])
    yield ""
    yield from _end(report)


def _tasks(tasks: Sequence[Judged]) -> Iterator[str]:
    rows = _columns([_HEADINGS, *map(_row, tasks)])
    yield next(rows)
    for task, row in zip(tasks, rows, strict=True):
        yield row
        yield from _why(task)


def _row(task: Judged) -> tuple[str, ...]:
    facts, verdict = task.facts, task.verdict
    mark = (_ALLOWED if task.allowance else _BELOW) if task.is_below else ""
    late = " (at run time)" if verdict.is_late else ""
    depth = verdict.depth.value + late if verdict.moves_data else "–"
    name = f"{printable(facts.dag_id, _LONGEST)}.{printable(facts.task_id, _LONGEST)}"
    where = printable(facts.file, _LONGEST) + (f":{facts.line}" if facts.line else "")
    return mark, depth, name, printable(facts.operator), ", ".join(map(printable, facts.owners)), where


def _why(task: Judged) -> Iterator[str]:
    verdict, entry = task.verdict, task.allowance
    if task.is_below or verdict.is_late or not verdict.moves_data:
        advice = f"; {verdict.advice}" if verdict.advice else ""
        yield f"     {verdict.reason}{advice}"
    if entry is not None:
        parts = [
            f"allowed by line {entry.line}",
            *(printable(said, _LONGEST) for said in (entry.owner, entry.reason) if said),
        ]
        yield f"     {': '.join(parts)}"


def _problem(problem: Problem) -> str:
    name = ".".join(printable(part) for part in (problem.dag_id, problem.task_id) if part)
    line = f":{problem.line}" if problem.line is not None else ""
    place = " ".join(part for part in (printable(problem.file, _LONGEST) + line, name) if part)
    said = f"{place}: {problem.text}" if place else problem.text
    return f"{_MARKS[problem.level]} {printable(said, 2 * _LONGEST)}"


def _counts(count: Count) -> tuple[str, ...]:
    moving = count.columns + count.datasets + count.run
    shares = [_share(number, moving) for number in (count.columns, count.datasets, count.run)]
    return printable(count.owner) or "all", str(count.tasks), *shares, str(count.no_data), str(count.below)


def _share(number: int, of: int) -> str:
    return f"{number} ({round(100 * number / of)} %)" if number else "0"


def _end(report: Report) -> Iterator[str]:
    total = counts_of(report)[-1]
    wanted = report.wish.at_least.value
    dags = f"{counted(len(report.dags), 'DAG')}, read by Airflow {printable(report.airflow)}"
    below = counted(total.below, "task is", "tasks are")
    verdict = f"{below} below {wanted}" if total.below else f"no task is below {wanted}"
    allowed = f", {counted(total.allowed, 'more is allowed', 'more are allowed')} to be" if total.allowed else ""
    problems = sum(problem.level == "problem" for problem in report.problems)
    more = f"; {counted(problems, 'problem')}" if problems else ""
    yield f"{dags}: {verdict}{allowed}{more}"


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
