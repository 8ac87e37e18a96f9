"""A job that does everything that a listener may fear, in one application: `python hostile.py FOLDER`.

What each part gave goes to FOLDER/answers.json, part by part.
"""

from __future__ import annotations

import ctypes
import json
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.sql import SparkSession

from riverhead_spark import listening
from riverhead_spark.tap.poll import Tap

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(sys.argv[1])
RELATION = """
package hostile;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.RelationProvider;
import org.apache.spark.sql.sources.TableScan;
import org.apache.spark.sql.types.StructType;
public class DefaultSource implements RelationProvider {
  public BaseRelation createRelation(SQLContext context, scala.collection.immutable.Map options) {
    return new Shelf(context);
  }
  public static class Shelf extends BaseRelation implements TableScan {
    final SQLContext context;
    Shelf(SQLContext context) { this.context = context; }
    public SQLContext sqlContext() { return context; }
    public StructType schema() { return new StructType().add("book", "string"); }
    public org.apache.spark.rdd.RDD buildScan() { return context.emptyDataFrame().rdd(); }
  }
}
"""
may_poll = threading.Event()
may_poll.set()


class HaltingTap(Tap):
    """A tap that Python comes to only when it may."""

    def poll(self) -> list[dict[str, Any]] | None:
        may_poll.wait()
        return super().poll()


def many_nodes(spark: Any) -> Any:
    frame = spark.sql("select a, b from (select 1 a, 2 b) t where a > 5")
    for _ in range(11):
        frame = frame.union(frame)
    return written(frame, "many_nodes")


def many_columns(spark: Any) -> Any:
    return written(
        spark.read.parquet(f"{FOLDER}/one").selectExpr(*(f"id + {at} c{at}" for at in range(5000))), "many_columns"
    )


def fifty_unions(spark: Any) -> Any:
    frame = one = spark.read.parquet(f"{FOLDER}/one")
    for at in range(49):
        frame = frame.union(one.selectExpr(f"id + {at}"))
    return written(frame, "fifty_unions")


def a_hundred_columns_one_by_one(spark: Any) -> Any:
    frame = spark.read.parquet(f"{FOLDER}/one")
    for at in range(100):
        frame = frame.withColumn(f"c{at}", frame["id"] + at)
    return written(frame, "a_hundred_columns")


def nested_views(spark: Any) -> Any:
    spark.read.parquet(f"{FOLDER}/one").createOrReplaceTempView("view_0")
    for at in range(60):
        spark.table(f"view_{at}").selectExpr("id + 0 as id").createOrReplaceTempView(f"view_{at + 1}")
    return written(spark.table("view_60"), "nested_views")


def a_view_of_itself(spark: Any) -> Any:
    spark.range(1).createOrReplaceTempView("snake")
    try:
        spark.sql("create or replace temporary view snake as select * from snake")
        return written(spark.table("snake"), "snake")
    except Exception as error:  # noqa: BLE001 - which exception it is differs between the versions of Spark
        return type(error).__name__


def an_unknown_source(spark: Any) -> Any:
    jvm = spark.sparkContext._jvm
    compiler = jvm.org.codehaus.janino.SimpleCompiler()
    thread = jvm.java.lang.Thread.currentThread()
    before = thread.getContextClassLoader()
    compiler.setParentClassLoader(before)
    compiler.cook(RELATION)
    thread.setContextClassLoader(compiler.getClassLoader())
    try:
        return written(spark.read.format("hostile").load(), "unknown_source")
    finally:
        thread.setContextClassLoader(before)


def a_python_source(spark: Any) -> Any:
    if int(spark.version[0]) < 4:
        return "not before Spark 4"
    from pyspark.sql.datasource import DataSource, DataSourceReader

    class Numbers(DataSource):  # type: ignore[misc]  # PySpark has no types here
        @classmethod
        def name(cls) -> str:
            return "numbers"

        def schema(self) -> str:
            return "n int"

        def reader(self, schema: Any) -> DataSourceReader:
            del schema

            class Reader(DataSourceReader):  # type: ignore[misc]  # PySpark has no types here
                def read(self, partition: Any) -> Any:
                    del partition
                    yield (7,)

            return Reader()

    spark.dataSource.register(Numbers)
    frame = spark.read.format("numbers").load()
    try:
        frame.collect()
    except Exception as error:  # noqa: BLE001 - such a source needs packages of its workers' Python
        return f"not in this Python: {type(error).__name__}"
    return written(frame, "python_source")


