"""Which line of the user's code runs a query: the one from which Python is waiting for the JVM when the query starts.

Spark knows it of `collect` and its like only. What every query has in common is a call over py4j, so the calls of this
process that take a while are remembered, and a query is looked up by the time of its start.
"""

from __future__ import annotations

import sys
from collections import deque
from threading import get_ident
from time import time
from typing import TYPE_CHECKING, Any, NamedTuple

from riverhead_emitter.guard import guard
from riverhead_spark.code.frames import place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from riverhead_emitter.guard import FailureLog
    from riverhead_spark.code.frames import Engine, Place

# A call that starts a query plans it first, which takes longer than this.
_WORTH_SECONDS = 0.002
_MOST_WAITS = 200
# Who waits for streams waits while they run queries of their own, at a line that has nothing to do with them.
_WAITING = ("await", "processAllAvailable")


class Wait(NamedTuple):
    """One thread's wait for the answer of a method in the JVM, from when to when, in seconds."""

    thread: int
    method: str
    began: float
    ended: float
    place: Place


class Waits:
    """What a gateway is asked by its process: called in place of its `send_command`."""

    def __init__(self, send: Callable[..., Any], engine: Engine, failures: FailureLog) -> None:
        """Watch this `send_command`, and look for places outside of this engine."""
        self.__wrapped__ = send
        self._engine, self._failures = engine, failures
        # By thread, with the frame that asks: asked for all threads' frames, an interpreter may stop for good
        # (gh-106883, in CPython 3.11 up to 3.11.8).
        self._open: dict[int, tuple[float, object, FrameType]] = {}
        self._past: deque[Wait] = deque(maxlen=_MOST_WAITS)

    def __call__(self, command: object, *given: Any, **named: Any) -> Any:
        """Send a command, and take its time; what it answers or raises is py4j's."""
        thread, began, frame = get_ident(), time(), sys._getframe(1)  # noqa: SLF001 - what `inspect` calls, without its cost
        around = self._open.get(thread)
        self._open[thread] = (began, command, frame)
        try:
            return self.__wrapped__(command, *given, **named)
        finally:
            if around is None:
                self._open.pop(thread, None)
            else:
                self._open[thread] = around  # the JVM called back, and this call was within another
            if time() - began > _WORTH_SECONDS:
                self._keep(thread, began, command, frame)

    def at(self, milliseconds: int, method: str = "") -> Place | None:
        """Return where the call was made that was under way at this time; None where several could be meant.

        Of the calls of several threads, those to `method` go before the others.
        """
        moment = milliseconds / 1000
        # Of calls within one another the innermost; the JVM's clock has no parts of a millisecond.
        latest: dict[int, Wait] = {}
        for wait in (*list(self._past), *self._under_way()):
            is_meant = wait.began - 0.001 <= moment <= wait.ended
            if is_meant and (wait.thread not in latest or latest[wait.thread].began < wait.began):
                latest[wait.thread] = wait
        places = {wait.place for wait in latest.values()}
        if len(places) > 1:
            places = {wait.place for wait in latest.values() if wait.method == method}
        return places.pop() if len(places) == 1 else None

    def _keep(self, thread: int, began: float, command: object, frame: FrameType) -> None:
        with guard("remembering a call", self._failures):
            place = place_of(frame, self._engine)
            method = _method_of(command)
            if place is not None and not method.startswith(_WAITING):
                self._past.append(Wait(thread, method, began, time(), place))

    def _under_way(self) -> Iterator[Wait]:
        for thread, (began, command, frame) in list(self._open.items()):
            place, method = place_of(frame, self._engine), _method_of(command)
            if place is not None and not method.startswith(_WAITING):
                yield Wait(thread, method, began, time(), place)


def _method_of(command: object) -> str:
    """Return the method that a command calls: `c`, the object's id and the method's name, a line each."""
    parts = command.split("\n", 3) if isinstance(command, str) else []
    return parts[2] if len(parts) > 2 else ""  # noqa: PLR2004 - the third line
