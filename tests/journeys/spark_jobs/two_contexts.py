"""Two applications in one process, each writes once: `python two_contexts.py FOLDER`."""

# ruff: noqa: T201 - what it prints is what the test reads

from __future__ import annotations

import sys

from pyspark.sql import SparkSession

import riverhead_spark

folder = sys.argv[1]
for name in ("first", "second"):
    builder = SparkSession.builder.master("local[1]").appName(name).config("spark.ui.enabled", "false")
    spark = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.memory", "1g").getOrCreate()
    print(name, "is listened to:", riverhead_spark.listen(spark).is_listening)
    spark.range(3).write.parquet(f"{folder}/{name}")
    spark.sparkContext.stop()
