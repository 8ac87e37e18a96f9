"""Two DAGs and the asset between them: one writes a file, the other one runs whenever that was done."""

from __future__ import annotations

import csv
import os
from datetime import datetime, timezone
from pathlib import Path

from airflow.providers.common.compat.sdk import DAG, Asset, task

DATA = Path(os.environ.get("SHOP_DATA", "/tmp/shop"))  # noqa: S108 - an example has to run before anything is set
BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)
PRICES = Asset(f"file://{DATA}/prices.csv")
LABELS = Asset(f"file://{DATA}/labels.txt")

with DAG("shop_prices", schedule=None, start_date=BEGIN, catchup=False, tags=["assets"]):

    @task(outlets=[PRICES])
    def write_prices() -> None:
        with (DATA / "prices.csv").open("w", newline="") as file:
            csv.writer(file).writerows([["product", "price"], ["lamp", "24.90"], ["mug", "4.50"]])

    write_prices()

with DAG("shop_labels", schedule=[PRICES], start_date=BEGIN, catchup=False, tags=["assets"]):

    @task(inlets=[PRICES], outlets=[LABELS])
    def write_labels() -> None:
        with (DATA / "prices.csv").open(newline="") as file:
            lines = [f"{row['product']}: {row['price']}" for row in csv.DictReader(file)]
        (DATA / "labels.txt").write_text("\n".join(lines))

    write_labels()
