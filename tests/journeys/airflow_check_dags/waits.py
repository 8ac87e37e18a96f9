"""Tasks that wait or decide, and one whose trigger ends it."""

# Airflow is not there when types are checked.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from datetime import datetime, timezone

from airflow.providers.common.compat.sdk import DAG, task

try:
    from airflow.providers.standard.operators.empty import EmptyOperator
    from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
    from airflow.providers.standard.sensors.date_time import DateTimeSensor, DateTimeSensorAsync
except ImportError:
    from airflow.operators.empty import EmptyOperator
    from airflow.operators.trigger_dagrun import TriggerDagRunOperator
    from airflow.sensors.date_time import DateTimeSensor, DateTimeSensorAsync

BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)


@task.branch
def chooses() -> str:
    return "nothing"


with DAG("waits", start_date=BEGIN, schedule=None):
    EmptyOperator(task_id="nothing")
    DateTimeSensor(task_id="sensor", target_time=BEGIN)
    TriggerDagRunOperator(task_id="triggers", trigger_dag_id="elt")
    chooses()

with DAG("ends_from_its_trigger", start_date=BEGIN, schedule=None):
    DateTimeSensorAsync(task_id="sensor", target_time=BEGIN, end_from_trigger=True)
