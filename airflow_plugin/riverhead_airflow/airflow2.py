"""Airflow 2: the only module that knows this version's objects. Imported in an Airflow 2 alone."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import MutableMapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from airflow import __version__, settings
from airflow.exceptions import AirflowNotFoundException
from airflow.hooks.base import BaseHook
from airflow.models.connection import Connection
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from airflow.models.taskreschedule import TaskReschedule
from airflow.utils.log.secrets_masker import redact
from airflow.utils.session import create_session

from riverhead_airflow.rows import end_of_dag_run, session_of_our_own
from riverhead_airflow.untold import Tables

_NO_MASKER = "No SecretsMasker found"

if TYPE_CHECKING:
    from riverhead_airflow.snapshot import DagRunEnd, DagRunFacts, Origin


def release() -> str:
    """Return which release of Airflow this process runs in."""
    return str(__version__)


def masked(text: str) -> str:
    """Return the text without the secrets that Airflow itself has met."""
    try:
        return str(redact(text))
    except RuntimeError as error:
        # Where a logging configuration of somebody's own leaves Airflow's masker out, nobody has told it a secret.
        if _NO_MASKER in str(error):
            return text
        raise


def is_task_process(component: object) -> bool:
    """True if the component that starts or stops is a task's own process."""
    return type(component).__name__ == "TaskCommandMarker"


def is_task(task_instance: object) -> bool:
    """True for a task in its own process, not where the scheduler or a reader of DAG files finds it dead."""
    return getattr(task_instance, "task", None) is not None and getattr(task_instance, "pid", None) == os.getpid()


def mark_of(_task_instance: object, _previous_state: object) -> str | None:
    """Return nothing: Airflow 2 tells nobody what is marked by hand."""
    return None


def listener_managers() -> list[Any]:
    """Return the one listener manager, if it exists here already."""
    manager = getattr(sys.modules.get("airflow.listeners.listener"), "_listener_manager", None)
    return [] if manager is None else [manager]


def leave_dag_reading(_listener: object) -> None:
    """Do nothing: Airflow 2 reads the DAG and runs the task with one and the same manager."""


def dag_run_of(task_instance: Any) -> Any:
    """Return the DAG run of a running task."""
    return task_instance.dag_run


def outlet_events(_task_instance: object) -> Any | None:
    """Return what a task said of its outlets while it worked, as it ends: only who calls the hook has it in hand."""
    caller = inspect.currentframe()
    while caller is not None:
        context = caller.f_locals.get("context")
        if isinstance(context, MutableMapping) and "outlet_events" in context:
            return context["outlet_events"]
        caller = caller.f_back
    return None


def dag_run_facts(dag_run: Any, namespace: str, origin: Origin) -> DagRunFacts:
    """Return what identifies a DAG run."""
    return {
        "namespace": namespace,
        "dag_id": str(dag_run.dag_id),
        "run_id": str(dag_run.run_id),
        "run_type": str(getattr(dag_run.run_type, "value", dag_run.run_type)),
        "logical_date": dag_run.execution_date.isoformat(),
        "run_after": None,
        "clear_number": int(dag_run.clear_number or 0),
        "origin": origin,
    }


def triggered_by(dag_run: Any) -> str | None:
    """Return who or what asked for the run; Airflow 2 keeps whether it was somebody from outside."""
    return "external" if getattr(dag_run, "external_trigger", False) else None


def bundle_of(_task_instance: object) -> tuple[str, str | None] | None:
    """Return no bundle of DAG files: Airflow 2 has none."""
    return None


def is_resumed(task_instance: Any) -> bool:
    """True for a task that goes on: deferred, or rescheduled, it has started before."""
    if task_instance.next_method:
        return True
    operator = task_instance.task
    if not getattr(operator, "reschedule", False):
        return False
    # A sensor in this mode asks the same of the database itself at each poke.
    with create_session() as session:
        earlier = TaskReschedule.stmt_for_task_instance(task_instance, try_number=task_instance.try_number)
        return session.scalars(earlier.limit(1)).first() is not None


def dag_run_end(dag_id: str, run_id: str) -> DagRunEnd | None:
    """Ask Airflow's database how a DAG run ended; None while it does not say that the run is over."""
    # A task's process asks this of nobody, and loads none of it.
    from airflow.models.log import Log
    from airflow.models.taskinstancehistory import TaskInstanceHistory
    from airflow.utils.net import get_hostname

    tables = Tables(DagRun, TaskInstance, TaskInstanceHistory, Log, _waits)
    with session_of_our_own(settings) as session:
        return end_of_dag_run(session, tables, dag_id, run_id, get_hostname)


def _waits(session: Any, dag_id: str, run_id: str) -> Any:
    """Return the tasks of a DAG run that were rescheduled, and when."""
    asked = TaskReschedule.task_id, TaskReschedule.map_index, TaskReschedule.end_date
    return session.query(*asked).filter(TaskReschedule.dag_id == dag_id, TaskReschedule.run_id == run_id).all()


def lineage_collector() -> Any | None:
    """Return the collector of what hooks say they did, if there is one here already."""
    return getattr(sys.modules.get("airflow.lineage.hook"), "_hook_lineage_collector", None)


def task_instances() -> type | None:
    """Return the class of task instances that pull XComs, if it is here."""
    kind: type = TaskInstance
    return kind


def macros_module() -> Any:
    """Return the module whose names templates have as `macros`."""
    return importlib.import_module("airflow.macros")


def connection_of(conn_id: str) -> Any | None:
    """Look a connection up through Airflow; None if there is no such one."""
    try:
        return BaseHook.get_connection(conn_id)
    except AirflowNotFoundException:
        return None


def connection_from(conn_id: str, text: str) -> Any:
    """Read a connection written as a URI or as JSON."""
    if text.lstrip().startswith("{"):
        return Connection.from_json(text, conn_id=conn_id)
    return Connection(conn_id=conn_id, uri=text)


def dag_classes() -> tuple[Any, Any, Any]:
    """Return Airflow's DAG, its DagBag and its XComArg."""
    from airflow.models.dag import DAG
    from airflow.models.dagbag import DagBag
    from airflow.models.xcom_arg import XComArg

    # Every first task of a process loads it, for a tenth of a second: not in each fork.
    import_module("airflow.serialization.serialized_objects")
    return DAG, DagBag, XComArg
