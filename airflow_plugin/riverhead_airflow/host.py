"""What the room asks of a version of Airflow, and which one this process has."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Protocol, cast

from riverhead_airflow.addresses import Connections

if TYPE_CHECKING:
    from riverhead_airflow.snapshot import DagRunFacts, Origin


class Host(Connections, Protocol):
    """Everything that differs between versions; `airflow2` and `airflow3` are its two implementations."""

    def masked(self, text: str) -> str:
        """Return the text without the secrets that Airflow itself has met."""
        ...

    def is_task_process(self, component: object) -> bool:
        """True if the component that starts or stops is a task's own process."""
        ...

    def is_task(self, task_instance: object) -> bool:
        """True for a task in its own process."""
        ...

    def listener_managers(self) -> list[Any]:
        """Return the listener managers that exist here already."""
        ...

    def leave_dag_reading(self, listener: object, /) -> None:
        """Let the task's process read its DAG file unwatched, where that can be told apart."""
        ...

    def dag_run_of(self, task_instance: Any) -> Any:
        """Return the DAG run of a running task."""
        ...

    def dag_run_facts(self, dag_run: Any, namespace: str, origin: Origin) -> DagRunFacts:
        """Return what identifies a DAG run."""
        ...


def this_host() -> Host:
    """Return the version of Airflow that this process runs in."""
    version = str(importlib.import_module("airflow").__version__)
    name = "airflow2" if version.startswith("2.") else "airflow3"
    return cast("Host", importlib.import_module(f"riverhead_airflow.{name}"))


def home() -> str:
    """Return the directory that Airflow, of any version, calls its home."""
    return str(_configuration().AIRFLOW_HOME)


def section(name: str) -> dict[str, object]:
    """Return one section of Airflow's configuration."""
    return dict(_configuration().conf.getsection(name) or {})


def _configuration() -> Any:
    return importlib.import_module("airflow.configuration")
