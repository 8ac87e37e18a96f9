"""A warehouse in PostgreSQL: several statements to a task, an upsert, a report with parameters.

The connection `shop_postgres` names the database; the tables are made by the first task.
"""

from __future__ import annotations

from datetime import datetime, timezone

from airflow.providers.common.compat.sdk import DAG, chain
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator


def sql(task_id: str, statements: str | list[str], **more: object) -> SQLExecuteQueryOperator:
    return SQLExecuteQueryOperator(task_id=task_id, conn_id="shop_postgres", sql=statements, **more)


with DAG(
    "shop_warehouse",
    description="Orders into a warehouse, upserted, and summed up by region",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    params={"state": "paid"},
    tags=["sql", "postgresql"],
):
    make_tables = sql(
        "make_tables",
        """
        CREATE TABLE IF NOT EXISTS raw_orders (order_id int PRIMARY KEY, customer_id int, amount numeric, state text);
        CREATE TABLE IF NOT EXISTS raw_customers (customer_id int PRIMARY KEY, name text, region text);
        CREATE TABLE IF NOT EXISTS orders (order_id int PRIMARY KEY, customer text, region text, amount numeric);
        CREATE TABLE IF NOT EXISTS big_orders (order_id int, customer text);
        CREATE TABLE IF NOT EXISTS sales_by_region (region text, sales numeric, orders bigint);
        """,
        split_statements=True,
    )
    take_in = sql(
        "take_in",
        [
            """
            INSERT INTO raw_customers VALUES (1, 'Anna Berg', 'north'), (2, 'Jonas Holt', 'south')
            ON CONFLICT DO NOTHING
            """,
            """
            INSERT INTO raw_orders VALUES (10, 1, 49.80, 'paid'), (11, 2, 5.00, 'open'), (12, 2, 120.00, 'paid')
            ON CONFLICT DO NOTHING
            """,
        ],
    )
    upsert_orders = sql(
        "upsert_orders",
        """
        INSERT INTO orders (order_id, customer, region, amount)
        SELECT o.order_id, upper(c.name), c.region, o.amount
        FROM raw_orders AS o
        JOIN raw_customers AS c ON c.customer_id = o.customer_id
        WHERE o.state = %(state)s
        ON CONFLICT (order_id) DO UPDATE SET amount = excluded.amount
        """,
        parameters={"state": "{{ params.state }}"},
    )
    report = sql(
        "report",
        """
        TRUNCATE big_orders, sales_by_region;
        INSERT INTO big_orders SELECT order_id, customer FROM orders WHERE amount > 100;
        INSERT INTO sales_by_region (region, sales, orders)
        SELECT region, sum(amount), count(*) FROM orders GROUP BY region;
        """,
        split_statements=True,
    )
    chain(make_tables, take_in, upsert_orders, report)
