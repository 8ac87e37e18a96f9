"""Airflow 2: the only module that knows this version's objects. Imported in an Airflow 2 alone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from airflow.exceptions import AirflowNotFoundException
from airflow.hooks.base import BaseHook
from airflow.models.connection import Connection
from airflow.utils.log.secrets_masker import redact

_NO_MASKER = "No SecretsMasker found"

if TYPE_CHECKING:
    from riverhead_airflow.snapshot import DagRunFacts, Origin


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
    """True for a task in its own process, where the operator is at hand."""
    return getattr(task_instance, "task", None) is not None


def listener_managers() -> list[Any]:
    """Return the one listener manager, if it exists here already."""
    manager = getattr(sys.modules.get("airflow.listeners.listener"), "_listener_manager", None)
    return [] if manager is None else [manager]


def leave_dag_reading(_listener: object) -> None:
    """Do nothing: Airflow 2 reads the DAG and runs the task with one and the same manager."""


def dag_run_of(task_instance: Any) -> Any:
    """Return the DAG run of a running task."""
    return task_instance.dag_run


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
