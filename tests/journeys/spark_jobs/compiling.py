"""Compile the tap for the Spark of these jars, with nothing running: `python compiling.py JARS` says its version.

What Spark itself needs comes from this environment's PySpark; of its Spark's own classes there are none.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pyspark
from py4j.java_gateway import JavaGateway

from riverhead_spark.tap.compile import loaded
from riverhead_spark.tap.jvm import Jvm

jars = [*Path(sys.argv[1]).glob("*.jar")]
lent = [jar for jar in (Path(pyspark.__file__).parent / "jars").glob("*.jar") if not jar.name.startswith("spark-")]
gateway = JavaGateway.launch_gateway(
    classpath=":".join(map(str, (*jars, *lent))),
    jarpath=str(next(jar for jar in lent if jar.name.startswith("py4j"))),
    die_on_exit=True,
)
# Any object whose class has the loader of all of them.
context = SimpleNamespace(_gateway=gateway, _jsc=SimpleNamespace(sc=gateway.jvm.org.codehaus.janino.Compiler))
version = gateway.jvm.org.apache.spark.SparkBuildInfo.spark_version()
found = loaded(Jvm(context), version, None)
sys.stdout.write(f"{version} {found.tap.getName()}\n")
gateway.shutdown()
