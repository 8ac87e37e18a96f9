"""A job on Delta and Iceberg, in batches and in streams: `python lakes.py FOLDER`."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

import riverhead_spark

folder = sys.argv[1]
spark = SparkSession.builder.appName("Lakes").getOrCreate()
riverhead_spark.listen(spark)

spark.createDataFrame([(1, 10.0), (2, 20.0), (3, 30.0)], "id int, amount double").write.parquet(f"{folder}/orders")
spark.read.parquet(f"{folder}/orders").createOrReplaceTempView("orders")
create = "create table {} using {} as select * from orders where id < 3"
merge = (
    "merge into {} t using (select id, amount * 2 twice from orders where id > 1) s on t.id = s.id "
    "when matched then update set amount = s.twice when not matched then insert (id, amount) values (s.id, s.twice)"
)
for table, lake in (("ledger", "delta"), ("ice.shop.ledger", "iceberg")):
    spark.sql(create.format(table, lake))
    spark.sql(merge.format(table))

spark.read.format("delta").option("versionAsOf", 0).load(f"{folder}/warehouse/ledger").write.parquet(f"{folder}/first")
spark.sql("select amount from ledger version as of 0").write.parquet(f"{folder}/first_by_sql")
spark.table("ice.shop.ledger").select("amount").write.parquet(f"{folder}/latest")
first = spark.sql("select snapshot_id from ice.shop.ledger.snapshots order by committed_at").first()[0]
reader = spark.read.format("iceberg").option("snapshot-id", first)
reader.load("ice.shop.ledger").select("amount").write.parquet(f"{folder}/ice_first")
reader.table("ice.shop.ledger").select("amount").write.parquet(f"{folder}/ice_first_by_name")
# A copy of the table whose first snapshot has the largest number that there is.
ledger, largest = Path(folder, "ice/shop/ledger"), 2**63 - 1
shutil.copytree(ledger, ledger.with_name("numbered"), ignore=shutil.ignore_patterns("*.crc"))
known = ledger.with_name("numbered") / "metadata/v2.metadata.json"
known.write_text(re.sub(rf"(?<=:){first}\b", str(largest), known.read_text()).replace("/ledger", "/numbered"))
numbered = spark.read.option("snapshot-id", largest).table("ice.shop.numbered")
numbered.select("amount").write.parquet(f"{folder}/ice_largest")
spark.sql("restore table ledger to version as of 0")
spark.sql("optimize ledger")


def ended(frame: Any, name: str) -> Any:
    """Return the writer of a stream that ends when it has taken all that there is."""
    writer = frame.writeStream.queryName(name).option("checkpointLocation", f"{folder}/checkpoints/{name}")
    return writer.trigger(availableNow=True)


def upsert(batch: Any, _number: int) -> None:
    """Bring a batch into the ledger."""
    batch.createOrReplaceTempView("changes")
    batch.sparkSession.sql(
        "merge into ledger t using changes s on t.id = s.id "
        "when matched then update set amount = s.twice when not matched then insert (id, amount) values (s.id, s.twice)"
    )


for table, lake, doubled in (("entries", "delta", "doubled"), ("ice.shop.entries", "iceberg", "ice.shop.doubled")):
    spark.sql(create.format(table, lake))
    spark.sql(f"create table {doubled} (id int, twice double) using {lake}")
    twice = spark.readStream.table(table).selectExpr("id", "amount * 2 as twice")
    ended(twice, f"{lake}_stream").format(lake).toTable(doubled).awaitTermination()
    spark.table("orders").where("id = 3").writeTo(table).append()
    ended(twice, f"{lake}_stream").format(lake).toTable(doubled).awaitTermination()
by_path = spark.readStream.format("delta").load(f"{folder}/warehouse/entries").selectExpr("id", "amount * 2 as twice")
ended(by_path, "into_path").format("delta").start(f"{folder}/by_path").awaitTermination()
ended(by_path, "upserts").foreachBatch(upsert).start().awaitTermination()
spark.stop()
