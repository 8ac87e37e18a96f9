"""A task's facts → how deep its lineage will be: its sources in the order in which the plugin asks them; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from riverhead_airflow.checking.depth import Depth, Source, Verdict
from riverhead_airflow.checking.engine_clues import ENGINE_CLUES
from riverhead_airflow.checking.silence import silence_of
from riverhead_airflow.checking.sql_depth import sql_verdict
from riverhead_emitter.printable import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riverhead_airflow.checking.facts import TaskFacts

_SQL_CLASSES = frozenset({"BaseSQLOperator", "SqlSensor"})
_SDK = frozenset({"riverhead", "riverhead_emitter.lineage"})
_ELSEWHERE = ("Virtualenv", "ExternalPython", "DockerOperator", "KubernetesPodOperator")


def verdict_of(task: TaskFacts) -> Verdict:
    """Return what will be known of a task: the first of the deepest that its sources say, or why there is nothing."""
    said = list(_said(task))
    best = max(said, key=lambda verdict: verdict.depth.rank, default=None)
    if best is None:
        return silence_of(task)
    if best.depth is Depth.RUN:
        # SQL that nobody can read is a better reason than the kind of the operator.
        return said[0]
    return best


def _said(task: TaskFacts) -> Iterator[Verdict]:
    if task.extractor:
        yield _late(Source.EXTRACTOR, f"the extractor {printable(task.extractor)} says it when the task has run")
    if task.is_job_listened_to:
        reason = "its Spark job tells it, being listened to ([riverhead] attach_spark)"
        yield Verdict(Depth.COLUMNS, Source.SPARK, reason, is_late=True)
    is_sql_class = bool(_SQL_CLASSES & {name.rpartition(".")[2] for name in task.classes})
    # Of an operator that is none of SQL, an empty field says nothing.
    is_said = is_sql_class or not task.sql or any(text.strip() for text in task.sql)
    sql = sql_verdict(task) if is_said else None
    is_sql_first = is_sql_class or not task.has_protocol
    if sql is not None and is_sql_first:
        yield sql
    if task.has_protocol and (sql is None or not is_sql_first):
        yield _late(Source.OPERATOR, "the operator itself says what it reads and writes")
    # What the hooks of a SQL operator are given is its SQL again.
    if sql is None or not is_sql_class:
        yield from _of_code(task)
    if task.inlets or task.outlets:
        yield Verdict(Depth.DATASETS, Source.ASSETS, f"its file says so: {_counted_assets(task)}")
    handed = _handed(task)
    if handed is not None:
        yield handed


def _of_code(task: TaskFacts) -> Iterator[Verdict]:
    """What reports by itself; a function in another process reports to nobody."""
    if any(where in name for name in task.classes for where in _ELSEWHERE):
        return
    told = [clue for clue in task.clues if clue in _SDK]
    if told:
        yield _late(Source.SDK, "its code tells it by riverhead's SDK")
    engines = [clue for clue in task.clues if clue in ENGINE_CLUES]
    hooks = [printable(clue) for clue in task.clues if clue not in _SDK and clue not in ENGINE_CLUES]
    if engines and not hooks:
        reason = f"the SQL of an SQLAlchemy engine of its own is seen at run time ({', '.join(engines[:3])})"
        yield _late(Source.HOOKS, reason)
    if hooks:
        yield _late(Source.HOOKS, f"what hooks report at run time ({', '.join(hooks[:3])})")


def _handed(task: TaskFacts) -> Verdict | None:
    """What goes from task to task by XCom is told as such; what comes from elsewhere, or goes there, is not."""
    if not task.takes_from and not (task.hands_on and _is_python(task)):
        return None
    if task.takes_from and task.hands_on:
        return Verdict(Depth.DATASETS, Source.XCOM, f"it hands on what it takes from {_givers(task)}")
    known, unknown = ("takes", "puts it") if task.takes_from else ("hands on", "takes it from")
    silence = silence_of(task)
    if not silence.moves_data:
        return silence
    whom = f" from {_givers(task)}" if task.takes_from else ""
    reason = f"what it {known}{whom} by XCom is told, but not where it {unknown}: {silence.reason}"
    return replace(silence, source=Source.XCOM, reason=reason)


def _is_python(task: TaskFacts) -> bool:
    return any(name.endswith((".PythonOperator", ".DecoratedOperator")) for name in task.classes)


def _givers(task: TaskFacts) -> str:
    names = [printable(name) for name in task.takes_from[:2]]
    return ", ".join(names) + (" and others" if len(task.takes_from) > len(names) else "")


def _counted_assets(task: TaskFacts) -> str:
    return f"{counted(task.inlets, 'inlet')}, {counted(task.outlets, 'outlet')}"


def _late(source: Source, reason: str) -> Verdict:
    return Verdict(Depth.DATASETS, source, reason, is_late=True)
