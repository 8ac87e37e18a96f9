"""A job whose columns come out of Python functions of every kind: `python functions.py FOLDER`."""

from __future__ import annotations

import sys
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

import riverhead_spark

folder = sys.argv[1]
builder = SparkSession.builder.master("local[1]").appName("Functions").config("spark.ui.enabled", "false")
spark = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.memory", "1g").getOrCreate()


def twice(amount: float) -> float:
    return amount * 2


# Made before anybody listens.
doubled = f.udf(twice, "double")
riverhead_spark.listen(spark)
spark.range(3).selectExpr("id", "id * 1.5D amount").write.parquet(f"{folder}/numbers")
numbers = spark.read.parquet(f"{folder}/numbers")

first = f.udf(lambda amount: amount + 1, "double")
second = f.udf(lambda amount: amount + 2, "double")
numbers.select(doubled("amount").alias("x"), second("amount").alias("y")).write.parquet(f"{folder}/scalar")


def grouped(batch: Any) -> Any:
    return batch.assign(amount=batch.amount.sum())


numbers.groupBy("id").applyInPandas(grouped, "id long, amount double").write.parquet(f"{folder}/grouped")


@f.udtf(returnType="part double")
class Parts:
    def eval(self, amount: float) -> Any:
        yield (amount / 2,)
        yield (amount / 2,)


spark.udtf.register("parts", Parts)
numbers.createOrReplaceTempView("numbers")
spark.sql("select id, part from numbers, lateral parts(amount)").write.parquet(f"{folder}/parts")
spark.udf.register("by_name", doubled)


def save(name: str) -> None:
    spark.sql("select by_name(amount) x from numbers").write.parquet(f"{folder}/{name}")


save("named")
