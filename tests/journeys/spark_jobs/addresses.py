"""Print what the tap keeps of each address on standard input: `python addresses.py`, by a Spark's own Python."""

# ruff: noqa: T201 - what it prints is what the test reads

from __future__ import annotations

import sys

from pyspark.sql import SparkSession

from riverhead_spark.tap.compile import loaded
from riverhead_spark.tap.jvm import Jvm

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
gateway = spark.sparkContext._gateway
addresses = (
    loaded(Jvm(spark.sparkContext), spark.version, None).tap.getClassLoader().loadClass("riverhead.tap.Addresses")
)
text = gateway.jvm.java.lang.Class.forName("java.lang.String")
for line in sys.stdin:
    address = line.rstrip("\n")
    kinds = gateway.new_array(gateway.jvm.java.lang.Class, 1)
    kinds[0] = text
    arguments = gateway.new_array(gateway.jvm.java.lang.Object, 1)
    arguments[0] = address
    method = addresses.getMethod("database" if address.startswith("jdbc:") else "place", kinds)
    print("kept", method.invoke(None, arguments))
spark.stop()
