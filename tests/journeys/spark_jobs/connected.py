"""A Spark Connect server in this process and a client of it in another: `python connected.py FOLDER`."""

# ruff: noqa: T201 - what it prints is what the test reads

from __future__ import annotations

import os
import subprocess
import sys

from pyspark.sql import SparkSession

import riverhead

folder = sys.argv[1]
if len(sys.argv) > 2:
    spark = SparkSession.builder.remote(sys.argv[2]).getOrCreate()
    spark.range(3).write.parquet(f"file://{folder}/remote")
    sys.exit(0)

conf = {"spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1", "spark.driver.memory": "1g"}
builder = SparkSession.builder.remote("local[1]").appName("Connected")
for key, value in conf.items():
    builder = builder.config(key, value)
spark = builder.getOrCreate()
print("the server is listened to:", riverhead.listen(spark).is_listening)
spark.range(3).write.parquet(f"{folder}/local")
# What Spark says to its own processes of the server that it started, another client is not told.
told = {name: value for name, value in os.environ.items() if name not in {"SPARK_LOCAL_REMOTE", "SPARK_REMOTE"}}
address = f"sc://{spark.client._builder.endpoint}"
subprocess.run([sys.executable, __file__, folder, address], env=told, check=True)
spark.stop()
