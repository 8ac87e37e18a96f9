"""What Spark reads and writes with and does not carry: table formats, drivers, connectors; and the official agent.

Everything is named outright, so that no dependency of a connector ever takes the place of one of Spark's own jars.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import maven

if TYPE_CHECKING:
    from pathlib import Path

_DRIVERS = ("com.h2database:h2:2.2.224", "org.postgresql:postgresql:42.7.8")
_AGENT = "io.openlineage:openlineage-spark_{}:1.53.0"
# A Spark that the tap is only compiled for; what Spark itself needs, another Spark lends.
_TO_COMPILE = tuple(
    f"org.apache.spark:spark-{part}_2.13:{{}}"
    for part in (
        "catalyst", "common-utils", "common-utils-java", "core", "kvstore", "network-common", "network-shuffle",
        "sql", "sql-api", "unsafe", "variant",
    )
)  # fmt: skip
# Kafka's connector follows Spark's releases late: the nearest one that there is.
ARTIFACTS = {
    "3.5": (
        "io.delta:delta-spark_2.12:3.3.2",
        "io.delta:delta-storage:3.3.2",
        "org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.10.0",
        "org.apache.spark:spark-sql-kafka-0-10_2.12:3.5.7",
        "org.apache.spark:spark-token-provider-kafka-0-10_2.12:3.5.7",
        "org.apache.kafka:kafka-clients:3.4.1",
        "org.apache.commons:commons-pool2:2.11.1",
        *_DRIVERS,
        _AGENT.format("2.12"),
    ),
    "4.0": (
        "io.delta:delta-spark_2.13:4.0.0",
        "io.delta:delta-storage:4.0.0",
        "org.apache.iceberg:iceberg-spark-runtime-4.0_2.13:1.10.0",
        "org.apache.spark:spark-sql-kafka-0-10_2.13:4.0.0",
        "org.apache.spark:spark-token-provider-kafka-0-10_2.13:4.0.0",
        "org.apache.kafka:kafka-clients:3.9.1",
        "org.apache.commons:commons-pool2:2.12.0",
        *_DRIVERS,
        _AGENT.format("2.13"),
    ),
    "4.1": tuple(part.format("4.1.2") for part in _TO_COMPILE),
    "4.2": tuple(part.format("4.2.0") for part in _TO_COMPILE),
    # Delta's newest release is made for Spark 4.2, Iceberg's for 4.1.
    "4.3": (
        "org.apache.spark:spark-sql-kafka-0-10_2.13:4.2.0",
        "org.apache.spark:spark-token-provider-kafka-0-10_2.13:4.0.0",
        "org.apache.kafka:kafka-clients:3.9.2",
        "org.apache.commons:commons-pool2:2.13.1",
        *_DRIVERS,
        _AGENT.format("2.13"),
    ),
}


def is_made(folder: Path, spark: str) -> bool:
    """True if this Spark's jars are there."""
    return maven.is_brought(folder, ARTIFACTS[spark])


def make(folder: Path, spark: str, java_home: Path | None) -> str:
    """Bring this Spark's jars into `folder`; say what prevents that, and nothing if all went well."""
    return maven.bring(folder, ARTIFACTS[spark], java_home, is_transitive=False)
