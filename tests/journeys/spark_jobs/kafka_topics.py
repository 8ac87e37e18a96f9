"""A job over topics, in batches and in streams: `python kafka_topics.py FOLDER SERVERS`."""

from __future__ import annotations

import sys
from typing import Any

from pyspark.sql import SparkSession

import riverhead_spark

folder, servers = sys.argv[1:3]
spark = SparkSession.builder.appName("Topics").getOrCreate()
riverhead_spark.listen(spark)


def kafka(maker: Any, **options: str) -> Any:
    """Return a reader or a writer of this broker."""
    secret = {"kafka.ssl.key.password": "CANARY", "kafka.ssl.truststore.password": "CANARY"}
    # The broker makes topics as they are asked for, and one that is still being made refuses what it is sent first:
    # a producer that numbers its records would never come past that.
    plain = {"kafka.bootstrap.servers": servers, "kafka.enable.idempotence": "false"}
    return maker.format("kafka").options(**{**plain, **secret, **options})


def ended(writer: Any, name: str, **trigger: bool) -> None:
    """Run a stream until it has taken all that there is, or as often as it is told."""
    writer = writer.queryName(name).option("checkpointLocation", f"{folder}/checkpoints/{name}")
    writer.trigger(**(trigger or {"availableNow": True})).start().awaitTermination()


def send(frame: Any, topic: str) -> None:
    """Put rows into a topic, in a batch."""
    rows = frame.selectExpr("cast(id as string) as key", "to_json(struct(id, amount)) as value")
    kafka(rows.write, topic=topic).save()


orders = "id int, amount double"
spark.createDataFrame([(1, 10.0), (2, 20.0), (3, 30.0)], orders).repartition(1).write.parquet(f"{folder}/orders")
send(spark.read.parquet(f"{folder}/orders"), "orders")
read = kafka(spark.read, subscribe="orders").load()
read.selectExpr("cast(value as string) as said", "offset as at").write.parquet(f"{folder}/said")
kafka(spark.read, subscribePattern="or.*").load().select("key").write.parquet(f"{folder}/matched")
kafka(spark.read, assign='{"orders": [0, 1, 2, 3]}').load().groupBy("partition").count().collect()

# Two batches, then one more from where the first query ended.
said = kafka(spark.readStream, subscribe="orders", startingOffsets="earliest", maxOffsetsPerTrigger="2").load()
said = said.selectExpr("cast(key as string) as id", "cast(value as string) as said")
ended(said.writeStream.format("parquet").option("path", f"{folder}/streamed"), "streamed")
send(spark.read.parquet(f"{folder}/orders").where("id = 3"), "orders")
ended(said.writeStream.format("parquet").option("path", f"{folder}/streamed"), "streamed")

files = spark.readStream.schema(orders).parquet(f"{folder}/orders").selectExpr("cast(amount as string) as value")
ended(kafka(files.writeStream, topic="amounts"), "from_files")
assigned = kafka(spark.readStream, assign='{"amounts": [0, 1, 2, 3]}', startingOffsets="earliest").load()
ended(kafka(assigned.select("key", "value").writeStream, topic="amounts_again"), "from_topic")
ticks = spark.readStream.format("rate-micro-batch").options(rowsPerBatch="3", numPartitions="1").load()
ended(kafka(ticks.selectExpr("cast(value as string) as value").writeStream, topic="ticks"), "from_rate", once=True)

matched = kafka(spark.readStream, subscribePattern="amounts.*", startingOffsets="earliest").load()
ended(matched.select("value").writeStream.format("parquet").option("path", f"{folder}/by_pattern"), "by_pattern")
named = kafka(spark.readStream, subscribe="orders,amounts", startingOffsets="earliest").load()
ended(kafka(named.selectExpr("concat(topic, '_copy') as topic", "value").writeStream), "own_topics")
spark.stop()
