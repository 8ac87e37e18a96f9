"""A model's whole life in Python tasks: split, train, predict – told with Riverhead's few words.

Least squares by hand, so that nothing has to be installed. Each `lineage.run` becomes a child of its Airflow task.
"""

from __future__ import annotations

import csv
import json
import os
from datetime import datetime, timezone
from pathlib import Path

from airflow.providers.common.compat.sdk import DAG, chain, task

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("SHOP_DATA", "/tmp/shop"))  # noqa: S108 - an example has to run before anything is set
ORDERS = HERE / "data" / "raw_orders.csv"
TRAIN, TEST, SCORES, MODEL = (DATA / name for name in ("train.csv", "test.csv", "scores.csv", "model.json"))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, lines: list[dict[str, str]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)


with DAG(
    "shop_training",
    description="How much will be ordered at which price",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    tags=["python", "model"],
):

    @task
    def split() -> None:
        from riverhead import lineage

        with lineage.run("orders.split") as run:
            run.splits(str(ORDERS), into={"train": str(TRAIN), "test": str(TEST)}, method="HASH", by=["order_id"])
            orders = rows(ORDERS)
            write(TRAIN, [row for row in orders if int(row["order_id"]) % 4])
            write(TEST, [row for row in orders if not int(row["order_id"]) % 4])

    @task
    def train() -> None:
        from riverhead import lineage

        with lineage.run("demand.train") as run:
            run.reads(str(TRAIN), split="train")
            points = [(float(row["unit_price"]), float(row["quantity"])) for row in rows(TRAIN)]
            price, pieces = (sum(side) / len(points) for side in zip(*points, strict=True))
            spread = sum((x - price) ** 2 for x, _ in points)
            slope = sum((x - price) * (y - pieces) for x, y in points) / spread
            MODEL.write_text(json.dumps({"slope": slope, "start": pieces - slope * price}))
            run.parameter("method", "least squares")
            run.metric("slope", round(slope, 6))
            run.trains("demand", version=1, framework="none")

    @task
    def predict() -> None:
        from riverhead import lineage

        with lineage.run("demand.predict") as run:
            run.reads(str(TEST), split="test")
            run.predicts(str(SCORES), with_="demand", version=1, column="pieces", from_=["test.csv.unit_price"])
            model = json.loads(MODEL.read_text())
            guesses = [
                {"order_id": row["order_id"], "pieces": str(model["start"] + model["slope"] * float(row["unit_price"]))}
                for row in rows(TEST)
            ]
            write(SCORES, guesses)

    chain(split(), train(), predict())
