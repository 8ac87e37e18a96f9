"""A job that writes once, then waits to be killed: `python waiting.py FOLDER`."""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession

import riverhead_spark

folder = sys.argv[1]
builder = SparkSession.builder.master("local[1]").appName("waiting").config("spark.ui.enabled", "false")
spark = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.memory", "1g").getOrCreate()
riverhead_spark.listen(spark)
spark.range(3).write.parquet(f"{folder}/numbers")
sys.stdin.read()
