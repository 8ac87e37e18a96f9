"""Streams that keep state, join, fail and are stopped: `python streams.py FOLDER`."""

# ruff: noqa: T201 - what it prints is what the test reads

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

import riverhead_spark

folder = Path(sys.argv[1])
spark = SparkSession.builder.appName("Streams").getOrCreate()
riverhead_spark.listen(spark)
ORDERS, PAYMENTS = "id int, customer int, amount double, placed timestamp", "order_id int, paid timestamp"
for day in (1, 2, 3):
    placed = f"timestamp'2026-01-0{day} 12:00:00'"
    rows = spark.range(2 * day, 2 * day + 2).selectExpr(
        "int(id) as id", "int(id % 2) as customer", "id * 10.0D as amount"
    )
    rows.selectExpr("*", f"{placed} as placed").repartition(1).write.parquet(f"{folder}/orders", mode="append")
paid = spark.sql("select int(id) as order_id, timestamp'2026-01-01 13:00:00' as paid from range(2, 4)")
paid.repartition(1).write.parquet(f"{folder}/payments")
spark.createDataFrame([(0, "ada"), (1, "bob")], "id int, name string").repartition(1).write.parquet(
    f"{folder}/customers"
)


def source(name: str, schema: str, **options: Any) -> Any:
    """Return a stream of the files of this folder."""
    return spark.readStream.schema(schema).options(**options).parquet(f"{folder}/{name}")


def writer(frame: Any, name: str, mode: str = "append") -> Any:
    """Return the writer of a stream that ends when it has taken all that there is."""
    named = (
        frame.writeStream.queryName(name).outputMode(mode).option("checkpointLocation", f"{folder}/checkpoints/{name}")
    )
    return named.trigger(availableNow=True)


def into_files(frame: Any, name: str) -> None:
    """Run a stream into a folder of its own."""
    writer(frame, name).format("parquet").option("path", f"{folder}/{name}").start().awaitTermination()


def failed(query: Any) -> None:
    """Wait for a stream that fails."""
    try:
        query.awaitTermination()
    except Exception as error:  # noqa: BLE001 - which exception it is differs between the versions of Spark
        print("failed as it should:", type(error).__name__)


def totals(batch: Any, _number: int) -> None:
    """Keep the newest totals."""
    batch.select("customer", "total").write.parquet(f"{folder}/totals", mode="overwrite")


def third_fails(batch: Any, number: int) -> None:
    """Refuse the third batch."""
    if number == 2:
        raise ValueError("this batch is refused")
    batch.select("id").write.parquet(f"{folder}/before_it_failed", mode="append")


orders = source("orders", ORDERS, maxFilesPerTrigger=1)
late = source("orders", ORDERS).withWatermark("placed", "1 hour")
by_day = orders.withWatermark("placed", "1 hour").groupBy("customer", f.window("placed", "1 day"))
summed = orders.groupBy("customer").agg(f.sum("amount").alias("total"))
writer(summed, "totals", "complete").foreachBatch(totals).start().awaitTermination()
into_files(by_day.agg(f.sum("amount").alias("total")), "windows")
payments = source("payments", PAYMENTS).withWatermark("paid", "1 hour")
joined = late.join(payments, f.expr("id = order_id and paid between placed and placed + interval 2 hours"))
into_files(joined.select("id", "amount", "paid"), "joined")
customers = spark.read.parquet(f"{folder}/customers").withColumnRenamed("id", "customer")
into_files(orders.join(customers, "customer").select("id", "name"), "named")
into_files(late.dropDuplicates(["customer", "placed"]).select("customer"), "distinct")

failed(writer(orders.select("id"), "third").foreachBatch(third_fails).start())
# The same checkpoint for a query of two sources: it fails before its first batch.
failed(writer(orders.select("id").union(source("orders", ORDERS).select("id")), "named").format("noop").start())

first, second = (
    writer(orders.selectExpr("id", f"'{name}' as by"), name)
    .format("parquet")
    .option("path", f"{folder}/{name}")
    .start()
    for name in ("one_of_two", "other_of_two")
)
first.awaitTermination()
second.awaitTermination()


def endless(value: int) -> int:
    """Say that it runs, and wait for longer than the test."""
    (folder / "is_running").touch()
    time.sleep(600)
    return value


stopped = writer(source("orders", ORDERS).select(f.udf(endless, "int")("id").alias("id")), "stopped")
stopped = stopped.format("parquet").option("path", f"{folder}/stopped").start()
while not (folder / "is_running").exists():
    stopped.awaitTermination(0.1)
stopped.stop()
print("stopped:", stopped.exception())
spark.stop()
