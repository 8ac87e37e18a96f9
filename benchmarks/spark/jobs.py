"""What the drivers are asked to do: five jobs of different shape, each a write that Spark plans anew every time."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

COLUMNS, STEPS, BRANCHES = 500, 100, 50
# How often each job is done, as a share of the rounds that are asked for: large plans take seconds.
SHARES = {"small write": 1.0, "aggregate + join": 0.5, "500 columns": 0.4, "100 withColumn": 0.4, "50-way union": 0.4}


def jobs(spark: Any, folder: str) -> dict[str, Callable[[], None]]:
    """Write what the jobs read, and return them by name."""
    from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it

    rows = spark.range(1000).selectExpr("id", "id * 2 as v", "cast(id % 3 as string) k")
    rows.coalesce(1).write.parquet(f"{folder}/rows")
    names = [f"c{n}" for n in range(COLUMNS)]
    spark.range(5).select(*[(F.col("id") + n).alias(name) for n, name in enumerate(names)]).coalesce(1).write.parquet(
        f"{folder}/wide"
    )
    source, wide = spark.read.parquet(f"{folder}/rows"), spark.read.parquet(f"{folder}/wide")
    small = source.select("id", "v")
    joined = source.join(source.groupBy("k").count(), "k")
    all_columns = wide.filter("c0 >= 0").select(*[(F.col(name) + 1).alias(f"o{name}") for name in names])
    united = reduce(
        lambda left, right: left.union(right), [source.selectExpr(f"id + {n} as i") for n in range(BRANCHES)]
    )
    frames = {
        "small write": small,
        "aggregate + join": joined,
        "500 columns": all_columns,
        "100 withColumn": _deep(source, F),
        "50-way union": united,
    }
    return {name: _writing(frame, f"{folder}/out {name}") for name, frame in frames.items()}


def _deep(source: Any, functions: Any) -> Any:
    frame = source
    for n in range(STEPS):
        last = "v" if n == 0 else f"x{n - 1}"
        frame = frame.withColumn(f"x{n}", functions.col(last) + functions.col("id"))
    return frame


def _writing(frame: Any, path: str) -> Callable[[], None]:
    return lambda: frame.coalesce(1).write.mode("overwrite").parquet(path)
