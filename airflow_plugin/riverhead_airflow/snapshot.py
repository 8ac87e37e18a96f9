"""What a host's objects are turned into: plain JSON facts, which are the observation's payload.

Typed dictionaries, because a task's process should pay neither for classes nor for a conversion. A change of
layout that an older interpreter would misread brings a new version here.
"""

from __future__ import annotations

from typing import TypedDict

TASK, DAG_RUN = "airflow.task", "airflow.dag_run"
VERSION = 1


class Origin(TypedDict):
    """The runs that somebody outside named as parent and root, as `namespace/job/run id`."""

    parent: str | None
    root: str | None


class Address(TypedDict):
    """Where a connection leads; never who logs in there. The last three are missing in what older hosts kept."""

    conn_id: str
    kind: str
    host: str | None
    port: int | None
    name: str | None
    schema: str | None
    account: str | None
    region: str | None


class Failure(TypedDict):
    """Why a run failed."""

    message: str
    stack: str | None


class DagRunFacts(TypedDict):
    """What identifies a DAG run, shared by both snapshots; times are ISO 8601 with their zone."""

    namespace: str
    dag_id: str
    run_id: str
    run_type: str | None
    logical_date: str | None
    run_after: str | None
    clear_number: int
    origin: Origin


class DagRunSnapshot(DagRunFacts):
    """One change of a DAG run's state."""

    state: str
    time: str
    start_time: str | None
    end_time: str | None
    failure: Failure | None


class TaskSnapshot(DagRunFacts):
    """One change of a task instance's state."""

    task_id: str
    try_number: int
    map_index: int
    state: str
    time: str
    start_time: str | None
    end_time: str | None
    operator: str
    sql: list[str]
    is_sql_cut: bool
    address: Address | None
    failure: Failure | None
