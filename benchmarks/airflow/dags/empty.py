"""A function that does nothing."""

from __future__ import annotations

from datetime import datetime, timezone

try:
    from airflow.sdk import dag, task
except ImportError:
    from airflow.decorators import dag, task


@dag(dag_id="bench_empty", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=timezone.utc))
def bench() -> None:
    """One task."""

    @task
    def work() -> None:
        """Do nothing."""

    work()


bench()
