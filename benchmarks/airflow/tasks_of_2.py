"""One task as Airflow 2 runs it: a fork of the LocalExecutor's worker, which forks the task's process once more."""

from __future__ import annotations

import gc
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

RUN_ID = "manual__bench"
_AGAIN = "update task_instance set state = 'queued', start_date = null, end_date = null, try_number = 1"
_WORKERS: list[Any] = []


def become_scheduler() -> None:
    """Load what a scheduler has loaded, and tell its listeners that it starts, as it does."""
    import airflow.jobs.scheduler_job_runner  # noqa: F401 - to be there before a fork
    from airflow import settings
    from airflow.executors.local_executor import QueuedLocalWorker
    from airflow.jobs.job import Job

    Job(job_type="SchedulerJob")
    settings.engine.dispose()
    # Who has worked for a while has done so, and otherwise one more module decides which task does it, for 130 ms.
    gc.collect()
    _WORKERS.append(QueuedLocalWorker(None, None))


def prepare(kind: str, home: Path) -> None:
    """Let the database say that the task waits for its worker."""
    with closing(sqlite3.connect(home / "airflow.db", timeout=20)) as database:
        database.execute(f"{_AGAIN} where dag_id = ?", [f"bench_{kind}"])
        database.commit()


def run(kind: str) -> int:
    """Have a task of this kind run, as a worker of the LocalExecutor does, and return its code."""
    from airflow.utils.state import TaskInstanceState

    state = _WORKERS[0]._execute_work_in_fork(_command(kind))  # noqa: SLF001 - what its loop would call
    return int(state != TaskInstanceState.SUCCESS)


def run_alone(kind: str) -> None:
    """Be the command that a worker starts which does not fork."""
    sys.argv = _command(kind)
    from airflow.__main__ import main

    main()


def make_runs(kinds: list[str]) -> None:
    """Write into the database what a scheduler would have written before it runs a task of each kind."""
    from airflow.models.dagbag import DagBag
    from airflow.utils import timezone
    from airflow.utils.state import DagRunState
    from airflow.utils.types import DagRunType

    found = DagBag()
    found.sync_to_db()
    moment = timezone.datetime(2026, 1, 1)
    for kind in kinds:
        found.get_dag(f"bench_{kind}").create_dagrun(
            run_id=RUN_ID,
            run_type=DagRunType.MANUAL,
            state=DagRunState.RUNNING,
            execution_date=moment,
            data_interval=(moment, moment),
        )


def _command(kind: str) -> list[str]:
    file = f"DAGS_FOLDER/{kind}.py"
    return ["airflow", "tasks", "run", f"bench_{kind}", "work", RUN_ID, "--local", "--subdir", file]


if __name__ == "__main__":
    make_runs(sys.argv[1:])
