"""One process's eye: a hook's moment → snapshot → observation → outbox, and the hand-over to children."""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from riverhead_airflow.ahead import load_ahead
from riverhead_airflow.attention import Attention
from riverhead_airflow.bystander import Bystander
from riverhead_airflow.capture import RUNNING, START, Capture, class_path
from riverhead_airflow.children import name_parent_to_children
from riverhead_airflow.host import home, section, this_host
from riverhead_airflow.identity import task_parentage, task_run_of
from riverhead_airflow.keeper import Keeper
from riverhead_airflow.macros import lend_theirs
from riverhead_airflow.parents import HandOver
from riverhead_airflow.provider import is_listening, take_out_provider
from riverhead_airflow.settings import Choices, as_written, choices, complaints, host_names, unreadable
from riverhead_airflow.snapshot import TASK
from riverhead_airflow.texts import Masker, state_name
from riverhead_airflow.watched import lasts
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.guard import guard
from riverhead_emitter.loading import loading
from riverhead_emitter.observation import Will
from riverhead_emitter.settings import settings_or_waiting

if TYPE_CHECKING:
    from pathlib import Path

    from riverhead_airflow.host import Host
    from riverhead_airflow.snapshot import TaskSnapshot, ToldOfTask
    from riverhead_emitter.settings import Settings

log = logging.getLogger(__name__)

# The pid tells the process that Airflow's command started from the forks that it makes for tasks.
_FIRST_PID = os.getpid()
# What is said of a task whose process is killed, or loses its machine's memory, and can say nothing itself.
_SILENT_DEATH = Will(
    {"state": "FAIL", "failure": {"message": "the task's process ended without a word", "stack": None}},
    ("time", "end_time"),
)
# By Airflow's names, what it may have made of a task before it told us.
_ENDS = {"skipped": "COMPLETE", "success": "COMPLETE", "failed": "FAIL", "up_for_retry": "FAIL"}
_WAITS = frozenset({"deferred", "up_for_reschedule", "awaiting_input"})
_USUAL, _RAN = Choices(), "running"


