"""A host's objects at one moment → a snapshot of plain facts. Reads, and understands nothing."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from riverhead_airflow.addresses import address_of
from riverhead_airflow.parents import origin_of
from riverhead_airflow.texts import failure_of, statements, word
from riverhead_emitter.guard import guard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverhead_airflow.host import Host
    from riverhead_airflow.snapshot import Address, DagRunSnapshot, Failure, TaskSnapshot
    from riverhead_emitter.guard import FailureLog
    from riverhead_emitter.redaction import Redaction

START = "START"


class Capture:
    """Takes the snapshots of one process; `redaction` also hides what Airflow itself would."""

    def __init__(
        self,
        host: Host,
        namespace: str,
        environment: Mapping[str, str],
        failures: FailureLog,
        redaction: Redaction,
    ) -> None:
        self._host = host
        self._namespace = namespace
        self._environment = environment
        self._failures = failures
        self._redaction = redaction

    def of_task(self, task_instance: Any, state: str, error: object = None) -> TaskSnapshot:
        """Return what is to be seen of a task as it starts or ends."""
        dag_run, operator = self._host.dag_run_of(task_instance), task_instance.task
        sql, is_sql_cut = statements(getattr(operator, "sql", None), self._redaction)
        facts = self._host.dag_run_facts(dag_run, self._namespace, self._origin_of(dag_run))
        end = None if state == START else task_instance.end_date or _now()
        return {
            **facts,
            "task_id": str(task_instance.task_id),
            "try_number": int(task_instance.try_number),
            "map_index": int(task_instance.map_index),
            "state": state,
            "time": _iso(end or task_instance.start_date or _now()) or "",
            "start_time": _iso(task_instance.start_date),
            "end_time": _iso(end),
            "operator": word(f"{type(operator).__module__}.{type(operator).__qualname__}"),
            "sql": sql,
            "is_sql_cut": is_sql_cut,
            "address": self._address_of(operator, may_ask=end is not None) if sql else None,
            "failure": self._failure_of(error),
        }

    def of_dag_run(self, dag_run: Any, state: str, message: str) -> DagRunSnapshot:
        """Return what is to be seen of a DAG run, from what the scheduler has at hand anyway."""
        facts = self._host.dag_run_facts(dag_run, self._namespace, self._origin_of(dag_run))
        end = None if state == START else dag_run.end_date or _now()
        return {
            **facts,
            "state": state,
            "time": _iso(end or dag_run.start_date or _now()) or "",
            "start_time": _iso(dag_run.start_date),
            "end_time": _iso(end),
            "failure": self._failure_of(message) if state == "FAIL" else None,
        }

    def _origin_of(self, dag_run: Any) -> Any:
        return origin_of(dag_run.conf, self._environment)

    def _address_of(self, operator: object, *, may_ask: bool) -> Address | None:
        """A connection that cannot be read costs its address, not the whole observation."""
        with guard("reading a connection", self._failures):
            return address_of(operator, self._host, self._environment, may_ask=may_ask)
        return None

    def _failure_of(self, error: object) -> Failure | None:
        with guard("reading a task's error", self._failures):
            return failure_of(error, self._redaction)
        return None


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
