"""A host's objects at one moment → a snapshot of plain facts. Reads, and understands nothing."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, cast

from riverhead_airflow.addresses import address_of
from riverhead_airflow.authored import asset_facts, assets_added, assets_of, dag_said, plain_params, task_said, tasks_of
from riverhead_airflow.checked import checks_of
from riverhead_airflow.code import code_of, place_of
from riverhead_airflow.parents import origin_of
from riverhead_airflow.placing import placed
from riverhead_airflow.texts import failure_of, kept_value, statements, word
from riverhead_airflow.usage import cpu_seconds, used_since
from riverhead_emitter.guard import guard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverhead_airflow.host import Host
    from riverhead_airflow.snapshot import (
        Address,
        AssetSnapshot,
        DagRunSnapshot,
        Failure,
        TaskIdentity,
        TaskSnapshot,
        Told,
        ToldOfTask,
    )
    from riverhead_airflow.texts import Masker
    from riverhead_emitter.guard import FailureLog
    from riverhead_emitter.redaction import Redaction

START, RUNNING = "START", "RUNNING"
_BEGINNINGS = frozenset({START, RUNNING})


def class_path(thing: object) -> str:
    """Return an object's class as one would import it."""
    return f"{type(thing).__module__}.{type(thing).__qualname__}"


def identity_facts(
    host: Host, task_instance: Any, dag_run: Any, namespace: str, environment: Mapping[str, str]
) -> TaskIdentity:
    """Return what says which run a task instance is, and of which DAG run and root."""
    return {
        **host.dag_run_facts(dag_run, namespace, origin_of(dag_run.conf, environment)),
        "task_id": str(task_instance.task_id),
        "try_number": int(task_instance.try_number),
        "map_index": int(task_instance.map_index),
    }


