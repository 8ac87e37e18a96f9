"""Small marts in SQLite, so without any server: statements after each other, in groups, with templates."""

from __future__ import annotations

from datetime import datetime, timezone

from airflow.providers.common.compat.sdk import DAG, TaskGroup, chain
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator


def sql(task_id: str, statements: str) -> SQLExecuteQueryOperator:
    return SQLExecuteQueryOperator(
        task_id=task_id, conn_id="shop_sqlite", sql=statements, split_statements=True, autocommit=True
    )


with DAG(
    "shop_marts",
    description="A customer mart and a product mart out of the same orders",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    params={"least": 20},
    tags=["sql", "sqlite"],
):
    seed = sql(
        "seed",
        """
        DROP TABLE IF EXISTS mart_orders;
        CREATE TABLE mart_orders (order_id int, customer text, product text, quantity int, price real);
        INSERT INTO mart_orders VALUES (1, 'Anna', 'lamp', 2, 24.9), (2, 'Jonas', 'chair', 1, 80.0);
        INSERT INTO mart_orders VALUES (3, 'Anna', 'mug', 3, 4.5);
        """,
    )
    with TaskGroup("marts") as marts:
        sql(
            "customers",
            """
            DROP TABLE IF EXISTS mart_customers;
            CREATE TABLE mart_customers AS
            WITH lines AS (SELECT customer, quantity * price AS amount FROM mart_orders)
            SELECT customer, sum(amount) AS spent FROM lines GROUP BY customer HAVING sum(amount) > {{ params.least }};
            """,
        )
        sql(
            "products",
            """
            DROP TABLE IF EXISTS mart_products;
            CREATE TABLE mart_products AS
            SELECT product, sum(quantity) AS sold, rank() OVER (ORDER BY sum(quantity) DESC) AS place
            FROM mart_orders GROUP BY product;
            """,
        )
    chain(seed, marts)
