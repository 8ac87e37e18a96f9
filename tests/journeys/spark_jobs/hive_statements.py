"""Statements of Hive over its embedded metastore: `python hive_statements.py FOLDER`."""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession

import riverhead_spark

folder = sys.argv[1]
spark = SparkSession.builder.appName("Hive").enableHiveSupport().getOrCreate()
riverhead_spark.listen(spark)
rows = spark.createDataFrame([(1, "new", 10.0), (2, "old", 20.0)], "id int, status string, amount double")
rows.repartition(1).write.parquet(f"{folder}/orders")
spark.read.parquet(f"{folder}/orders").createOrReplaceTempView("orders")
for statement in (
    "create table few (id int) stored as orc",
    "create table many (id int, amount double)",
    "create table by_status (id int) partitioned by (status string) stored as parquet",
    "from orders insert into few select id where amount > 15 insert overwrite table many select id, amount",
    "insert overwrite table by_status partition (status) select id, status from orders",
    "create table made stored as orc as select id, amount * 2 as twice from many",
    "create view big as select id, twice from made where twice > 20",
    "insert into few select id from big",
    "insert overwrite directory '{folder}/out' row format delimited fields terminated by ',' select id from by_status",
    "insert overwrite local directory '{folder}/local_out' stored as orc select twice from big",
    "drop view big",
):
    spark.sql(statement.format(folder=folder))
spark.table("by_status").where("status = 'new'").select("id").write.parquet(f"{folder}/new")
spark.stop()
