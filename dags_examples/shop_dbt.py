"""A process that tells of its own lineage, such as dbt: it finds the task as its parent in its environment.

SHOP_DBT    the command to run, say `dbt-ol run --project-dir /opt/shop`; without it a small script stands in
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, timezone
from pathlib import Path

from airflow.providers.common.compat.sdk import DAG
from airflow.providers.standard.operators.bash import BashOperator

HERE = Path(__file__).resolve().parent
DATA = os.environ.get("SHOP_DATA", "/tmp/shop")  # noqa: S108 - an example has to run before anything is set
STAND_IN = f"'{sys.executable}' '{HERE / 'models_of_customers.py'}' '{HERE / 'data' / 'raw_customers.csv'}' '{DATA}'"

with DAG(
    "shop_dbt",
    description="Models that another program makes",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    tags=["dbt"],
):
    BashOperator(task_id="run_models", bash_command=os.environ.get("SHOP_DBT", STAND_IN))
