"""A Spark job by `spark-submit`: its run becomes a child of the Airflow task, with no argument for it.

SHOP_SPARK_PYTHON    the interpreter of an environment with PySpark; `spark-submit` is on the path
shop_spark           a connection of the type `spark`, say with `local[1]` as its host
"""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.providers.common.compat.sdk import DAG

HERE = Path(__file__).resolve().parent
DATA = os.environ.get("SHOP_DATA", "/tmp/shop")  # noqa: S108 - an example has to run before anything is set
SPARK_PYTHON = os.environ.get("SHOP_SPARK_PYTHON", "python3")

with DAG(
    "shop_spark_submit",
    description="Sales of each product, by Spark",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    tags=["spark"],
):
    SparkSubmitOperator(
        task_id="product_sales",
        conn_id="shop_spark",
        name="product_sales",
        application=str(HERE / "spark_product_sales.py"),
        application_args=[str(HERE / "data" / "raw_orders.csv"), f"{DATA}/product_sales.parquet"],
        env_vars={"PYSPARK_PYTHON": SPARK_PYTHON, "PYSPARK_DRIVER_PYTHON": SPARK_PYTHON},
    )
