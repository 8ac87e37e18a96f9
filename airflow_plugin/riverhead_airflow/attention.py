"""What is watched of the task under way: its statements, its databases' columns, what it was handed, what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_airflow.handed import Handed
from riverhead_airflow.protocol import Protocol
from riverhead_airflow.seeing.columns import Columns
from riverhead_airflow.seeing.watching import watch
from riverhead_emitter.guard import guard

if TYPE_CHECKING:
    from riverhead_airflow.host import Host
    from riverhead_airflow.seeing.watching import Sightings
    from riverhead_airflow.settings import Choices
    from riverhead_airflow.snapshot import ToldOfTask
    from riverhead_emitter.guard import FailureLog
    from riverhead_emitter.redaction import Redaction


class Attention:
    """Watches one task after the other in this process; what it cannot watch costs the rest nothing."""

    def __init__(self, host: Host, redaction: Redaction, failures: FailureLog, chosen: Choices) -> None:
        self._host = host
        self._redaction = redaction
        self._failures = failures
        self._handed = Handed(failures)
        self._protocol = Protocol(chosen.extractors, failures)
        self._reads_schemas = chosen.reads_schemas
        self._columns: Columns | None = None

    def prepare(self) -> None:
        """Be here before the task's file is read and its arguments are made, where that can be."""
        with guard("watching what a task does", self._failures):
            seeing = self._seeing()
            if self._reads_schemas and self._columns is None:
                self._columns = Columns(seeing, self._failures)
        with guard("watching for what tasks are handed", self._failures):
            kind = self._host.task_instances()
            if kind is not None:
                self._handed.watch(kind)

    def begin(self) -> None:
        """Begin with a task, and forget what the one before did."""
        with guard("watching what a task does", self._failures):
            self._seeing().begin()
            if self._columns is not None:
                self._columns.begin()

    def taken(self, task_instance: Any, state: str) -> ToldOfTask:
        """Return what there was to see of the task, and see no more of it."""
        told: ToldOfTask = {}
        with guard("taking what was seen of a task", self._failures):
            told["seen"] = self._seeing().taken()
        with guard("taking what databases told", self._failures):
            columns = self._columns.taken() if self._columns is not None else []
            if columns and "seen" in told:
                told["seen"]["columns"] = [{"conn_id": conn_id, "tables": tables} for conn_id, tables in columns]
        with guard("asking an operator for its lineage", self._failures):
            said = self._protocol.said(task_instance.task, task_instance, state)
            if said is not None:
                told["said"] = said
        with guard("taking what a task was handed", self._failures):
            told["pulls"] = self._handed.taken()
        return told

    def _seeing(self) -> Sightings:
        return watch(self._redaction, self._failures, self._host.lineage_collector)
