"""A shop's daily figures: SQL on DuckDB, then a Spark job, with lineage of every column and nothing said about it here.

DuckDB takes one writing process at a time, so the tasks run one after the other.

    SHOP_DATA            where the Parquet files go; the connection `shop_duckdb` names the database file as its host
    SHOP_SPARK_PYTHON    the interpreter of an environment with PySpark and riverhead
"""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

from airflow.providers.common.compat.sdk import DAG, chain
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.providers.standard.operators.bash import BashOperator

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("SHOP_DATA", "/tmp/shop"))  # noqa: S108 - an example has to run before anything is set
SPARK_PYTHON = os.environ.get("SHOP_SPARK_PYTHON", "python3")


def sql(task_id: str, statement: str) -> SQLExecuteQueryOperator:
    return SQLExecuteQueryOperator(task_id=task_id, conn_id="shop_duckdb", sql=statement, autocommit=True)


with DAG(
    "shop_daily",
    description="Revenue by region and day, from raw CSV files to Parquet",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    params={"raw": str(HERE / "data"), "data": str(DATA)},
):
    load_orders = sql(
        "load_orders",
        """
        CREATE OR REPLACE TABLE raw_orders AS
        SELECT order_id, customer_id, order_day, product, quantity, unit_price, status
        FROM read_csv('{{ params.raw }}/raw_orders.csv', columns = {
            'order_id': 'BIGINT', 'customer_id': 'BIGINT', 'order_day': 'DATE', 'product': 'VARCHAR',
            'quantity': 'INTEGER', 'unit_price': 'DECIMAL(10, 2)', 'status': 'VARCHAR'})
        """,
    )
    load_customers = sql(
        "load_customers",
        """
        CREATE OR REPLACE TABLE raw_customers AS
        SELECT customer_id, name, region
        FROM read_csv('{{ params.raw }}/raw_customers.csv', columns = {
            'customer_id': 'BIGINT', 'name': 'VARCHAR', 'region': 'VARCHAR'})
        """,
    )
    clean_orders = sql(
        "clean_orders",
        """
        CREATE OR REPLACE TABLE orders_clean AS
        SELECT o.order_id, o.order_day, c.region, o.product, o.quantity * o.unit_price AS amount
        FROM raw_orders AS o
        JOIN raw_customers AS c ON c.customer_id = o.customer_id
        WHERE o.status = 'paid'
        """,
    )
    export_orders = sql(
        "export_orders",
        """
        COPY (SELECT order_id, order_day, region, product, amount FROM orders_clean)
        TO '{{ params.data }}/orders_clean.parquet' (FORMAT parquet)
        """,
    )
    daily_revenue = BashOperator(
        task_id="daily_revenue",
        bash_command=f"'{SPARK_PYTHON}' '{HERE / 'spark_daily_revenue.py'}' '{{{{ params.data }}}}'",
    )
    chain(load_orders, load_customers, clean_orders, export_orders, daily_revenue)