def a_tap_that_throws(spark: Any) -> Any:
    with_field(tap(), "stages", None)
    try:
        return written(spark.read.parquet(f"{FOLDER}/one"), "while_throwing")
    finally:
        taken(spark)
        with_field(tap(), "stages", tap().getClass().getClassLoader().loadClass("riverhead.tap.Stages"))


def after_it_threw(spark: Any) -> Any:
    return written(spark.read.parquet(f"{FOLDER}/one"), "after_throwing")


def a_full_queue(spark: Any) -> Any:
    may_poll.clear()
    with_field(tap(), "queue", spark.sparkContext._jvm.java.util.concurrent.LinkedBlockingQueue(2))
    try:
        return [written(spark.read.parquet(f"{FOLDER}/one"), f"unpolled_{at}") for at in range(5)]
    finally:
        taken(spark)
        may_poll.set()


def after_the_queue_was_full(spark: Any) -> Any:
    return written(spark.read.parquet(f"{FOLDER}/one"), "after_full")


def python_busy_in_c(spark: Any) -> Any:
    stream = spark.readStream.format("rate").option("rowsPerSecond", 20).load().writeStream
    query = stream.format("memory").queryName("beats").trigger(processingTime="200 milliseconds").start()
    try:
        # A PyDLL's function keeps the interpreter's lock.
        ctypes.PyDLL(None).sleep(4)
        return len({progress["batchId"] for progress in query.recentProgress})
    finally:
        query.stop()


def after_python_was_busy(spark: Any) -> Any:
    return written(spark.read.parquet(f"{FOLDER}/one"), "after_busy")


PARTS: tuple[Callable[[Any], Any], ...] = (
    many_nodes, many_columns, fifty_unions, a_hundred_columns_one_by_one, nested_views, a_view_of_itself,
    an_unknown_source, a_python_source, python_busy_in_c, after_python_was_busy, a_tap_that_throws, after_it_threw,
    a_full_queue, after_the_queue_was_full,
)  # fmt: skip


def written(frame: Any, name: str) -> int:
    """Write a frame and return how many rows there are."""
    frame.write.mode("overwrite").parquet(f"{FOLDER}/{name}")
    return int(frame.sparkSession.read.parquet(f"{FOLDER}/{name}").count())


def tap() -> Any:
    """Return the tap in the JVM."""
    of_this: Any = heard._tap
    return of_this._tap


def with_field(of: Any, name: str, value: Any) -> None:
    """Exchange a field of the tap; a class stands for a new object of it."""
    field = of.getClass().getDeclaredField(name)
    field.setAccessible(True)
    if name == "stages" and value is not None:
        constructor = value.getDeclaredConstructors()[0]
        constructor.setAccessible(True)
        value = constructor.newInstance(spark.sparkContext._gateway.new_array(spark.sparkContext._jvm.Object, 0))
    field.set(of, value)


def taken(spark: Any) -> None:
    """Wait until the bus has handed everything over."""
    spark.sparkContext._jsc.sc().listenerBus().waitUntilEmpty(60_000)


setattr(listening, "Tap", HaltingTap)  # noqa: B010 - the room's own, which nobody else exchanges
builder = SparkSession.builder.master("local[2]").appName("hostile").config("spark.ui.enabled", "false")
builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.sql.shuffle.partitions", "1")
spark = builder.config("spark.driver.memory", "1g").getOrCreate()
spark.range(1).write.mode("overwrite").parquet(f"{FOLDER}/one")
heard = listening.listen(spark)
answers: dict[str, Any] = {}
for part in PARTS:
    try:
        answers[part.__name__] = part(spark)
    except Exception as error:  # noqa: BLE001 - it is told, and the next part is tried
        answers[part.__name__] = f"{type(error).__name__}: {error}"[:2000]
    (FOLDER / "answers.json").write_text(json.dumps(answers, indent=1), encoding="utf-8")
taken(spark)
spark.stop()
