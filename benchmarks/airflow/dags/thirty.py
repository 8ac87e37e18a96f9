"""Thirty tasks that do nothing and wait for none of the others."""

from __future__ import annotations

from datetime import datetime, timezone

try:
    from airflow.sdk import dag, task
except ImportError:
    from airflow.decorators import dag, task


@dag(dag_id="bench_thirty", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=timezone.utc))
def bench() -> None:
    """Thirty tasks."""
    for number in range(30):

        @task(task_id=f"work_{number}")
        def work() -> None:
            """Do nothing."""

        work()


bench()
