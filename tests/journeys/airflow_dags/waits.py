"""A DAG that Airflow refuses wherever a listener is registered in the process that reads it."""

from __future__ import annotations

from datetime import datetime, timezone

from airflow.providers.standard.operators.python import ShortCircuitOperator
from airflow.providers.standard.sensors.date_time import DateTimeSensorAsync
from airflow.sdk import DAG, chain


def is_today() -> bool:
    return False


with DAG("waits_in_the_triggerer", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=timezone.utc), catchup=False):
    chain(
        ShortCircuitOperator(task_id="today_only", python_callable=is_today),
        DateTimeSensorAsync(task_id="later", target_time="2026-01-02T00:00:00+00:00", end_from_trigger=True),
    )
