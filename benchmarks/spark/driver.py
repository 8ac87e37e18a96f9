"""One Spark driver that does jobs on demand and says what each cost: `python driver.py WAY FOLDER JARS`.

WAY is `none`, `ours` or `agent`. It answers one line of JSON to each line that it reads: a job's name, `clocks`,
or `quit`.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs import jobs

if TYPE_CHECKING:
    from collections.abc import Mapping

_AGENT = "io.openlineage.spark.agent.OpenLineageSparkListener"
# An end that has not come by then does not come.
_LONGEST_WAIT_SECONDS = 20.0
_BETWEEN_LOOKS_SECONDS = 0.01
# The queue on which each way is told of events; what else is on the second one, `none` has too.
_QUEUES = ("spark-listener-group-riverhead", "spark-listener-group-shared")
# As Linux cuts the names of the threads in which the JVM compiles what runs often.
_COMPILERS = "CompilerThre"


@dataclass(frozen=True)
class Cost:
    """What one job cost this driver, until its last event was in the file, and what its clocks said before."""

    wall_seconds: float
    tap_seconds: float
    events: int
    bytes: int
    clocks: Mapping[str, float]


class Driver:
    """A session with its lineage switched on in one of the ways, and the file that its events go to."""

    def __init__(self, way: str, folder: Path, jars: Path) -> None:
        """Start Spark, attach what this way attaches, and do a first query."""
        began, cpu = time.perf_counter(), time.process_time()
        self.file = folder / "events.ndjson"
        self.file.touch()
        self.is_telling = way != "none"
        self._tapped: list[float] = []
        self.spark = _session(way, folder, jars, self.file)
        session = time.perf_counter()
        if way == "ours":
            _listen(self.spark, self._tapped)
        attached = time.perf_counter()
        self.spark.range(10).write.mode("overwrite").parquet(f"{folder}/first")
        now, python = time.perf_counter(), time.process_time() - cpu
        self._clocks = _Clocks(self.spark)
        clocks = self.clocks()
        self.started = {
            "attach": attached - session,
            "first": now - session,
            "wall": now - began,
            "python": python,
            "jvm": clocks["jvm_seconds"] + clocks["compilers_seconds"],
        }
        self._await_end(0)
        self._tapped.clear()

    def cost(self, job: Any) -> Cost:
        """Do a job and return what it cost."""
        size, clocks = self.file.stat().st_size, self.clocks()
        began = time.perf_counter()
        job()
        wall = time.perf_counter() - began
        told = self._await_end(size)
        tap = sum(self._tapped)
        self._tapped.clear()
        return Cost(wall, tap, told.count(b"\n"), len(told), clocks)

    def clocks(self) -> Mapping[str, float]:
        """Return the CPU that was used so far, in seconds."""
        return self._clocks.read()

    def _await_end(self, size: int) -> bytes:
        """Wait until the bus is empty and the run's end is in the file, and return what came."""
        self.spark.sparkContext._jsc.sc().listenerBus().waitUntilEmpty()  # noqa: SLF001 - no public way to the bus
        deadline, told = time.monotonic() + _LONGEST_WAIT_SECONDS, b""
        while self.is_telling and b'"COMPLETE"' not in told and time.monotonic() < deadline:
            if self.file.stat().st_size == size + len(told):
                time.sleep(_BETWEEN_LOOKS_SECONDS)
                continue
            with self.file.open("rb") as file:
                file.seek(size)
                told = file.read()
        return told


def _listen(spark: Any, told: list[float]) -> None:
    """Listen, and tell the list how long the tap works on each execution."""
    # Here, because whoever does not listen does not import it.
    import riverhead
    from riverhead_spark.tap.poll import Tap

    poll = Tap.poll

    def watched(self: Tap) -> list[dict[str, Any]] | None:
        records = poll(self)
        told.extend(record.get("nanos", 0) / 1e9 for record in records or ())
        return records

    Tap.poll = watched  # type: ignore[method-assign] # the listening makes its tap itself
    riverhead.listen(spark)


class _Clocks:
    """CPU that this driver has used: its JVM, its Python, and the threads that hand events to listeners."""

    def __init__(self, spark: Any) -> None:
        """Look at this session's JVM, once everything is attached."""
        jvm = spark._jvm  # noqa: SLF001 - PySpark has no public way to its JVM
        self._process = Path(f"/proc/{jvm.java.lang.ProcessHandle.current().pid()}")
        self._threads = jvm.java.lang.management.ManagementFactory.getThreadMXBean()
        found = self._threads.getThreadInfo(self._threads.getAllThreadIds())
        self._queues = [one.getThreadId() for one in found if one and one.getThreadName() in _QUEUES]
        self._ticks = os.sysconf("SC_CLK_TCK")

    def read(self) -> Mapping[str, float]:
        fields = (self._process / "stat").read_text().rsplit(")", 1)[1].split()
        compilers = self._compilers()
        return {
            "python_seconds": time.process_time(),
            "jvm_seconds": (int(fields[11]) + int(fields[12])) / self._ticks - compilers,
            "compilers_seconds": compilers,
            "bus_seconds": sum(self._threads.getThreadCpuTime(id_) for id_ in self._queues) / 1e9,
        }

    def _compilers(self) -> float:
        found = 0.0
        for thread in (self._process / "task").iterdir():
            # A thread may end while it is looked at; these do not.
            with contextlib.suppress(OSError):
                if _COMPILERS in (thread / "comm").read_text():
                    found += int((thread / "schedstat").read_text().split()[0]) / 1e9
        return found


def _session(way: str, folder: Path, jars: Path, file: Path) -> Any:
    from pyspark.sql import SparkSession

    conf = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": "1g",
        # All of it from the beginning: how a heap grows is different in every process, and costs more than lineage.
        "spark.driver.extraJavaOptions": "-Xms1g",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    if way != "none":
        conf |= {"spark.openlineage.transport.type": "file", "spark.openlineage.transport.location": str(file)}
        conf |= {"spark.openlineage.namespace": "bench", "spark.riverhead.spoolDir": str(folder / "spool")}
    if way == "agent":
        jar = str(next(jars.glob("openlineage-spark_*.jar")))
        conf |= {"spark.jars": jar, "spark.driver.extraClassPath": jar, "spark.extraListeners": _AGENT}
    builder = SparkSession.builder.master("local[2]").appName("bench")
    for name, value in conf.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    return spark


def main(way: str, folder: Path, jars: Path) -> None:
    """Answer until told to quit."""
    driver = Driver(way, folder, jars)
    print(json.dumps(driver.started), flush=True)
    known: dict[str, Any] = {}
    for line in sys.stdin:
        asked = line.strip()
        if asked == "quit":
            break
        if asked == "clocks":
            print(json.dumps(driver.clocks()), flush=True)
            continue
        known = known or jobs(driver.spark, str(folder))
        print(json.dumps(asdict(driver.cost(known[asked]))), flush=True)
    driver.spark.stop()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
