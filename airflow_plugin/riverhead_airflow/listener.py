"""Airflow's hooks → guard → observer. Imported by every Airflow process, so it imports next to nothing itself.

Hooks that this room does not need are not there; pluggy passes only the arguments that a hook names. Ours are asked
first, so that the official provider's, which leave with the first of them, are not asked at all.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pluggy import HookimplMarker

from riverhead_airflow.watched import reads_dags

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from riverhead_airflow.bystander import Bystander
    from riverhead_airflow.observer import Observer
    from riverhead_emitter.guard import FailureLog

hookimpl = HookimplMarker("airflow")


class Listener:
    """Tells this process's observer what Airflow tells us."""

    def __init__(self) -> None:
        self._observer: Observer | None = None
        self._failures: FailureLog | None = None

    @hookimpl(tryfirst=True)
    def on_starting(self, component: object) -> None:
        """Called when a component, or a task's own process, starts."""
        self._tell("starting", lambda observer: self._take_place(observer, component))

    @hookimpl(tryfirst=True)
    def before_stopping(self, component: object) -> None:
        """Called when a component, or a task's own process, stops."""
        self._tell("stopping", lambda observer: observer.component_stops(component))

    @hookimpl(tryfirst=True)
    def on_task_instance_running(self, task_instance: Any) -> None:
        """Called in the task's process, after rendering and before its work."""
        self._tell("observing a task's start", lambda observer: observer.task_starts(task_instance))

    @hookimpl(tryfirst=True)
    def on_task_instance_success(self, previous_state: object, task_instance: Any) -> None:
        """Called in the task's process, after its work, and from Airflow 3 on where somebody marks it by hand."""
        self._end("observing a task's end", task_instance, "COMPLETE", previous_state)

    @hookimpl(tryfirst=True)
    def on_task_instance_failed(self, previous_state: object, task_instance: Any, error: object) -> None:
        """Called the same, for a failed try as well as for the last one; and in the scheduler, for a lost one."""
        self._end("observing a task's failure", task_instance, "FAIL", previous_state, error)

    @hookimpl(optionalhook=True, tryfirst=True)
    def on_task_instance_skipped(self, previous_state: object, task_instance: Any) -> None:
        """Called the same, from Airflow 3 on, for a task that skips itself: it ran, and did not fail."""
        self._end("observing a task that skips itself", task_instance, "COMPLETE", previous_state)

    @hookimpl(tryfirst=True)
    def on_dag_run_running(self, dag_run: Any) -> None:
        """Called in the scheduler."""
        self._beside("observing a DAG run's start", lambda bystander: bystander.dag_run_changes(dag_run, "START"))

    @hookimpl(tryfirst=True)
    def on_dag_run_success(self, dag_run: Any) -> None:
        """Called in the scheduler, or where somebody marks a run by hand."""
        self._beside("observing a DAG run's end", lambda bystander: bystander.dag_run_changes(dag_run, "COMPLETE"))

    @hookimpl(tryfirst=True)
    def on_dag_run_failed(self, dag_run: Any, msg: str) -> None:
        """Called in the scheduler, or where somebody marks a run by hand."""
        self._beside("observing a DAG run's failure", lambda bystander: bystander.dag_run_changes(dag_run, "FAIL", msg))

    @hookimpl(optionalhook=True, tryfirst=True)
    def on_asset_event_emitted(self, asset_event: Any) -> None:
        """Called wherever Airflow 3 hears that an asset was filled; the first releases of it tell of nobody who did."""
        self._beside("observing an asset that was filled", lambda bystander: bystander.asset_is_filled(asset_event))

    def _end(self, doing: str, task_instance: Any, state: str, before: object, error: object = None) -> None:
        self._tell(doing, lambda observer: observer.task_ends(task_instance, state, error, before=before))

    def _beside(self, doing: str, tell: Callable[[Bystander], None]) -> None:
        def told(observer: Observer) -> None:
            # Airflow may have made another manager since, with the provider's listener in it.
            observer.live_beside_provider()
            if not observer.is_disabled:
                tell(observer.bystander)

        self._tell(doing, told)

    def _take_place(self, observer: Observer, component: object) -> None:
        if observer.component_starts(component):
            observer.leave_dag_reading(self)
            # The task's manager has us by now; one that is made later in this process is the DAG reader's.
            _REGISTERED.clear()

    def _tell(self, doing: str, tell: Callable[[Observer], None]) -> None:
        # Most processes of Airflow load the plugin and never call a hook: everything else comes with the first call.
        from riverhead_emitter.guard import failures_here, guard

        if self._observer is None:
            self._failures = self._failures or failures_here(os.environ)
            with guard("waking up", self._failures):
                from riverhead_airflow.observer import observer_here

                self._observer = observer_here()
        if self._observer is not None and not self._observer.is_disabled:
            with guard(doing, self._observer.failures):
                tell(self._observer)


_REGISTERED: list[Listener] = []


def listeners_of(argv: Sequence[str]) -> list[Listener]:
    """Return what the plugin registers in a process with this command line."""
    if not reads_dags(argv):
        _REGISTERED.append(Listener())
    return _REGISTERED
