"""The shop's last step, in an environment of its own: orders → revenue by region and day.

Usage: python spark_daily_revenue.py FOLDER, with `orders_clean.parquet` in it.
"""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

import riverhead

folder = sys.argv[1]
spark = SparkSession.builder.appName("daily_revenue").master("local[1]").getOrCreate()
riverhead.listen(spark)

orders = spark.read.parquet(f"{folder}/orders_clean.parquet")
revenue = (
    orders.where(f.col("amount") > 0)
    .groupBy("region", "order_day")
    .agg(f.sum("amount").alias("revenue"), f.count("order_id").alias("orders"))
)
revenue.write.mode("overwrite").parquet(f"{folder}/daily_revenue.parquet")
spark.stop()
