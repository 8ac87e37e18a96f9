"""What `shop_spark_submit` submits: orders → pieces and sales of each product.

Nothing in it speaks of lineage. Usage: spark-submit spark_product_sales.py ORDERS.csv SALES.parquet
"""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

orders, sales = sys.argv[1:]
spark = SparkSession.builder.appName("product_sales").config("spark.ui.enabled", "false").getOrCreate()

(
    spark.read.csv(orders, header=True, inferSchema=False)
    .where(f.col("status") == "paid")
    .groupBy("product")
    .agg(
        f.sum(f.col("quantity").cast("int")).alias("pieces"),
        f.sum(f.col("quantity").cast("int") * f.col("unit_price").cast("decimal(10, 2)")).alias("sales"),
    )
    .write.mode("overwrite")
    .parquet(sales)
)
spark.stop()
