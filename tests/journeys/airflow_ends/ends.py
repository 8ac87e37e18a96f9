"""Tasks that end without a process of their own: their trigger ends them, or somebody does by hand. And an asset."""

from __future__ import annotations

from datetime import datetime, timezone

from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.sensors.date_time import DateTimeSensorAsync
from airflow.providers.standard.sensors.python import PythonSensor
from airflow.sdk import DAG, Asset


def is_never() -> bool:
    return False


with DAG("ends", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=timezone.utc), catchup=False):
    DateTimeSensorAsync(task_id="by_its_trigger", target_time="2026-01-02T00:00:00+00:00", end_from_trigger=True)
    PythonSensor(task_id="by_hand_while_it_waits", python_callable=is_never, mode="reschedule", poke_interval=3_000)
    BashOperator(task_id="by_hand_while_it_runs", bash_command="sleep 600")

with DAG(
    "waits_for_an_asset", schedule=[Asset("s3://lake/by_hand")], start_date=datetime(2026, 1, 1, tzinfo=timezone.utc)
):
    BashOperator(task_id="uses_it", bash_command="true")
