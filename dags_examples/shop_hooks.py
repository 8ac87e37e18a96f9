"""Python tasks that ask a database by hooks: records, a cursor of their own, SQLAlchemy, rows from elsewhere."""

from __future__ import annotations

import contextlib
from datetime import datetime, timezone

from airflow.providers.common.compat.sdk import DAG, chain, task
from airflow.providers.sqlite.hooks.sqlite import SqliteHook


def shop() -> SqliteHook:
    return SqliteHook(sqlite_conn_id="shop_sqlite")


with DAG(
    "shop_hooks",
    description="What hooks and cursors do inside Python tasks",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    tags=["python", "sqlite"],
):

    @task
    def make_stock() -> None:
        shop().run(
            [
                "DROP TABLE IF EXISTS stock",
                "CREATE TABLE stock (product text, pieces int, price real)",
                "DROP TABLE IF EXISTS stock_low",
                "CREATE TABLE stock_low (product text, pieces int)",
                "DROP TABLE IF EXISTS stock_value",
                "CREATE TABLE stock_value (product text, total real)",
            ]
        )
        shop().insert_rows(
            "stock",
            [("lamp", 4, 24.9), ("chair", 1, 80.0), ("mug", 90, 4.5)],
            target_fields=["product", "pieces", "price"],
        )

    @task
    def count_products() -> int:
        return len(shop().get_records("SELECT product, pieces FROM stock WHERE pieces > 0"))

    @task
    def note_what_is_low() -> None:
        with contextlib.closing(shop().get_conn()) as connection:
            cursor = connection.cursor()
            cursor.execute("INSERT INTO stock_low SELECT product, pieces FROM stock WHERE pieces < ?", (5,))
            connection.commit()

    @task
    def value_the_stock() -> None:
        from sqlalchemy import text

        with shop().get_sqlalchemy_engine().begin() as connection:
            connection.execute(text("INSERT INTO stock_value SELECT product, pieces * price FROM stock"))

    chain(make_stock(), count_products(), note_what_is_low(), value_the_stock())
