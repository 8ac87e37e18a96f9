"""A job over tables of PostgreSQL: `python postgresql_tables.py FOLDER PORT`; the password is in the environment."""

from __future__ import annotations

import os
import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

import riverhead_spark

folder, port = sys.argv[1:3]
password = os.environ["SHOP_PASSWORD"]
url = f"jdbc:postgresql://127.0.0.1:{port}/postgres"
shop = {"url": url, "user": "owner", "password": password, "driver": "org.postgresql.Driver"}
shop_by_url = {"url": f"{url}?user=owner&password={password}&ApplicationName=job", "driver": shop["driver"]}
catalog = "org.apache.spark.sql.execution.datasources.v2.jdbc.JDBCTableCatalog"
builder = SparkSession.builder.appName("Tables").config("spark.sql.catalog.shop", catalog)
for name, value in {**shop, "pushDownAggregate": "true"}.items():
    builder = builder.config(f"spark.sql.catalog.shop.{name}", value)
spark = builder.getOrCreate()
riverhead_spark.listen(spark)

rows = spark.createDataFrame([(1, 7, 10.0), (2, 7, 20.0), (3, 8, 30.0)], "id int, customer int, amount double")
rows.repartition(1).write.parquet(f"{folder}/orders")
orders = spark.read.parquet(f"{folder}/orders")
orders.write.format("jdbc").options(**shop, dbtable="orders").save()
orders.where("id > 2").write.format("jdbc").options(**shop_by_url, dbtable="sales.orders").mode("append").save()
orders.write.format("jdbc").options(**shop, dbtable="orders", truncate="true").mode("overwrite").save()
orders.select("id").write.jdbc(url, "ids", mode="overwrite", properties=shop)

read = spark.read.format("jdbc")
read.options(**shop_by_url, dbtable="orders").load().select("id", "amount").write.parquet(f"{folder}/table")
joined = (
    "select o.id, upper(c.name) as buyer from orders o join sales.customers c on c.id = o.customer where o.amount > 15"
)
spark.read.format("jdbc").options(**shop, query=joined).load().write.parquet(f"{folder}/query")
parts = {"column": "id", "lowerBound": 1, "upperBound": 3, "numPartitions": 2}
spark.read.jdbc(url, "orders", properties=shop, **parts).select("amount").write.parquet(f"{folder}/parts")
pushed = spark.read.format("jdbc").options(**shop, dbtable="orders", pushDownPredicate="true").load()
pushed.where("id > 1").groupBy("customer").agg(f.sum("amount").alias("total")).write.parquet(f"{folder}/pushed")

totals = "select customer, sum(amount) as total from shop.public.orders where id > 1 group by customer"
spark.sql(totals).write.parquet(f"{folder}/pushed_by_catalog")
spark.sql("insert into shop.sales.orders select id, customer, amount from shop.public.orders where id < 3")
spark.sql("create table shop.sales.ids as select id from shop.public.orders")
options = ", ".join(f"{name} '{value}'" for name, value in shop.items())
spark.sql(f"create table named using jdbc options ({options}, dbtable 'orders')")
spark.sql("select max(amount) as most from named").write.parquet(f"{folder}/by_name")
spark.sql("drop table named")
try:
    spark.read.format("jdbc").options(**shop, query="select id / (id - 1) as x from orders").load().collect()
except Exception as error:  # noqa: BLE001 - which exception it is differs between the versions of Spark
    sys.stdout.write(f"failed as it should: {type(error).__name__}\n")
spark.stop()
