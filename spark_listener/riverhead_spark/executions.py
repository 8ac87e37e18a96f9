"""Which of the tap's records are one user action: executions fold into the one that started them.

`saveAsTable` runs two or three executions inside one another; to the user it is one. This is bookkeeping by ids only:
what the plans mean is for `understand`.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, TypeAlias

from riverhead_emitter.observation import Observation
from riverhead_emitter.run_ids import run_id_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Record: TypeAlias = dict[str, Any]

KIND = "spark.execution"
VERSION = 1
# An action that nests more than this is a loop of its own; the first ones say what it does.
_MOST_NESTED = 100
# Ends that never come (a full queue in the JVM) must not fill the driver's memory.
_MOST_OPEN = 1000


class Actions:
    """Turns records, in their order, into observations of user actions."""

    def __init__(self, application: Mapping[str, Any], kind: str = KIND) -> None:
        """Fold the records of this application, whose facts each observation repeats."""
        self._application, self._kind = dict(application), kind
        self._open: dict[int, tuple[Record, list[Record]]] = {}

    def take(self, record: Record) -> Observation | None:
        """Return what a record completes: the start or the end of an action."""
        if record["id"] != record["root"]:
            self._nested(record)
            return None
        return self._start(record) if record["what"] == "start" else self._end(record)

    def left_open(self, milliseconds: int) -> Iterator[Observation]:
        """Yield the ends of the actions that were under way when the listening ended, at this time."""
        for start, nested in self._open.values():
            record = {**start, "what": "end", "ended": milliseconds, "is_left": True}
            if "plan" in start:
                yield self._observation("end", record, [record, *nested], is_started=True)
        self._open.clear()

    def _start(self, record: Record) -> Observation | None:
        if len(self._open) >= _MOST_OPEN:
            del self._open[next(iter(self._open))]
        self._open[record["id"]] = (record, [])
        return self._observation("start", record, [record]) if "plan" in record else None

    def _nested(self, record: Record) -> None:
        # Nested executions that outlive their root's end, or whose root's start was lost, have no action to belong to.
        _, nested = self._open.get(record["root"], (None, None))
        is_told = record["what"] == "end" and ("plan" in record or "scans" in record)
        if nested is not None and is_told and len(nested) < _MOST_NESTED:
            nested.append(record)

    def _end(self, record: Record) -> Observation | None:
        # The tap tells a plan once. The start is lost where the JVM's queue was full; the end then tells the plan.
        start, nested = self._open.pop(record["id"], ({}, []))
        executions = [{**start, **record}, *nested]
        if not any("plan" in each for each in executions):
            return None
        return self._observation("end", record, executions, is_started="plan" in start)

    def _observation(self, phase: str, root: Record, executions: list[Record], **more: bool) -> Observation:
        started = datetime.fromtimestamp(root["started"] / 1000, timezone.utc)
        run_id = run_id_of(started, f"{self._application['id']}.{root['id']}")
        payload = {"phase": phase, "application": self._application, "executions": executions, **more}
        return Observation(self._kind, VERSION, run_id, payload)
