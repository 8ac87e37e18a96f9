"""What the room asks of a version of Airflow, and which one this process has."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Protocol, cast

from riverhead_airflow.addresses import Connections
from riverhead_emitter.host_signals import let_through

if TYPE_CHECKING:
    from riverhead_airflow.snapshot import DagRunEnd, DagRunFacts, Origin


class Host(Connections, Protocol):
    """Everything that differs between versions; `airflow2` and `airflow3` are its two implementations."""

    def release(self) -> str:
        """Return which release of Airflow this process runs in."""
        ...

    def masked(self, text: str) -> str:
        """Return the text without the secrets that Airflow itself has met."""
        ...

    def is_task_process(self, component: object) -> bool:
        """True if the component that starts or stops is a task's own process."""
        ...

    def is_task(self, task_instance: object) -> bool:
        """True for a task in its own process."""
        ...

    def mark_of(self, task_instance: Any, previous_state: object, /) -> str | None:
        """Return the state as which somebody marked a task by hand, if that is what happened."""
        ...

    def listener_managers(self) -> list[Any]:
        """Return the listener managers that exist here already."""
        ...

    def leave_dag_reading(self, listener: object, /) -> None:
        """Let the task's process read its DAG file unwatched, where that can be told apart."""
        ...

    def lineage_collector(self) -> Any | None:
        """Return the collector of what hooks say they did, if there is one here already."""
        ...

    def dag_run_of(self, task_instance: Any) -> Any:
        """Return the DAG run of a task."""
        ...

    def outlet_events(self, task_instance: Any) -> Any | None:
        """Return what a task said of its outlets while it worked, as it ends."""
        ...

    def dag_run_facts(self, dag_run: Any, namespace: str, origin: Origin) -> DagRunFacts:
        """Return what identifies a DAG run."""
        ...

    def dag_run_end(self, dag_id: str, run_id: str) -> DagRunEnd | None:
        """Ask Airflow's database how a DAG run ended; None while it does not say that the run is over."""
        ...

    def task_instances(self) -> type | None:
        """Return the class of task instances that pull XComs, if it is here."""
        ...

    def macros_module(self) -> Any:
        """Return the module whose names templates have as `macros`."""
        ...

    def triggered_by(self, dag_run: Any) -> str | None:
        """Return who or what asked for the run."""
        ...

    def bundle_of(self, task_instance: Any) -> tuple[str, str | None] | None:
        """Return the name and the version of the bundle that holds the DAG's file, where there are bundles."""
        ...

    def is_resumed(self, task_instance: Any) -> bool:
        """True for a task that goes on: deferred, or rescheduled, it has started before."""
        ...


class DagHost(Connections, Protocol):
    """What reading DAG files asks of a version of Airflow."""

    def dag_classes(self) -> tuple[Any, Any, Any]:
        """Return Airflow's DAG, its DagBag and its XComArg."""
        ...


def this_host() -> Host:
    """Return the version of Airflow that this process runs in."""
    name = "airflow2" if str(importlib.import_module("airflow").__version__).startswith("2.") else "airflow3"
    return cast("Host", importlib.import_module(f"riverhead_airflow.{name}"))


def dag_host() -> DagHost:
    """Return the version of Airflow that reads DAG files in this process."""
    return cast("DagHost", this_host())


def home() -> str:
    """Return the directory that Airflow, of any version, calls its home."""
    return str(_configuration().AIRFLOW_HOME)


def section(name: str) -> dict[str, object]:
    """Return one section of Airflow's configuration, with None for what of it Airflow cannot read."""
    conf = _configuration().conf
    try:
        return dict(conf.getsection(name) or {})
    except Exception as failed:  # noqa: BLE001 - it is of one value, which it may repeat: whatever else is said holds
        let_through(failed)
        return {key: _value(conf, name, key) for key in conf.options(name)} if conf.has_section(name) else {}


def _value(conf: Any, name: str, key: str) -> object:
    try:
        return cast("object", conf.get(name, key))
    except Exception as failed:  # noqa: BLE001 - the same
        let_through(failed)
        return None


def version() -> str:
    """Return the version of Airflow that this process runs in."""
    return str(importlib.import_module("airflow").__version__)


def dag_files(folder: str) -> list[str]:
    """Return the files of a folder, or the one file, that Airflow would read DAGs from."""
    found = importlib.import_module("airflow.utils.file").list_py_file_paths(folder, is_discovery_safe())
    return sorted(str(path) for path in found)


def is_discovery_safe() -> bool:
    """Return whether Airflow leaves out files that do not speak of DAGs."""
    return bool(_configuration().conf.getboolean("core", "dag_discovery_safe_mode"))


def silenced_listeners() -> list[str]:
    """Take every listener out of this process, and return what modules they are from."""
    manager = importlib.import_module("airflow.listeners.listener").get_listener_manager()
    found = [getattr(plugin, "__name__", type(plugin).__module__) for plugin in manager.pm.get_plugins()]
    manager.clear()
    return sorted(map(str, found))


def _configuration() -> Any:
    return importlib.import_module("airflow.configuration")
