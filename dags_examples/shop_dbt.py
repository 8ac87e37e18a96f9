"""A process that tells of its own lineage, such as dbt: it finds the task as its parent in its environment.

SHOP_DBT    the folder that has OpenLineage's `dbt-ol` and `dbt`, if they are not on the path
"""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

from airflow.providers.common.compat.sdk import DAG
from airflow.providers.standard.operators.bash import BashOperator

PROJECT = Path(__file__).resolve().parent / "dbt_shop"
DATA = os.environ.get("SHOP_DATA", "/tmp/shop")  # noqa: S108 - an example has to run before anything is set
PATH = os.pathsep.join(filter(None, [os.environ.get("SHOP_DBT"), os.environ.get("PATH")]))

with DAG(
    "shop_dbt",
    description="Models that another program makes",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    tags=["dbt"],
):
    BashOperator(
        task_id="run_models",
        bash_command=f"mkdir -p '{DATA}' && dbt-ol build --project-dir '{PROJECT}' --profiles-dir '{PROJECT}'",
        env={"PATH": PATH, "DBT_TARGET_PATH": f"{DATA}/dbt_target", "DBT_LOG_PATH": f"{DATA}/dbt_logs"},
        append_env=True,
    )
