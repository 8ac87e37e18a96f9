"""Attach as the shared runner of cases does, and say after each action what its events' file holds by then."""

# ruff: noqa: T201 - what it prints is what the test reads

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from pyspark.sql import SparkSession

FOLDER = Path(sys.argv[1])
ACTIONS = 3

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
file = FOLDER / "events.ndjson"
file.touch()
importlib.import_module("spark_hook").install(spark, str(file))
bus = spark.sparkContext._jsc.sc().listenerBus()
for number in range(ACTIONS):
    columns = [f"id + {n} as c{n}" for n in range(1, 200)]
    spark.range(3).selectExpr(*columns).write.parquet(f"{FOLDER}/out{number}")
    bus.waitUntilEmpty()
    events = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    print([event["eventType"] for event in events if event["outputs"]])
spark.stop()