class Capture:
    """Takes the snapshots of one process; `redaction` also hides what Airflow itself would."""

    def __init__(
        self,
        host: Host,
        namespace: str,
        environment: Mapping[str, str],
        failures: FailureLog,
        redaction: Redaction,
        *,
        masker: Masker,
        is_code_told: bool = True,
    ) -> None:
        self._host = host
        self._namespace = namespace
        self._environment = environment
        self._failures = failures
        self._redaction = redaction
        self._masker = masker
        self._is_code_told = is_code_told
        self._cpu_seconds_before = 0.0

    def of_task(self, task_instance: Any, state: str, error: object = None) -> TaskSnapshot:
        """Return what is to be seen of a task as it starts or ends."""
        dag_run, operator = self._host.dag_run_of(task_instance), task_instance.task
        is_beginning = state in _BEGINNINGS
        if is_beginning:
            self._learn_secrets(operator, dag_run)
            self._cpu_seconds_before = cpu_seconds()
        sql, is_sql_cut = statements(getattr(operator, "sql", None), self._redaction)
        end = None if is_beginning else task_instance.end_date or _now()
        return {
            **identity_facts(self._host, task_instance, dag_run, self._namespace, self._environment),
            "state": state,
            # What goes on keeps the time of its first start, which is not when it went on.
            "time": _iso(end or (state == START and task_instance.start_date) or _now()) or "",
            "start_time": _iso(task_instance.start_date),
            "end_time": _iso(end),
            "operator": word(class_path(operator)),
            "sql": sql,
            "is_sql_cut": is_sql_cut,
            "address": self._address_of(operator, may_ask=end is not None) if sql else None,
            "failure": self._failure_of(error),
            "told": self._told_of_task(task_instance, dag_run, is_over=end is not None),
        }

    def of_mark(self, task_instance: Any, marked: str) -> TaskSnapshot:
        """Return what is to be seen of a task that somebody marked: its row, which knows little of the task.

        It is no end: who works on the task tells that, or the DAG run where it waited.
        """
        dag_run = task_instance.dag_run
        told = cast("ToldOfTask", self._told_of_run(dag_run))
        return {
            **identity_facts(self._host, task_instance, dag_run, self._namespace, self._environment),
            "state": "OTHER",
            "time": _iso(_now()) or "",
            "start_time": _iso(task_instance.start_date),
            "end_time": None,
            "operator": word(str(task_instance.operator or "")),
            "sql": [],
            "is_sql_cut": False,
            "address": None,
            "failure": None,
            "told": {**told, "marked": marked},
        }

    def of_dag_run(self, dag_run: Any, state: str, message: str) -> DagRunSnapshot:
        """Return what is to be seen of a DAG run, from what the scheduler has at hand anyway."""
        origin = origin_of(dag_run.conf, self._environment)
        facts = self._host.dag_run_facts(dag_run, self._namespace, origin)
        end = None if state == START else dag_run.end_date or _now()
        return {
            **facts,
            "state": state,
            "time": _iso(end or dag_run.start_date or _now()) or "",
            "start_time": _iso(dag_run.start_date),
            "end_time": _iso(end),
            "failure": self._failure_of(message) if state == "FAIL" else None,
            "told": self._told_of_dag_run(dag_run, state),
        }

    def of_asset(self, asset: object) -> AssetSnapshot | None:
        """Return that an asset was filled just now."""
        facts = asset_facts(asset)
        return None if facts is None else {"namespace": self._namespace, "time": _iso(_now()) or "", "asset": facts}

    def _learn_secrets(self, operator: Any, dag_run: Any) -> None:
        with guard("reading what a run was given", self._failures):
            params = [
                plain_params(getattr(held, "params", None), None) for held in (operator, getattr(operator, "dag", None))
            ]
            self._masker.learn([dag_run.conf, *params])

    def _told_of_task(self, task_instance: Any, dag_run: Any, *, is_over: bool) -> ToldOfTask:
        """Return what is told beside; each part by itself, so that what cannot be read costs nothing else."""
        operator, redaction = task_instance.task, self._redaction
        dag = getattr(operator, "dag", None)
        told: ToldOfTask = {}
        with guard("reading a DAG run's facts", self._failures):
            told = cast("ToldOfTask", self._told_of_run(dag_run))
        with guard("reading what is said of a DAG", self._failures):
            told["dag"] = dag_said(dag, redaction)
        with guard("reading what is said of a task", self._failures):
            told["task"] = task_said(operator, redaction)
            told["placed"] = placed(task_instance, operator)
        with guard("reading when a task is due", self._failures):
            allowed, planned = getattr(operator, "sla", None), getattr(dag_run, "data_interval_end", None)
            if isinstance(allowed, timedelta) and isinstance(planned, datetime):
                told["due"] = (planned + allowed).isoformat()
        with guard("reading a task's parameters", self._failures):
            params = {
                **plain_params(getattr(dag, "params", None), dag_run.conf),
                **plain_params(getattr(operator, "params", None), dag_run.conf),
            }
            told["params"] = kept_value(params, redaction)
        with guard("reading a task's assets", self._failures):
            told["assets"] = assets_of(operator)
            added = assets_added(self._host.outlet_events(task_instance)) if is_over else []
            told["assets"]["outputs"] += added
        with guard("reading a task's code", self._failures):
            told["code"] = place_of(getattr(dag, "fileloc", None))
            if self._is_code_told:
                told["code"].update(code_of(operator, redaction))
            bundle = self._host.bundle_of(task_instance)
            if bundle is not None:
                told["code"]["bundle"], told["code"]["bundle_version"] = word(bundle[0]), bundle[1]
        if is_over:
            with guard("reading what a task checked", self._failures):
                told["checks"] = checks_of(operator, redaction)
            used = used_since(self._cpu_seconds_before)
            if used is not None:
                told["used"] = used
        return told

    def _told_of_dag_run(self, dag_run: Any, state: str) -> Told:
        """Return the same of a DAG run; nothing here may ask the database, as the scheduler waits."""
        told: Told = {}
        with guard("reading a DAG run's facts", self._failures):
            told = self._told_of_run(dag_run)
        with guard("reading what is said of a DAG", self._failures):
            # What the scheduler has at hand; it may have none.
            dag = getattr(dag_run, "dag", None)
            if dag is not None:
                told["dag"] = dag_said(dag, self._redaction)
                told["code"] = place_of(getattr(dag, "fileloc", None))
                if state == START:
                    told["tasks"] = tasks_of(dag)
        return told

    def _told_of_run(self, dag_run: Any) -> Told:
        interval = [getattr(dag_run, f"data_interval_{end}", None) for end in ("start", "end")]
        told: Told = {"airflow": self._host.release(), "interval": [_iso(moment) for moment in interval]}
        asker = self._host.triggered_by(dag_run)
        if asker:
            told["triggered_by"] = word(asker)
        if isinstance(dag_run.conf, dict) and dag_run.conf:
            told["conf"] = kept_value(dag_run.conf, self._redaction)
        return told

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
