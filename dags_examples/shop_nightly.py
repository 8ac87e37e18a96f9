"""One DAG that starts another one and waits for it: the other run has this task as its parent."""

from __future__ import annotations

from datetime import datetime, timezone

from airflow.providers.common.compat.sdk import DAG, chain
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator

BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)

with DAG("shop_nightly", schedule=None, start_date=BEGIN, catchup=False, tags=["flow"]):
    chain(
        TriggerDagRunOperator(
            task_id="start_backup",
            trigger_dag_id="shop_backup",
            conf={"keep_days": 7},
            wait_for_completion=True,
            poke_interval=1,
        ),
        BashOperator(task_id="good_night", bash_command="echo good night"),
    )

with DAG("shop_backup", schedule=None, start_date=BEGIN, catchup=False, tags=["flow"]):
    BashOperator(task_id="back_up", bash_command="echo keeping {{ dag_run.conf.get('keep_days', 1) }} days")
