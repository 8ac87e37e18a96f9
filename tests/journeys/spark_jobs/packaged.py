"""A job that knows nothing of lineage, on an Iceberg that its driver brings along: `packaged.py FOLDER`."""

# ruff: noqa: T201 - what it prints is what the test reads

from __future__ import annotations

import sys

from pyspark.sql import SparkSession

folder = sys.argv[1]
spark = SparkSession.builder.appName("Packaged").getOrCreate()
spark.range(3).selectExpr("id", "id * 2 as twice").writeTo("ice.shop.numbers").using("iceberg").create()
spark.table("ice.shop.numbers").where("id > 0").select("twice").write.parquet(f"{folder}/read")
print("listener:", sys.modules["riverhead_spark"].__file__)
spark.stop()
