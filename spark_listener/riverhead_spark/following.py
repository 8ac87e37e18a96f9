"""One application that is listened to, from its first record until it, or the interpreter, ends.

A daemon thread polls the tap and puts observations into the outbox; another sends them on while the application
lives. Neither the job nor its result ever depends on either.
"""

from __future__ import annotations

import atexit
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

from riverhead_emitter.draining import EPHEMERAL_END_SECONDS
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.guard import guard
from riverhead_spark.ending import Ending, ending
from riverhead_spark.literals import hide_literals, hide_options
from riverhead_spark.losses import Losses

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riverhead_emitter.emitter import Outbox
    from riverhead_emitter.guard import FailureLog
    from riverhead_emitter.observation import Observation
    from riverhead_spark.code.driver import DriverCode
    from riverhead_spark.executions import Actions
    from riverhead_spark.own_run import OwnRun

_FLUSH_SECONDS = 1.0
_FINISH_SECONDS = 2.0
_DRAIN_SECONDS = 2.0


class Records(Protocol):
    """Where records of executions come from."""

    def poll(self) -> list[dict[str, Any]] | None:
        """Wait a moment for records and return them, or None when there will be no more."""

    def leave(self, seconds: float) -> None:
        """Take what has already happened, waiting so long at most; `poll` sees the end."""


class Listening:
    """One application that is listened to; `stop(spark)`, its end or the interpreter's exit closes it."""

    def __init__(
        self,
        tap: Records | None,
        outbox: Outbox | None,
        actions: Actions,
        failures: FailureLog,
        *,
        own_run: OwnRun | None = None,
        code: DriverCode | None = None,
    ) -> None:
        """Poll this tap from now on; with no tap, there is nothing to listen to and nothing happens."""
        self._tap, self._outbox, self._actions, self._failures = tap, outbox, actions, failures
        self._own_run, self._code = own_run, code
        self._losses = Losses(failures)
        self._process = os.getpid()
        self._thread: threading.Thread | None = None
        self._is_closing, self._is_over = threading.Event(), False
        self._telling, self._has_told_ends = threading.Lock(), False
        self._taking_leave = threading.Thread(target=self._take_leave, name="riverhead-leave", daemon=True)
        if tap is not None:
            self._thread = threading.Thread(target=self._follow, name="riverhead-spark", daemon=True)
            # Before it starts, because its end takes this back.
            atexit.register(self._exit)
            self._thread.start()
            # Now, because from Python 3.12 on no thread starts while the interpreter ends.
            self._taking_leave.start()

    @property
    def is_listening(self) -> bool:
        """True while executions are observed."""
        return self._thread is not None and self._thread.is_alive()

    def leave(self) -> None:
        """Let the application's run end now, if it is over, however its program goes on."""
        if self._own_run is not None:
            self._own_run.leave()

    def close(self) -> None:
        """Take what has happened so far, send what can be sent in a moment, and leave."""
        self.leave()
        atexit.unregister(self._exit)
        # A forked child inherits this object, but neither the thread nor the JVM.
        if self._thread is None or self._tap is None or os.getpid() != self._process:
            return
        with guard("leaving Spark", self._failures):
            # A JVM that hangs, or has much to catch up with, answers nobody, and no call into it has an end by itself.
            self._is_closing.set()
            self._taking_leave.join(_FLUSH_SECONDS + _FINISH_SECONDS)
            if not self._taking_leave.is_alive():
                self._thread.join(_FINISH_SECONDS + self._end_seconds)

    def _take_leave(self) -> None:
        self._is_closing.wait()
        with guard("leaving Spark", self._failures):
            if self._tap is not None and not self._is_over:
                self._tap.leave(_FLUSH_SECONDS)

    def terminate(self) -> None:
        """Take leave of a process that was told to end."""
        # A signal may come in the middle of this thread's call into the JVM, and then no other can be made from here;
        # or while this thread holds a lock that the leaving needs.
        leaving = threading.Thread(target=self._told_to_end, name="riverhead-leaving", daemon=True)
        leaving.start()
        leaving.join(_FLUSH_SECONDS + _FINISH_SECONDS + self._end_seconds)

    def _told_to_end(self) -> None:
        if self._own_run is not None:
            self._own_run.leave(Ending(128 + signal.SIGTERM, InterruptedError("the driver was told to end by SIGTERM")))
        self._close_for_good()

    def _exit(self) -> None:
        with guard("seeing how the program ended", self._failures):
            if self._own_run is not None and os.getpid() == self._process:
                self._own_run.leave(ending())
        self._close_for_good()

    def _close_for_good(self) -> None:
        self.close()
        if self._thread is not None and os.getpid() == self._process:
            # The process leaves, whether Spark has answered or not; what is not told now would be told as a death.
            self._tell_ends()

    @property
    def _end_seconds(self) -> float:
        """How long the sending at the end may take; a spool that ends with this host is waited for."""
        is_ephemeral = isinstance(self._outbox, Emitter) and self._outbox.settings.is_ephemeral
        return EPHEMERAL_END_SECONDS if is_ephemeral else _DRAIN_SECONDS

    def _follow(self) -> None:
        with guard("observing the application", self._failures):
            if self._own_run is not None:
                self._own_run.begin()
        with guard("following Spark", self._failures):
            while self._tap is not None and (records := self._tap.poll()) is not None:
                for record in records:
                    self._take(record)
        self._tell_ends()
        if isinstance(self._outbox, Emitter):
            with guard("sending at the end", self._failures):
                self._outbox.drain_at_end(_DRAIN_SECONDS)
                self._outbox.close()
        self._is_over = True
        self._is_closing.set()
        # Only now: an interpreter that exits before waits for the sending.
        atexit.unregister(self._exit)

    def _tell_ends(self) -> None:
        with self._telling:
            if self._has_told_ends:
                return
            self._has_told_ends = True
        with guard("closing what did not end", self._failures):
            self._observe(self._actions.left_open(int(time.time() * 1000)))
        with guard("observing the application's end", self._failures):
            if self._own_run is not None:
                self._own_run.finish()

    def _take(self, record: dict[str, Any]) -> None:
        with guard("finding the code of an execution", self._failures):
            if self._code is not None:
                self._code.describe(record)
        with guard("observing an execution", self._failures):
            if self._has_told_ends:
                return
            self._losses.see(record)
            hide_options(record)
            if isinstance(self._outbox, Emitter) and self._outbox.settings.redaction.hides_sql_literals:
                hide_literals(record)
            observation = self._actions.take(record)
            self._observe([observation] if observation is not None else [])
            self._observe(self._actions.forgotten(int(time.time() * 1000)))

    def _observe(self, observations: Iterable[Observation]) -> None:
        for observation in observations:
            if self._outbox is not None:
                self._outbox.observe(observation)
