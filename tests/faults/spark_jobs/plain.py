"""A plain job that somebody listens to: `python plain.py FOLDER` says in FOLDER/rows what it wrote."""

from __future__ import annotations

import sys
from pathlib import Path

from pyspark.sql import SparkSession

import riverhead

folder = sys.argv[1]
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
riverhead.listen(spark)
for part in range(3):
    spark.range(part, 10).write.parquet(f"{folder}/part-{part}")
rows = sum(spark.read.parquet(f"{folder}/part-{part}").count() for part in range(3))
Path(folder, "rows").write_text(str(rows), encoding="utf-8")
spark.stop()
