"""As many tasks as there are regions today, known only when the DAG runs; and one that takes all their answers."""

from __future__ import annotations

import csv
import os
from datetime import datetime, timezone
from pathlib import Path

from airflow.providers.common.compat.sdk import DAG, task

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("SHOP_DATA", "/tmp/shop"))  # noqa: S108 - an example has to run before anything is set

with DAG(
    "shop_mapped",
    description="One task per region",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    tags=["python", "mapped"],
):

    @task
    def regions() -> list[str]:
        with (HERE / "data" / "raw_customers.csv").open(newline="") as file:
            return sorted({row["region"] for row in csv.DictReader(file)})

    @task
    def write_letters(region: str) -> int:
        with (HERE / "data" / "raw_customers.csv").open(newline="") as file:
            names = [row["name"] for row in csv.DictReader(file) if row["region"] == region]
        (DATA / f"letters_{region}.txt").write_text("\n".join(f"Dear {name}" for name in names))
        return len(names)

    @task
    def count(letters: list[int]) -> int:
        return sum(letters)

    count(write_letters.expand(region=regions()))
