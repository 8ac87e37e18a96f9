"""Why nothing will be seen of what a task reads and writes, by the kind of its operator, and what to do; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from riverhead_airflow.checking.depth import Depth, Source, Verdict

if TYPE_CHECKING:
    from riverhead_airflow.checking.facts import TaskFacts


class _Kind(NamedTuple):
    """Operators by the names of classes that they inherit from."""

    classes: frozenset[str]
    reason: str
    advice: str


_WRITE_DOWN = "give it inlets and outlets"
_TELL = f"{_WRITE_DOWN}, or call `riverhead emit`"
_ITS_JOBS = "what its Spark job reads and writes is that job's to tell; it gets this task as its parent"
_IDLE = (
    _Kind(frozenset({"EmptyOperator", "DummyOperator"}), "it does nothing", ""),
    _Kind(frozenset({"BaseSensorOperator"}), "it waits, and moves no data", ""),
    _Kind(
        frozenset({"BranchMixIn", "BaseBranchOperator", "ShortCircuitOperator", "LatestOnlyOperator"}),
        "it decides what runs next, and moves no data",
        "",
    ),
    _Kind(frozenset({"TriggerDagRunOperator"}), "it starts another DAG, whose tasks tell their own", ""),
    _Kind(frozenset({"HITLOperator"}), "it asks a person, and moves no data", ""),
    _Kind(frozenset({"EmailOperator", "SlackAPIOperator", "BaseNotifier"}), "it sends a message, and no data", ""),
)
_BLIND = (
    _Kind(
        frozenset({"SparkSubmitOperator"}),
        _ITS_JOBS,
        "let a job in Python be listened to: [riverhead] attach_spark, or one line in it (docs/spark-attach.md)",
    ),
    _Kind(
        frozenset({"SparkSqlOperator", "LivyOperator", "PySparkSubmitOperator"}),
        _ITS_JOBS,
        "let the job be listened to: one line in it, or `riverhead run` before its command (docs/spark-attach.md)",
    ),
    _Kind(
        frozenset({"_BasePythonVirtualenvOperator", "PythonVirtualenvOperator", "ExternalPythonOperator"}),
        "its function runs in another process, whose hooks report to nobody",
        f"{_WRITE_DOWN}, or use riverhead's SDK in it (docs/sdk.md)",
    ),
    _Kind(
        frozenset({"BashOperator", "SSHOperator"}),
        "what its command reads and writes is not visible",
        _TELL,
    ),
    _Kind(
        frozenset({"KubernetesPodOperator", "DockerOperator", "EcsRunTaskOperator"}),
        "what its container reads and writes is not visible",
        _TELL,
    ),
    _Kind(
        frozenset({"PythonOperator", "DecoratedOperator"}),
        "neither a hook that reports nor an SQLAlchemy engine is named in its function, or in those that it calls",
        f"use hooks, {_WRITE_DOWN}, or use riverhead's SDK in it (docs/sdk.md)",
    ),
)
_OTHER = _Kind(
    frozenset(), "its class says nothing of what it reads and writes", f"{_WRITE_DOWN}, or register an extractor"
)


def silence_of(task: TaskFacts) -> Verdict:
    """Return why there will be no lineage of a task that no source tells of."""
    names = {name.rpartition(".")[2] for name in task.classes}
    for kind in _IDLE:
        if kind.classes & names:
            return Verdict(Depth.RUN, Source.NONE, kind.reason, moves_data=False)
    blind = next((kind for kind in _BLIND if kind.classes & names), _OTHER)
    return Verdict(Depth.RUN, Source.NONE, blind.reason, blind.advice)
