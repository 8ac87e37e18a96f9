"""A job that leaves in the way that it is told to: `python leaving.py FOLDER WAY`."""

from __future__ import annotations

import os
import sys

from pyspark.sql import SparkSession

import riverhead_spark

folder, way = sys.argv[1:3]
builder = SparkSession.builder.master("local[1]").appName("Leaving").config("spark.ui.enabled", "false")
spark = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.memory", "1g").getOrCreate()
riverhead_spark.listen(spark)
match way:
    case "idle":
        spark.stop()
    case "code":
        spark.range(3).write.parquet(f"{folder}/numbers")
        spark.stop()
        sys.exit(3)
    case "error":
        with spark:
            spark.range(3).write.parquet(f"{folder}/numbers")
            raise ValueError("no orders")
    case "again":
        spark.range(3).write.parquet(f"{folder}/numbers")
        riverhead_spark.stop(spark)
        riverhead_spark.listen(spark)
    case "at_once":
        spark.range(3).write.parquet(f"{folder}/numbers")
        spark.stop()
        os._exit(4)
    case "raised":
        spark.range(3).write.parquet(f"{folder}/numbers")
        raise SystemExit(3)
    case "running":
        endless = "reflect('java.lang.Thread', 'sleep', 600000L)"
        spark.range(1).selectExpr("id", f"{endless} as slept").write.parquet(f"{folder}/numbers")
