"""The application's own run: it begins when the application is listened to, and ends exactly once, as its program does.

A context that is stopped does not say how the program fared: what it was stopped for may come a moment later, as an
error or an exit code. So the end is told when the program leaves, or goes on without Spark.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from riverhead_emitter.guard import guard
from riverhead_emitter.loading import loading
from riverhead_spark.application import observed
from riverhead_spark.code.script import arguments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from riverhead_emitter.emitter import Outbox
    from riverhead_emitter.guard import FailureLog
    from riverhead_spark.ending import Ending
    from riverhead_spark.tap.details import Details

# How often a context is asked whether it has been stopped, once Spark has said that the application is over.
_ASKING_SECONDS = 0.2
# From a stopped context to the exit it is the end of a `finally` or a `return`; what takes longer is other work.
_LEAVING_SECONDS = 1.0


class OwnRun:
    """One application's run, told to the outbox."""

    def __init__(
        self,
        application: Mapping[str, Any],
        outbox: Outbox,
        details: Callable[[], Details],
        is_stopped: Callable[[], bool],
        failures: FailureLog,
    ) -> None:
        """Tell of this application; `is_stopped` says whether its context is."""
        self._application, self._outbox, self._failures = application, outbox, failures
        self._details, self._is_stopped = details, is_stopped
        self._ending: dict[str, Any] | None = None
        self._is_left = threading.Event()

    def begin(self) -> None:
        """Tell the start."""
        facts: dict[str, Any] = {"parameters": {}}
        # A shell's arguments, and a notebook's, are its own.
        if self._application.get("code") and (given := arguments()):
            facts["parameters"]["arguments"] = given
        with guard("asking for Spark's conf", self._failures):
            details = self._details()
            facts["details"] = details.identity
            facts["parameters"].update(details.settings)
        self._outbox.observe(observed("start", self._application["started"], self._application, **facts))

    def leave(self, ending: Ending | None = None) -> None:
        """Say how the program ended; nothing is known of one that goes on."""
        if not self._is_left.is_set():
            self._ending = None if ending is None else _facts(ending)
            self._is_left.set()

    def finish(self) -> None:
        """Tell the end, as of now, once it is known."""
        ended = int(time.time() * 1000)
        self._await_leaving()
        self._outbox.observe(observed("end", ended, self._application, ending=self._ending))

    def _await_leaving(self) -> None:
        while not self._is_left.wait(_ASKING_SECONDS):
            if self._is_stopped():
                self._is_left.wait(_LEAVING_SECONDS)
                return


def _facts(ending: Ending) -> dict[str, Any]:
    if ending.error is None:
        return {"code": ending.code}
    with loading():
        from riverhead_emitter.lineage.endings import facets_after  # brings the whole SDK, for the few that fail

    facet = facets_after(ending.error).get("errorMessage")
    if facet is None:
        return {"code": ending.code}
    error = {"class": type(ending.error).__name__, "message": facet["message"], "stack": facet.get("stackTrace")}
    return {"code": ending.code, "error": error}
