"""Listening where Spark's compiler cannot be used: its events in a queue of the JVM's, plans asked for over py4j.

The JDK makes the listener, which puts events into a bounded queue and nothing else: the JVM never waits for Python, and
no callback server is opened. The thread that polls asks for plans, within bounds, and writes the tap's own records.
What was read, written and used is not counted here.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from riverhead_emitter.guard import guard
from riverhead_spark.tap.jvm import Jvm, jvm_error
from riverhead_spark.tap.walk import Walk
from riverhead_spark.tap.walk_kinds import short_name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riverhead_emitter.guard import FailureLog

_WAIT_SECONDS, _LOOK_SECONDS = 1.0, 0.2
# Each holds on to its query's plans.
_MOST_EVENTS = 300
_MOST_OPEN = 1000
_EXECUTION = "org.apache.spark.sql.execution.SQLExecution"
_COMMAND = "org.apache.spark.sql.catalyst.plans.logical.Command"
_SET = "SetCommand"
_LONGEST_TEXT, _LONGEST_SQL, _LONGEST_STACK = 500, 65536, 12000


class Fallback:
    """What `Tap` is, for a JVM that compiles nothing."""

    def __init__(self, context: Any, failures: FailureLog) -> None:
        """Put a listener of the JDK's own making on the bus."""
        self._jvm, self._failures = Jvm(context), failures
        self._walk = Walk(self._jvm)
        self._events = self._jvm.class_named("java.util.concurrent.LinkedBlockingQueue")(_MOST_EVENTS)
        self._bus = self._jvm.spark_context.listenerBus()
        self._listener = self._made()
        self._bus.addToQueue(self._listener, "riverhead")
        self._left = threading.Event()
        self._losses = _Losses()
        self._open: dict[int, dict[str, Any]] = {}

    def poll(self) -> list[dict[str, Any]] | None:
        """Wait a moment for an event and return its records, or None when there will be no more."""
        # Before the queue is looked at: what comes while a look is waited for, and the leaving after it, is taken next.
        has_left = self._left.is_set()
        event = self._awaited()
        if event is not None:
            # A plan that cannot be asked for costs its own record, and none that comes after it.
            with guard("asking for a plan", self._failures):
                return list(self._records(event))
            return []
        return None if has_left or self._jvm.spark_context.isStopped() else []

    def leave(self, seconds: float) -> None:
        """Take what has already happened, waiting so long at most, then leave the bus; `poll` sees the end."""
        try:
            self._bus.waitUntilEmpty(int(seconds * 1000))
        except jvm_error():
            pass  # what has not come by now is not waited for
        self._jvm.spark_context.removeSparkListener(self._listener)
        self._left.set()

    def _awaited(self) -> Any:
        until = time.monotonic() + _WAIT_SECONDS
        while (event := self._events.peek()) is None:
            if self._left.wait(_LOOK_SECONDS) or time.monotonic() >= until:
                return None
        # Only now that it has come: py4j asks once more when a connection breaks beneath it, and would get the next.
        self._events.remove(event)
        return event

    def _made(self) -> Any:
        loader = self._jvm.spark_context.getClass().getClassLoader()
        interface = loader.loadClass("org.apache.spark.scheduler.SparkListenerInterface")
        handler = self._jvm.class_named("java.beans.EventHandler")
        # The empty name stands for the event itself.
        return handler.create(interface, self._events, "offer", "", "onOtherEvent")

    def _records(self, event: Any) -> Iterator[dict[str, Any]]:
        began = time.monotonic_ns()
        kind = str(event.getClass().getSimpleName())
        if kind == "SparkListenerSQLExecutionStart":
            record = self._started(event)
        elif kind == "SparkListenerSQLExecutionEnd":
            record = self._ended(event)
        else:
            return
        if record is not None:
            yield {**record, "nanos": time.monotonic_ns() - began}

    def _started(self, event: Any) -> dict[str, Any] | None:
        id_ = int(event.executionId())
        self._losses.started(id_)
        # Reading a header or a schema is Spark's own business: no run of anybody's.
        if "DataFrameReader." in str(event.details()).partition("\n")[0]:
            return None
        root = event.rootExecutionId()
        record = {
            "what": "start",
            "id": id_,
            "root": int(root.get()) if root.isDefined() else id_,
            "started": int(event.time()),
            "node": str(event.sparkPlanInfo().nodeName())[:_LONGEST_TEXT],
            "description": str(event.description())[:_LONGEST_TEXT],
        }
        if record["root"] == id_:
            query = self._jvm.class_named(_EXECUTION).getQueryExecution(id_)
            record.update({} if query is None else self._described(query))
        if len(self._open) >= _MOST_OPEN:
            del self._open[next(iter(self._open))]
        self._open[id_] = record
        return record if record["root"] == id_ else None

    def _ended(self, event: Any) -> dict[str, Any] | None:
        start = self._open.pop(int(event.executionId()), None)
        if start is None:
            return None
        record = {**start, "what": "end", "ended": int(event.time())}
        # A plan is told once.
        is_told = record.pop("plan", None) is not None
        query = event.qe()
        if not is_told and query is not None:
            is_root = record["root"] == record["id"]
            record.update(self._described(query) if is_root or self._is_command(query) else {})
        name, failure = event.executionName(), event.executionFailure()
        if name.isDefined():
            record["action"] = str(name.get())
        if failure.isDefined():
            record["error"] = self._error(failure.get())
        if self._losses.count:
            record["dropped"] = self._losses.count
        return record

    def _described(self, query: Any) -> dict[str, Any]:
        plan = _plan(query)
        text = query.logical().origin().sqlText()
        return {
            "is_command": self._is_command(query),
            "plan": self._walk.dump(query, plan),
            # A SET is no run, and its text may hold a secret that is named like any setting.
            **({"sql": str(text.get())[:_LONGEST_SQL]} if text.isDefined() and short_name_of(plan) != _SET else {}),
        }

    def _is_command(self, query: Any) -> bool:
        return self._jvm.is_a(_plan(query), _COMMAND)

    def _error(self, failure: Any) -> dict[str, Any]:
        stack = self._jvm.class_named("org.apache.spark.util.Utils").exceptionString(failure)
        message = failure.getMessage()
        return {
            "class": str(failure.getClass().getName()),
            "message": None if message is None else str(message)[:4000],
            "stack": str(stack)[:_LONGEST_STACK],
        }


class _Losses:
    """Executions are numbered one after the other, so what a full queue let go of is missing from the row."""

    def __init__(self) -> None:
        self._first: int | None = None
        self._last = 0
        self._seen = 0

    def started(self, id_: int) -> None:
        """See an execution start."""
        self._first = id_ if self._first is None else min(self._first, id_)
        self._last = max(self._last, id_)
        self._seen += 1

    @property
    def count(self) -> int:
        """How many starts have not been seen."""
        return 0 if self._first is None else self._last - self._first + 1 - self._seen


def _plan(query: Any) -> Any:
    # Spark 4.3 rethrows the analyser's error here; what the user wrote is then the best that is known.
    try:
        return query.analyzed()
    except jvm_error():
        return query.logical()
