"""A job of several writes that forgets to stop its session: `python orders.py FOLDER`."""

# ruff: noqa: T201 - what it prints is what the test reads

from __future__ import annotations

import gc
import sys
import time
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

import riverhead_spark

folder = sys.argv[1]
builder = SparkSession.builder.master("local[1]").appName("Orders")
conf = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.warehouse.dir": f"{folder}/warehouse",
    "spark.openlineage.namespace": "shop",
    "spark.openlineage.transport.type": "file",
    "spark.openlineage.transport.location": f"{folder}/events.ndjson",
    "spark.riverhead.spoolDir": f"{folder}/spool",
}
for key, value in conf.items():
    builder = builder.config(key, value)
spark = builder.getOrCreate()
print("from", riverhead_spark.__file__)
print("twice is once:", riverhead_spark.listen(spark) is riverhead_spark.listen(spark))

Path(folder, "notes.txt").write_text("pay\nship\n", encoding="utf-8")
spark.createDataFrame([(1, 1, 10.0), (2, 1, 20.0)], "id int, customer_id int, amount double").write.parquet(
    f"{folder}/orders"
)
spark.createDataFrame([(1, "DE")], "id int, country string").write.parquet(f"{folder}/customers")
orders, customers = spark.read.parquet(f"{folder}/orders"), spark.read.parquet(f"{folder}/customers")
rounds = orders
for _ in range(6):
    rounds = rounds.selectExpr("id", "amount + 1 as amount").filter("id > 0").localCheckpoint()
rounds.write.parquet(f"{folder}/rounds")
joined = orders.filter(orders.amount > 5).join(customers, orders.customer_id == customers.id)
joined.groupBy("country").agg(f.sum("amount").alias("total")).write.parquet(f"{folder}/totals")

orders.select("id", "amount").write.saveAsTable("ledger")
spark.sql("select sum(amount) as everything from ledger").write.parquet(f"{folder}/read_back")
print("collected", len(orders.collect()))
spark.sparkContext.textFile(f"{folder}/notes.txt").map(str.upper).saveAsTextFile(f"{folder}/shouted")

try:
    orders.select(f.expr("assert_true(amount < 15, 'too large')").isNull().alias("x")).write.parquet(f"{folder}/bad")
except Exception as error:  # noqa: BLE001 - which exception it is differs between the versions of Spark
    print("failed as it should:", type(error).__name__)

try:
    orders.select("no_such_column")
except Exception as error:  # noqa: BLE001 - where it is defined differs between the versions of Spark
    spark.sparkContext._jsc.sc().listenerBus().waitUntilEmpty()
    told = spark._jvm.org.apache.spark.util.Utils.exceptionString(getattr(error, "_origin", None))
    print("a stranger in the stack of an error:", "riverhead" in told)

# Python and Spark let go of them in their own time.
deadline = time.monotonic() + 60
while (kept := spark.sparkContext._jsc.getPersistentRDDs().size()) > 3 and time.monotonic() < deadline:
    gc.collect()
    spark._jvm.System.gc()
    time.sleep(0.1)
print("few checkpoints are kept:", kept <= 3)
