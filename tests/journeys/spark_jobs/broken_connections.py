"""A job whose connections to its JVM break, as a forked child may do to its parent: `broken_connections.py FOLDER`."""

from __future__ import annotations

import contextlib
import gc
import socket
import sys

from py4j.clientserver import ClientServerConnection
from pyspark.sql import SparkSession

folder = sys.argv[1]
builder = SparkSession.builder.master("local[1]").appName("broken").config("spark.ui.enabled", "false")
spark = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.memory", "1g").getOrCreate()

for number in range(3):
    for each in gc.get_objects():
        if isinstance(each, ClientServerConnection) and each.socket is not None:
            with contextlib.suppress(OSError):
                each.socket.shutdown(socket.SHUT_RDWR)
    spark.range(3).write.parquet(f"{folder}/numbers_{number}")
spark.stop()