class Observer:
    """Sees what Airflow tells one process of its own task, and keeps it; the rest is for the bystander.

    One question may leave the process: a connection that neither the operator's hook nor the environment shows is
    asked of Airflow, once, after the task's own work.
    """

    def __init__(self, host: Host, emitter: Emitter, masker: Masker, chosen: Choices = _USUAL) -> None:
        self.is_disabled = emitter.settings.is_disabled
        self.failures = emitter.failures
        self._host = host
        self._keeper = Keeper(emitter, masker)
        self._hand_over = HandOver(os.environ)
        self._under_way: Any = None
        self._started: TaskSnapshot | None = None
        self._silent_operators = chosen.silent_operators
        self._defers = chosen.defers_to_provider
        self._has_said_so = False
        self._attaches_spark = chosen.attaches_spark
        self._settings = settings = emitter.settings
        self._attention = Attention(host, settings.redaction, emitter.failures, chosen)
        self._capture = Capture(
            host,
            settings.namespace,
            os.environ,
            emitter.failures,
            settings.redaction,
            masker=masker,
            is_code_told=chosen.is_code_told,
        )
        self.bystander = Bystander(host, self._capture, self._keeper, emitter.failures)

    def live_beside_provider(self) -> None:
        """Take the official listener's place wherever it is heard, so that nobody is told of twice; or stand aside."""
        managers = [] if self.is_disabled else self._host.listener_managers()
        if self._defers and is_listening(managers):
            self.is_disabled = True
            log.info("riverhead stands aside: the official OpenLineage listener is active")
        elif take_out_provider(managers) and not self._has_said_so:
            # Airflow may make another manager in which it is again.
            self._has_said_so = True
            log.info(
                "riverhead took out the official OpenLineage listener; "
                "[openlineage] disabled=true would also save its start-up time in every task"
            )

    def component_starts(self, component: object) -> bool:
        """Take the provider's place, and where the process lasts leave a drainer; True if this is a task's process."""
        self.live_beside_provider()
        if self.is_disabled:
            return False
        is_task_process = self._host.is_task_process(component)
        if is_task_process:
            self._attention.prepare()
            with guard("lending macros", self.failures):
                lend_theirs(self._host.macros_module())
        if not is_task_process and lasts(sys.argv) and os.getpid() == _FIRST_PID:
            self._keeper.lean_on_drainer()
            with guard("loading ahead of forks", self.failures):
                load_ahead()
            if self._attaches_spark:
                with guard("packing for Spark jobs", self.failures):
                    self._packed()
        return is_task_process

    def leave_dag_reading(self, listener: object) -> None:
        """Take the listener out of the manager that `DagBag` looks at, where it is not the one that tasks use."""
        self._host.leave_dag_reading(listener)

    def component_stops(self, component: object) -> None:
        """See that what a task's process has kept is sent, and let what is asked for others come to its end."""
        if self._host.is_task_process(component):
            with guard("observing a task that ended by itself", self.failures):
                self._ends_quietly()
            self._hand_over.take_back()
            self._keeper.see_sent_at_end()
        else:
            self.bystander.stops()

    def task_starts(self, task_instance: Any) -> None:
        """Observe a task's start, and name it as parent of what it starts."""
        if not self._is_observed(task_instance):
            return
        self._hand_over.take_back()
        self._under_way = task_instance
        self._attention.begin()
        task = self._started = self._keep_start(task_instance)
        run, parentage = task_run_of(task), task_parentage(task)
        self._hand_over.give(run, parentage)
        with guard("naming a task to what it starts", self.failures):
            name_parent_to_children(task_instance.task, run, parentage.root)
        if self._attaches_spark:
            with guard("attaching to a Spark job", self.failures):
                self._attach_spark(task_instance.task)
        # A task may take hours: on a machine without a scheduler nobody else would send its start meanwhile.
        self._keeper.leave_drainer()

    def task_ends(self, task_instance: Any, state: str, error: object = None, *, before: object = _RAN) -> None:
        """Observe a task's end, or that somebody marked it; `before` is the state until then, as far as it is told."""
        if not self._is_observed(task_instance):
            self.bystander.task_is_marked(task_instance, before)
            return
        self._hand_over.take_back()
        self._under_way = None
        seen = self._attention.taken(task_instance, state)
        self._keep_end(task_instance, state, error, seen)

    def _packed(self) -> Path:
        with loading():
            from riverhead_airflow.spark_pack import packed

        return packed(self._settings)

    def _attach_spark(self, operator: Any) -> None:
        with loading():
            from riverhead_airflow.spark_jobs import attach

        self._hand_over.lend(attach(operator, self._settings, os.environ, self._packed, self._master))

    def _master(self, conn_id: str) -> str:
        return str(getattr(self._host.connection_of(conn_id), "host", None) or "")

    def _keep_start(self, task_instance: Any) -> TaskSnapshot:
        task = self._capture.of_task(task_instance, RUNNING if self._is_resumed(task_instance) else START)
        self._keeper.keep(TASK, task_run_of(task).id, task, _SILENT_DEATH)
        return task

    def _keep_end(self, task_instance: Any, state: str, error: object = None, seen: ToldOfTask | None = None) -> None:
        """Keep a task's end in any case: without one, its will would say that it died."""
        task, self._started = self._started, None
        if task is None:
            # What cannot be rendered fails before it starts, and Airflow tells of its end alone.
            with guard("observing a start that nobody told", self.failures):
                task = self._keep_start(task_instance)
        with guard("observing a task's end", self.failures):
            task = self._capture.of_task(task_instance, state, error)
        if task is not None:
            now = task["time"] if task["state"] == state else datetime.now(timezone.utc).isoformat()
            told: ToldOfTask = {**task["told"], **(seen or {})}
            task = {**task, "state": state, "time": now, "told": told}
            self._keeper.keep(TASK, task_run_of(task).id, task, is_last=True)

    def _is_observed(self, task_instance: Any) -> bool:
        """True for a task in its own process, but for those of operators that are to be left alone."""
        return self._host.is_task(task_instance) and class_path(task_instance.task) not in self._silent_operators

    def _ends_quietly(self) -> None:
        """Observe the end of a task of which Airflow tells nobody: skipped in Airflow 2, marked by hand, or waiting.

        What waits goes on in another process, so this one's end is no death. What neither waits nor ended was given
        up halfway, as where Airflow 2 cannot keep a task's error: then its will is carried out.
        """
        task_instance = self._under_way
        if task_instance is None:
            return
        state = state_name(getattr(task_instance, "state", None))
        if state in _ENDS:
            self.task_ends(task_instance, _ENDS[state], "Airflow ended it" if _ENDS[state] == "FAIL" else None)
        elif state in _WAITS:
            self._under_way = None
            self._keep_end(task_instance, RUNNING)

    def _is_resumed(self, task_instance: Any) -> bool:
        with guard("asking whether a task goes on", self.failures):
            return self._host.is_resumed(task_instance)
        return False


def observer_here() -> Observer:
    """Return the observer of this process, configured as its Airflow is."""
    ours, openlineage = section("riverhead"), section("openlineage")
    host = host_names(ours, openlineage, home(), os.environ)
    settings, problem = settings_or_waiting(os.environ, host)
    wrong = (*unreadable(ours, openlineage), *complaints(host, openlineage, os.environ))
    for found in (*wrong, as_written(problem, host, os.environ)):
        if found:
            log.warning("lineage: %s", found)
    airflow = this_host()
    masker = Masker(airflow.masked)
    observer = Observer(airflow, Emitter(_lent(settings, masker)), masker, choices(host, openlineage, os.environ))
    # Where no component starts, as in `airflow dags test`, the first hook is the first that is heard of this process.
    observer.live_beside_provider()
    return observer


def _lent(settings: Settings, masker: Masker) -> Settings:
    """Return the settings with Airflow's own masker, for records as well as for the log of failures."""
    return replace(settings, redaction=settings.redaction.with_masker(masker))
