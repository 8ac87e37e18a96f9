"""Airflow 3: the only module that knows this version's objects. Imported in an Airflow 3 alone."""

from __future__ import annotations

import importlib
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from airflow import __version__
from airflow.exceptions import AirflowNotFoundException
from airflow.sdk import BaseHook, Connection

from riverhead_airflow.rows import end_of_dag_run, session_of_our_own
from riverhead_airflow.texts import state_name
from riverhead_airflow.untold import Tables

if TYPE_CHECKING:
    from riverhead_airflow.snapshot import DagRunEnd, DagRunFacts, Origin

_CORE, _SDK = "airflow.listeners.listener", "airflow.sdk.listener"
# The last is the first release of Airflow 3.
_MASKERS = (
    "airflow.sdk._shared.secrets_masker",
    "airflow._shared.secrets_masker",
    "airflow.sdk.execution_time.secrets_masker",
)


def release() -> str:
    """Return which release of Airflow this process runs in."""
    return str(__version__)


def masked(text: str) -> str:
    """Return the text without the secrets that Airflow itself has met.

    Tasks and the scheduler each have a masker of their own; where neither has been loaded, nobody has met a secret.
    """
    for name in _MASKERS:
        loaded = sys.modules.get(name)
        if loaded is not None:
            text = str(loaded.redact(text))
    return text


def is_task_process(component: object) -> bool:
    """True if the component that starts or stops is a task's own process."""
    return type(component).__name__ == "TaskRunnerMarker"


def is_task(task_instance: object) -> bool:
    """True for a task in its own process, not for a row of the database that somebody marked by hand."""
    return type(task_instance).__name__ == "RuntimeTaskInstance"


def mark_of(task_instance: Any, previous_state: object) -> str | None:
    """Return as what somebody marked a task; only then Airflow tells a row of the database, and no state before."""
    is_row = type(task_instance).__name__ == "TaskInstance"
    return state_name(task_instance.state) if is_row and previous_state is None else None


def listener_managers() -> list[Any]:
    """Return the listener managers that exist here already; asking for one would load every plugin."""
    return [manager for name in (_CORE, _SDK) if (manager := _existing(name)) is not None]


def leave_dag_reading(listener: object) -> None:
    """Let the task's process read its DAG file unwatched: `DagBag` looks at the core's manager, tasks use the SDK's."""
    manager = _existing(_CORE)
    if manager is not None and manager.pm.is_registered(listener):
        manager.pm.unregister(listener)


def dag_run_of(task_instance: Any) -> Any:
    """Return the DAG run of a running task, or of a row that was marked."""
    return task_instance.get_template_context()["dag_run"] if is_task(task_instance) else task_instance.dag_run


def outlet_events(task_instance: Any) -> Any | None:
    """Return what a task said of its outlets while it worked, as it ends."""
    return task_instance.get_template_context().get("outlet_events")


def dag_run_facts(dag_run: Any, namespace: str, origin: Origin) -> DagRunFacts:
    """Return what identifies a DAG run."""
    return {
        "namespace": namespace,
        "dag_id": str(dag_run.dag_id),
        "run_id": str(dag_run.run_id),
        "run_type": str(getattr(dag_run.run_type, "value", dag_run.run_type)),
        "logical_date": dag_run.logical_date.isoformat() if dag_run.logical_date else None,
        "run_after": dag_run.run_after.isoformat() if dag_run.run_after else None,
        "clear_number": int(dag_run.clear_number or 0),
        "origin": origin,
    }


def triggered_by(dag_run: Any) -> str | None:
    """Return who or what asked for the run: a user's name, else the kind of asker."""
    asker = getattr(dag_run, "triggering_user_name", None) or getattr(dag_run, "triggered_by", None)
    return str(getattr(asker, "value", asker)) if asker else None


def bundle_of(task_instance: Any) -> tuple[str, str | None] | None:
    """Return the name and the version of the bundle that holds the DAG's file."""
    bundle = getattr(task_instance, "bundle_instance", None)
    version = getattr(bundle, "version", None)
    return None if bundle is None else (str(bundle.name), str(version) if version else None)


def is_resumed(task_instance: Any) -> bool:
    """True for a task that goes on: deferred, or rescheduled, it has started before."""
    context = getattr(task_instance, "_ti_context_from_server", None)
    return bool(getattr(context, "next_method", None) or getattr(context, "task_reschedule_count", 0))


def dag_run_end(dag_id: str, run_id: str) -> DagRunEnd | None:
    """Ask Airflow's database how a DAG run ended; None while it does not say that the run is over."""
    # A task's process has no database, and loads none of this.
    from airflow import settings
    from airflow.models.dagrun import DagRun
    from airflow.models.log import Log
    from airflow.models.taskinstance import TaskInstance
    from airflow.models.taskinstancehistory import TaskInstanceHistory
    from airflow.utils.net import get_hostname

    tables = Tables(DagRun, TaskInstance, TaskInstanceHistory, Log, _waits)
    with session_of_our_own(settings) as session:
        return end_of_dag_run(session, tables, dag_id, run_id, get_hostname)


def lineage_collector() -> Any | None:
    """Return the collector of what hooks say they did, if there is one here already; making one costs a task time."""
    loaded = sys.modules.get("airflow.sdk.lineage")
    if loaded is None:
        # Up to 3.1 it is where Airflow 2 has it.
        return getattr(sys.modules.get("airflow.lineage.hook"), "_hook_lineage_collector", None)
    get = loaded.get_hook_lineage_collector
    return get() if get.cache_info().currsize else None


def task_instances() -> type | None:
    """Return the class of task instances that pull XComs, if it is here."""
    loaded = sys.modules.get("airflow.sdk.execution_time.task_runner")
    return getattr(loaded, "RuntimeTaskInstance", None)


def macros_module() -> Any:
    """Return the module whose names templates have as `macros`."""
    return importlib.import_module("airflow.sdk.execution_time.macros")


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
    return Connection.from_uri(text, conn_id=conn_id)


def dag_classes() -> tuple[Any, Any, Any]:
    """Return Airflow's DAG, its DagBag and its XComArg."""
    from airflow.sdk import DAG, XComArg

    home = "airflow.dag_processing.dagbag" if find_spec("airflow.dag_processing.dagbag") else "airflow.models.dagbag"
    return DAG, import_module(home).DagBag, XComArg


def _waits(session: Any, dag_id: str, run_id: str) -> Any:
    """Return the tasks of a DAG run that were rescheduled, and when."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.models.taskreschedule import TaskReschedule

    asked = TaskInstance.task_id, TaskInstance.map_index, TaskReschedule.end_date
    found = session.query(*asked).join(TaskInstance, TaskInstance.id == TaskReschedule.ti_id)
    return found.filter(TaskInstance.dag_id == dag_id, TaskInstance.run_id == run_id).all()


def _existing(module: str) -> Any | None:
    loaded = sys.modules.get(module)
    if loaded is None or not loaded.get_listener_manager.cache_info().currsize:
        return None
    return loaded.get_listener_manager()
