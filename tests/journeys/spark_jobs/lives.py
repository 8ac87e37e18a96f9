"""A job of many lives that knows nothing of lineage, and never stops its last context: `python lives.py FOLDER`."""

from __future__ import annotations

import os
import sys

from pyspark.sql import SparkSession

folder = sys.argv[1]


def session(name: str) -> SparkSession:
    """Return a session of an application of this name."""
    builder = SparkSession.builder.master("local[1]").appName(name).config("spark.ui.enabled", "false")
    return builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.memory", "1g").getOrCreate()


first = session("first")
first.newSession().range(3).write.parquet(f"{folder}/new_session")
child = os.fork()
if child == 0:
    sys.exit(0)
os.waitpid(child, 0)
first.range(3).write.parquet(f"{folder}/after_fork")
first.stop()

session("second").range(3).write.parquet(f"{folder}/second")
sys.exit(3)
