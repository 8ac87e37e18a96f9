"""Three statements on DuckDB."""

from __future__ import annotations

from datetime import datetime, timezone

try:
    from airflow.sdk import DAG
except ImportError:
    from airflow import DAG
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator

STATEMENTS = [
    "CREATE TABLE IF NOT EXISTS orders (day TEXT, quantity INTEGER, price INTEGER)",
    "CREATE TABLE IF NOT EXISTS daily (day TEXT, amount INTEGER)",
    """INSERT INTO daily (day, amount)
       SELECT o.day, SUM(o.quantity * o.price) FROM orders o WHERE o.day = '{{ ds }}' GROUP BY o.day""",
]

with DAG("bench_sql", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=timezone.utc)):
    SQLExecuteQueryOperator(task_id="work", conn_id="bench", sql=STATEMENTS)
