"""From a stream to a table: Spark reads what came in since last time, a sensor waits for it, SQL goes on.

SHOP_SPARK_PYTHON    the interpreter of an environment with PySpark and riverhead
shop_files           a connection of the type `fs` whose path is SHOP_DATA; `shop_sqlite` is a SQLite file
"""

from __future__ import annotations

import csv
import json
import os
from datetime import datetime, timezone
from pathlib import Path

from airflow.providers.common.compat.sdk import DAG, chain, task
from airflow.providers.sqlite.hooks.sqlite import SqliteHook
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.sensors.filesystem import FileSensor

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("SHOP_DATA", "/tmp/shop"))  # noqa: S108 - an example has to run before anything is set
SPARK_PYTHON = os.environ.get("SHOP_SPARK_PYTHON", "python3")
CLICKS, COUNTED = DATA / "clicks", DATA / "clicks_counted"

with DAG(
    "shop_stream",
    description="Clicks that came in as a stream, in a table",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    tags=["spark", "stream"],
):

    @task
    def click() -> None:
        CLICKS.mkdir(parents=True, exist_ok=True)
        clicks = [{"product": "lamp", "seconds": 4}, {"product": "mug", "seconds": 9}]
        (CLICKS / "first.json").write_text("\n".join(map(json.dumps, clicks)))

    read_stream = BashOperator(
        task_id="read_stream",
        bash_command=f"'{SPARK_PYTHON}' '{HERE / 'spark_read_clicks.py'}' '{CLICKS}' '{COUNTED}'",
    )
    has_arrived = FileSensor(
        task_id="has_arrived",
        fs_conn_id="shop_files",
        filepath=f"{COUNTED.name}/*.csv",
        deferrable=True,
        poke_interval=1,
        timeout=120,
    )

    @task
    def load() -> None:
        counted = [row for path in COUNTED.glob("*.csv") for row in csv.reader(path.open(newline=""))]
        shop = SqliteHook(sqlite_conn_id="shop_sqlite")
        shop.run("CREATE TABLE IF NOT EXISTS clicks (product text, seconds int)", autocommit=True)
        shop.insert_rows("clicks", counted, target_fields=["product", "seconds"])

    chain(click(), read_stream, has_arrived, load())
