"""A DAG that somebody runs by hand: what it asks of its database is forked off as well as asked."""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import datetime as dt
import os
import subprocess

from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator

try:
    from airflow.sdk import DAG, task
except ImportError:
    from airflow.decorators import task
    from airflow.models.dag import DAG

with DAG("by_hand", schedule=None, start_date=dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)):

    @task
    def forks() -> int:
        """Fork as libraries do, and run a program."""
        child = os.fork()
        if child == 0:
            os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) + subprocess.call(["true"])

    made = SQLExecuteQueryOperator(
        task_id="makes", conn_id="shop", sql="CREATE TABLE IF NOT EXISTS orders AS SELECT 1 AS id"
    )
    made >> forks()
