"""A job that knows nothing of lineage, writes twice and ends as it is told to: `python unaware.py FOLDER WAY`."""

# ruff: noqa: T201 - what it prints is what the test reads

from __future__ import annotations

import os
import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

folder, way = sys.argv[1:3]
builder = SparkSession.builder.appName("Unaware").config("spark.ui.enabled", "false")
conf = {"spark.driver.host": "127.0.0.1", "spark.driver.memory": "1g", "spark.sql.shuffle.partitions": "1"}
for key, value in conf.items():
    builder = builder.config(key, value)
if os.environ.get("MASTER"):
    builder = builder.master(os.environ["MASTER"])
spark = builder.getOrCreate()

# A worker's Python starts like the driver's.
doubled = f.udf(lambda amount: amount * 2, "double")
spark.createDataFrame([(1, "DE", 10.0), (2, "DE", 20.0)], "id int, country string, amount double").write.parquet(
    f"{folder}/orders"
)
orders = spark.read.parquet(f"{folder}/orders").where("amount > 5")
totals = (
    orders.withColumn("twice", doubled("amount"))
    .groupBy("country")
    .agg(f.sum("amount").alias("total"), f.max("twice").alias("most"))
)
totals.write.parquet(f"{folder}/totals")
print("listener:", sys.modules["riverhead_spark"].__file__ if "riverhead_spark" in sys.modules else None)
match way:
    case "wait":
        print("written", flush=True)
        sys.stdin.read()
    case "error":
        raise ValueError("no orders")
