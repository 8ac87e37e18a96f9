"""The DAG of the Airflow journeys: SQL on DuckDB with a failure and a kill in it, and children."""

from __future__ import annotations

import os
from datetime import datetime, timezone

from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator

try:
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.sdk import DAG, chain
except ImportError:
    from airflow.models.baseoperator import chain
    from airflow.models.dag import DAG
    from airflow.operators.bash import BashOperator

BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)
DATA = os.environ["STORY_DATA"]


def sql(task_id: str, statement: str) -> SQLExecuteQueryOperator:
    return SQLExecuteQueryOperator(task_id=task_id, conn_id="story_duckdb", sql=statement, autocommit=True)


def child(task_id: str, **more: object) -> BashOperator:
    command = f'echo "$OPENLINEAGE_PARENT_ID $OPENLINEAGE_ROOT_PARENT_ID" > {DATA}/{task_id}.txt'
    return BashOperator(task_id=task_id, bash_command=command, trigger_rule="all_done", **more)


with DAG("story", schedule=None, start_date=BEGIN, catchup=False):
    chain(
        sql("make", "CREATE OR REPLACE TABLE lines AS SELECT 1 AS quantity, 2.5 AS price, '{{ run_id }}' AS run"),
        sql("compute", "CREATE OR REPLACE TABLE sums AS SELECT quantity * price AS amount FROM lines WHERE price > 0"),
        sql("breaks", "INSERT INTO not_there SELECT amount FROM sums"),
        child("inherits"),
        BashOperator(task_id="skips_itself", bash_command="exit 99", trigger_rule="all_done"),
        BashOperator(task_id="is_killed", bash_command="kill -9 $PPID", trigger_rule="all_done"),
        child("has_its_own", env={"OPENLINEAGE_PARENT_ID": "the author's"}, append_env=True),
    )
