"""Streams, actions of RDDs and frames that became RDDs: functions of a session and a folder with `orders` in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_ORDERS = "id int, customer_id int, amount double, status string"


def _stream(spark: Any, folder: str, name: str) -> Any:
    """Return the writer of a stream of what is large in `orders`, which ends when all of it is read."""
    orders = spark.readStream.schema(_ORDERS).parquet(f"{folder}/orders")
    frame = orders.filter("amount > 10").selectExpr("id", "amount * 2 as twice")
    writer = frame.writeStream.option("checkpointLocation", f"{folder}/checkpoints/{name}")
    return writer.trigger(availableNow=True)


def _to_files(spark: Any, folder: str) -> None:
    writer = _stream(spark, folder, "files").queryName("large_orders").format("parquet")
    writer.option("path", f"{folder}/large").start().awaitTermination()


def _to_table(spark: Any, folder: str) -> None:
    _stream(spark, folder, "table").format("parquet").toTable("large_orders").awaitTermination()


def _for_each_batch(spark: Any, folder: str) -> None:
    def write(batch: Any, _number: int) -> None:
        batch.select("id").write.parquet(f"{folder}/ids_of_batches")

    _stream(spark, folder, "each").foreachBatch(write).start().awaitTermination()


def _failing_batch(spark: Any, folder: str) -> None:
    def fail(_batch: Any, _number: int) -> None:
        raise ValueError("this batch is refused")

    _stream(spark, folder, "failing").queryName("refused").foreachBatch(fail).start().awaitTermination()


def _to_memory(spark: Any, folder: str) -> None:
    _stream(spark, folder, "memory").queryName("kept").format("memory").start().awaitTermination()
    spark.table("kept").write.parquet(f"{folder}/from_memory")


def _rate(spark: Any, folder: str) -> None:
    writer = spark.readStream.format("rate").load().writeStream.format("parquet").trigger(once=True)
    writer.option("checkpointLocation", f"{folder}/checkpoints/rate").toTable("ticks").awaitTermination()


def _checkpoint(spark: Any, folder: str) -> None:
    spark.sparkContext.setCheckpointDir(f"{folder}/kept")
    kept = spark.table("orders").selectExpr("id", "amount * 2 as twice").checkpoint()
    both = kept.alias("a").join(kept.alias("b"), "id").selectExpr("id", "a.twice", "b.twice as again")
    both.write.parquet(f"{folder}/from_checkpoint")


def _saved_rdd(spark: Any, folder: str) -> None:
    spark.sparkContext.parallelize(["a"], 1).saveAsTextFile(f"{folder}/lines")
    spark.sparkContext.textFile(f"{folder}/lines").map(str.upper).saveAsTextFile(f"{folder}/upper")


def _collected_rdd(spark: Any, _folder: str) -> None:
    spark.table("orders").rdd.map(len).collect()
    spark.sparkContext.parallelize([1], 1).collect()


def _rdd_as_frame(spark: Any, folder: str) -> None:
    rows = spark.table("orders").rdd.map(lambda row: (row.id,))
    spark.createDataFrame(rows, "id int").write.parquet(f"{folder}/from_rdd")


QUERIES: dict[str, Callable[[Any, str], None]] = {
    "checkpoint": _checkpoint,
    "rdd_as_frame": _rdd_as_frame,
    "rdd_collected": _collected_rdd,
    "rdd_saved": _saved_rdd,
    "stream_failing_batch": _failing_batch,
    "stream_for_each_batch": _for_each_batch,
    "stream_of_rate": _rate,
    "stream_to_files": _to_files,
    "stream_to_memory": _to_memory,
    "stream_to_table": _to_table,
}
