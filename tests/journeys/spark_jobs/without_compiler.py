"""The recorded queries through the tap and through what stands in for it, then a listening without a compiler.

`python without_compiler.py FOLDER`; the observations of both go to FOLDER/observations.json.
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from riverhead_emitter.guard import FailureLog
from riverhead_spark import listen, stop
from riverhead_spark.executions import Actions
from riverhead_spark.tap import compile as compiling
from riverhead_spark.tap.fallback import Fallback
from riverhead_spark.tap.poll import Tap

sys.path.insert(0, str(Path(__file__).parents[2] / "plans"))
record: Any = importlib.import_module("record")
target = Path(sys.argv[1])
folder = Path(tempfile.mkdtemp(prefix="riverhead-fallback-", dir=target))
spark = record._session(folder, {})
record._prepare(spark, folder)


def seen_by(fallback: Fallback) -> list[Any]:
    """Return the observations of what has happened so far."""
    actions = Actions({"id": "local-1", "name": "Plans", "spark_version": spark.version, "namespace": "tests"})
    found = []
    while fallback._events.size():
        for each in fallback.poll() or []:
            observation = actions.take(each)
            if observation is not None:
                found.append(observation.payload)
    return found


tap, fallback = Tap(spark.sparkContext), Fallback(spark.sparkContext, FailureLog(is_strict=True))
observations = {}
# What stands in for the tap knows nothing of streams, of RDDs and of what was checkpointed.
for name in sorted(record.QUERIES.keys() - record.stream_queries.QUERIES.keys()):
    query = record.QUERIES[name]
    by_tap = [observation.payload for observation in record._observed(spark, tap, query, folder)]
    observations[name] = {"tap": by_tap, "fallback": seen_by(fallback)}
tap.leave(5)
fallback.leave(5)
(target / "observations.json").write_text(json.dumps(observations), encoding="utf-8")

compiling._loaded.clear()
compiling._JANINO = "org.nowhere"
listen(spark)
spark.range(3).write.parquet(f"{target}/numbers")
stop(spark)
spark.stop()
