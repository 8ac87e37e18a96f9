"""One Spark driver that does jobs on demand and says what each cost: `python driver.py WAY FOLDER JARS`.

WAY is `none`, `ours` or `agent`. It answers one line of JSON to each line that it reads: a job's name behind `on` or
`off`, which is whether its listener is on the bus meanwhile, `clocks`, or `quit`.
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
# The queue on which each way is told of events; on the second one Spark has listeners of its own, too.
_QUEUES = {"ours": "riverhead", "agent": "shared"}
_THREADS = {f"spark-listener-group-{queue}" for queue in _QUEUES.values()}
# As Linux cuts the names of the threads in which the JVM compiles what runs often.
_COMPILERS = "CompilerThre"


@dataclass(frozen=True)
class Cost:
    """What one job cost this driver, until its last event was in the file, and what its clocks said before."""

    wall_seconds: float
    tap_seconds: float
    bus_seconds: float
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
        self._tapped: list[float] = []
        self.spark = _session(way, folder, jars, self.file)
        session = time.perf_counter()
        listener = _listen(self.spark, self._tapped) if way == "ours" else None
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
        if way == "agent":
            listener = _agent(self.spark)
        self._bus = _Bus(self.spark, listener, _QUEUES.get(way))
        self._await_end(0)
        self._tapped.clear()

    def cost(self, job: Any, *, is_listening: bool) -> Cost:
        """Do a job, with the listener on the bus or not, and return what it cost."""
        size, clocks = self.file.stat().st_size, self.clocks()
        self._bus.put(is_listening=is_listening)
        bus = self._clocks.bus()
        began = time.perf_counter()
        job()
        wall = time.perf_counter() - began
        told = self._await_end(size)
        tap = sum(self._tapped)
        self._tapped.clear()
        return Cost(wall, tap, self._clocks.bus() - bus, told.count(b"\n"), len(told), clocks)

    def clocks(self) -> Mapping[str, float]:
        """Return the CPU that was used so far, in seconds."""
        return self._clocks.read()

    def _await_end(self, size: int) -> bytes:
        """Wait until the bus is empty and the run's end is in the file, and return what came."""
        self._bus.wait()
        deadline, told = time.monotonic() + _LONGEST_WAIT_SECONDS, b""
        while self._bus.is_listening and b'"COMPLETE"' not in told and time.monotonic() < deadline:
            if self.file.stat().st_size == size + len(told):
                time.sleep(_BETWEEN_LOOKS_SECONDS)
                continue
            with self.file.open("rb") as file:
                file.seek(size)
                told = file.read()
        return told


class _Bus:
    """Takes a way's listener off Spark's bus and puts it back: what it costs is then seen within one JVM."""

    def __init__(self, spark: Any, listener: Any, queue: str | None) -> None:
        self._context = spark.sparkContext._jsc.sc()  # noqa: SLF001 - PySpark has no public way to the bus
        self._listener, self._queue = listener, queue
        self.is_listening = listener is not None

    def put(self, *, is_listening: bool) -> None:
        if self._listener is None or is_listening == self.is_listening:
            return
        if is_listening:
            self._context.listenerBus().addToQueue(self._listener, self._queue)
        else:
            self._context.removeSparkListener(self._listener)
        self.is_listening = is_listening

    def wait(self) -> None:
        self._context.listenerBus().waitUntilEmpty()


def _agent(spark: Any) -> Any:
    jvm, context = spark._jvm, spark.sparkContext._jsc.sc()  # noqa: SLF001 - PySpark has no public way to its JVM
    tag = getattr(jvm.scala.reflect, "ClassTag$")
    kind = jvm.java.lang.Class.forName(_AGENT)
    return context.listenerBus().findListenersByClass(getattr(tag, "MODULE$").apply(kind)).head()


def _listen(spark: Any, told: list[float]) -> Any:
    """Listen, tell the list how long the tap works on each execution, and return the listener."""
    # Here, because whoever does not listen does not import it.
    import riverhead
    from riverhead_spark.tap.poll import Tap

    poll = Tap.poll

    def watched(self: Tap) -> list[dict[str, Any]] | None:
        records = poll(self)
        told.extend(record.get("nanos", 0) / 1e9 for record in records or ())
        return records

    Tap.poll = watched  # type: ignore[method-assign] # the listening makes its tap itself
    return riverhead.listen(spark)._tap._tap  # noqa: SLF001 - nobody else takes a tap off the bus and puts it back


class _Clocks:
    """CPU that this driver has used: its JVM, its Python, and the threads that hand events to listeners."""

    def __init__(self, spark: Any) -> None:
        """Look at this session's JVM."""
        jvm = spark._jvm  # noqa: SLF001 - PySpark has no public way to its JVM
        self._process = Path(f"/proc/{jvm.java.lang.ProcessHandle.current().pid()}")
        self._threads = jvm.java.lang.management.ManagementFactory.getThreadMXBean()
        self._arrays, self._names = jvm.java.util.Arrays, dict[int, str]()
        self._ticks = os.sysconf("SC_CLK_TCK")

    def read(self) -> Mapping[str, float]:
        fields = (self._process / "stat").read_text().rsplit(")", 1)[1].split()
        compilers = self._compilers()
        return {
            "python_seconds": time.process_time(),
            "jvm_seconds": (int(fields[11]) + int(fields[12])) / self._ticks - compilers,
            "compilers_seconds": compilers,
        }

    def bus(self) -> float:
        """Return the seconds of the threads of the queues, which are made anew when somebody is put on one."""
        # As one text, because each call of the JVM costs this process, too.
        threads = json.loads(self._arrays.toString(self._threads.getAllThreadIds()))
        for thread in set(threads) - self._names.keys():
            found = self._threads.getThreadInfo(thread)
            self._names[thread] = found.getThreadName() if found else ""
        queues = [thread for thread in threads if self._names[thread] in _THREADS]
        return sum(max(0, self._threads.getThreadCpuTime(thread)) for thread in queues) / 1e9

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
        switch, _, job = asked.partition(" ")
        print(json.dumps(asdict(driver.cost(known[job], is_listening=switch == "on"))), flush=True)
    driver.spark.stop()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
