"""One task as Airflow 3 runs it: its supervisor forks the task's process and answers it; only the API server is played.

What the API server would answer costs every way the same, and is answered in the supervisor itself.
"""

from __future__ import annotations

import gc
import sys
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from pathlib import Path

_MOMENT = "2026-01-01T00:00:00Z"


def become_scheduler() -> None:
    """Load what a scheduler has loaded, and tell its listeners that it starts, as it does."""
    import airflow.executors.local_executor
    import airflow.jobs.scheduler_job_runner  # noqa: F401 - to be there before a fork
    from airflow.jobs.job import Job

    Job(job_type="SchedulerJob")
    # As the executor does before it forks its workers.
    gc.collect()
    gc.freeze()


def prepare(_kind: str, _home: Path) -> None:
    """Nothing lies in a database that a task would read."""


def run(kind: str) -> int:
    """Have a task of this kind run, as a worker of the LocalExecutor does, and return its code."""
    from airflow.sdk.api.client import Client
    from airflow.sdk.api.datamodels._generated import BundleInfo, TaskInstance
    from airflow.sdk.execution_time.supervisor import supervise_task

    task_instance = TaskInstance(
        id=uuid.uuid4(),
        task_id="work",
        dag_id=f"bench_{kind}",
        run_id=f"manual__{uuid.uuid4().hex}",
        try_number=1,
        dag_version_id=uuid.uuid4(),
    )
    answering = httpx.MockTransport(partial(_answer, task_instance))
    code: int = supervise_task(
        ti=task_instance,
        bundle_info=BundleInfo(name="dags-folder"),
        dag_rel_path=f"{kind}.py",
        token="",
        client=Client(base_url=None, dry_run=True, token="", transport=answering),
        log_path=f"{kind}/{task_instance.run_id}.log",
    )
    return code


def run_alone(kind: str) -> None:
    """Load what a worker loads that is started for one task, and run it."""
    import airflow.executors.base_executor
    import airflow.executors.workloads  # noqa: F401 - to be there before a fork
    from airflow.sdk.log import configure_logging

    configure_logging(output=sys.stderr.buffer, json_output=True)
    sys.argv = ["execute_workload"]
    sys.exit(run(kind))


def _answer(task_instance: Any, request: httpx.Request) -> httpx.Response:
    if not request.url.path.endswith("/run"):
        return httpx.Response(200, json={"text": "done"})
    dag_run = {
        "dag_id": task_instance.dag_id,
        "run_id": task_instance.run_id,
        "logical_date": _MOMENT,
        "data_interval_start": _MOMENT,
        "data_interval_end": _MOMENT,
        "run_after": _MOMENT,
        "start_date": _MOMENT,
        "end_date": None,
        "run_type": "manual",
        "state": "running",
        "conf": {},
        "consumed_asset_events": [],
        "partition_key": None,
    }
    return httpx.Response(200, json={"dag_run": dag_run, "max_tries": 0, "should_retry": False})
