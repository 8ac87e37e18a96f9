"""Files by Airflow's own paths: the same code for a folder, S3 or any other store of fsspec."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

from airflow.providers.common.compat.sdk import DAG, ObjectStoragePath, chain, task

INPUT = ObjectStoragePath(f"file://{Path(__file__).resolve().parent}/data")
OUTPUT = ObjectStoragePath(f"file://{os.environ.get('SHOP_DATA', '/tmp/shop')}")  # noqa: S108 - runs before anything is set

with DAG(
    "shop_files",
    description="Copy, read and write files",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    tags=["python", "files"],
):

    @task
    def archive() -> None:
        (INPUT / "raw_orders.csv").copy(OUTPUT / "archived_orders.csv")

    @task
    def count_lines() -> None:
        with (OUTPUT / "archived_orders.csv").open("r") as orders:
            lines = len(orders.read().splitlines())
        with (OUTPUT / "lines.txt").open("w") as file:
            file.write(f"{lines}\n")

    chain(archive(), count_lines())
