"""What `shop_stream` starts: all the clicks that are new since last time, as one batch of a stream.

Usage: python spark_read_clicks.py CLICKS COUNTED, two folders.
"""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession

import riverhead

clicks, counted = sys.argv[1:]
spark = (
    SparkSession.builder.appName("read_clicks")
    .master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.shuffle.partitions", "1")
    .getOrCreate()
)
riverhead.listen(spark)

stream = spark.readStream.schema("product string, seconds int").json(clicks)
(
    stream.where("seconds > 1")
    .writeStream.queryName("clicks")
    .format("csv")
    .option("checkpointLocation", f"{counted}_checkpoint")
    .trigger(availableNow=True)
    .start(counted)
    .awaitTermination()
)
spark.stop()
