"""Many short tasks, to be killed one by one, with all that carries them."""

# Airflow is not there when types are checked.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from airflow.providers.common.compat.sdk import DAG, task

TASKS = 60
AGAIN = {"retries": 5, "retry_delay": timedelta(seconds=1), "retry_exponential_backoff": False}

with DAG(
    "faults",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    default_args=AGAIN,
    max_active_tasks=4,
):

    @task
    def work(_number: int) -> None:
        # Whoever kills sees by it that the work has begun, and by whom it is done.
        mark = Path(os.environ["FAULTS_WORKING"], str(os.getpid()))
        mark.touch()
        time.sleep(1)  # what a kill has to hit
        mark.unlink()

    work.expand(_number=list(range(TASKS)))
