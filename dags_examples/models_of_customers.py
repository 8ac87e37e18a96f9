"""What `shop_dbt` runs where no dbt is: a model of its own, a run of its own, the Airflow task as its parent.

Usage: python models_of_customers.py CUSTOMERS.csv FOLDER
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from riverhead import lineage

customers, names = Path(sys.argv[1]), Path(sys.argv[2]) / "customer_names.csv"

with lineage.run("models.customer_names") as run:
    run.reads(str(customers), columns=["customer_id", "name", "region"])
    run.writes(
        str(names),
        columns={"customer_id": lineage.column("customer_id", how="IDENTITY"), "name": ["name"]},
        decided_by=["region"],
    )
    with customers.open(newline="") as source, names.open("w", newline="") as target:
        writer = csv.writer(target)
        for row in csv.DictReader(source):
            if row["region"] == "north":
                writer.writerow([row["customer_id"], row["name"].upper()])
