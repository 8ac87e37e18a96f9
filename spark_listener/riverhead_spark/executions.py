"""Which of the tap's records are one user action: executions fold into the one that started them.

`saveAsTable` runs two or three executions inside one another; to the user it is one. This is bookkeeping by ids only:
what the plans mean is for `understand`.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, TypeAlias

from riverhead_emitter.observation import Observation, Will
from riverhead_emitter.run_ids import run_id_of
from riverhead_spark.deaths import DIED, WITHOUT_A_WORD, died_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Record: TypeAlias = dict[str, Any]

KIND = "spark.execution"
VERSION = 1
# What is said of an action whose driver is killed.
_SILENT_DEATH = Will({"phase": "end", "is_started": True}, (DIED,))
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
        self._forgotten: list[tuple[Record, list[Record]]] = []

    def take(self, record: Record) -> Observation | None:
        """Return what a record completes: the start or the end of an action."""
        if record["id"] != record["root"]:
            self._nested(record)
            return None
        return self._start(record) if record["what"] == "start" else self._end(record)

    def left_open(self, milliseconds: int) -> Iterator[Observation]:
        """Yield the ends of the actions that were under way when the listening ended, at this time."""
        self._forgotten += self._open.values()
        self._open.clear()
        yield from self.forgotten(milliseconds)

    def forgotten(self, milliseconds: int) -> Iterator[Observation]:
        """Yield the ends, at this time, of the actions that nobody waits for any more: of too many, the oldest."""
        forgotten, self._forgotten = self._forgotten, []
        for start, nested in forgotten:
            record = {**start, "what": "end", "ended": milliseconds, "is_left": True}
            if "plan" in start:
                yield self._observation("end", record, [record, *nested], is_started=True)

    def _start(self, record: Record) -> Observation | None:
        if len(self._open) >= _MOST_OPEN:
            self._forgotten.append(self._open.pop(next(iter(self._open))))
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
        if phase == "start":
            return Observation(self._kind, VERSION, run_id, payload, _SILENT_DEATH)
        return Observation(self._kind, VERSION, run_id, payload, is_last=True)


def with_end(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the payload of an action as it was left, where its driver died and others say so."""
    died = died_at(payload)
    if died is None:
        return payload
    root, *nested = payload["executions"]
    left = {**root, "what": "end", "ended": died, "is_left": True, "left": WITHOUT_A_WORD}
    return {**payload, "executions": [left, *nested]}
