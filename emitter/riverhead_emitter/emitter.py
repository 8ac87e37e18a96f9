"""The host's hand: an observation or an event → one line in the spool, without ever raising or waiting."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Protocol

from riverhead_emitter.encoding import encoded
from riverhead_emitter.guard import FAILURES, FailureLog, guard
from riverhead_emitter.settings import as_environment, without_configuration
from riverhead_emitter.spool.locks import is_drained_by_another
from riverhead_emitter.spool.places import directory_for, make_private
from riverhead_emitter.spool.writer import SpoolWriter
from riverhead_emitter.understand import event_body, observation_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_emitter.delivery.drainer import Drainer
    from riverhead_emitter.event import Event
    from riverhead_emitter.observation import Observation
    from riverhead_emitter.settings import Settings


class Outbox(Protocol):
    """Where a host puts what it saw; True means that it is kept."""

    def observe(self, observation: Observation, /) -> bool:
        """Keep an observation."""
        ...

    def emit(self, event: Event, /) -> bool:
        """Keep a ready event."""
        ...


class Emitter:
    """The outbox of one process. Opens nothing until the first record, and is safe to use after a fork."""

    def __init__(self, settings: Settings, failures: FailureLog | None = None) -> None:
        self.settings = settings
        addresses = [sink.address for sink in settings.sinks]
        self.directory = directory_for(settings.spool_root, addresses)
        self.failures = failures or FailureLog(self.directory.parent / FAILURES)
        self._writer = SpoolWriter(self.directory, addresses)
        self._background: threading.Thread | None = None
        self._is_over = threading.Event()

    def observe(self, observation: Observation) -> bool:
        """Keep an observation; True means that it survives the end of this process."""
        with guard("keeping an observation", self.failures):
            return self._append(observation.run_id, observation_body(observation))
        return False

    def emit(self, event: Event) -> bool:
        """Keep a ready event; True means that it survives the end of this process."""
        run_id = ""
        with guard("reading an event's run", self.failures):
            run_id = str(event["run"]["runId"])
        return bool(run_id) and self._append(run_id, event_body(event))

    def drain(self, seconds: float) -> None:
        """Send what waits here, for so long at most; nothing if there is no sink or a drainer is at work."""
        deadline = time.monotonic() + seconds
        with guard("draining", self.failures):
            self.stop_background(seconds)
            left = deadline - time.monotonic()
            if left <= 0 or not self.settings.sinks or not self.directory.exists():
                return
            if not is_drained_by_another(self.directory):
                # A thread, because no time-out of a socket bounds a look-up of names; what is not sent stays spooled.
                self._within(left, lambda: self._drain_now(left))

    def drain_in_background(self) -> None:
        """Send from a thread of this process for as long as it lives; it waits while another drainer is at work."""
        if not self.settings.sinks or (self._background is not None and self._background.is_alive()):
            return
        self._is_over.clear()
        self._background = threading.Thread(target=self._follow, name="riverhead-drainer", daemon=True)
        self._background.start()

    def stop_background(self, seconds: float) -> None:
        """Ask the background drainer to end, and wait so long at most."""
        if self._background is not None and self._background.is_alive():
            self._is_over.set()
            self._background.join(seconds)

    def start_drainer(self, *, idle_seconds: float | None = None) -> None:
        """Leave a detached drainer behind that lives as long as this process; one is at work, by lock, others wait.

        With `idle_seconds` it is not tied to this process, and ends when nothing has come for so long.
        """
        if not self.settings.sinks or not self.settings.start_drainer:
            return
        with guard("starting a drainer", self.failures):
            make_private(self.directory)
            # A long-lived host's drainer waits for its turn: the one at work may be another host's, in its last pass,
            # or may be killed. Tasks are many, and must not each leave a process that waits: theirs takes its turn now
            # or ends, and none is started where one is at work (which looks once more after it has let go).
            if idle_seconds is not None and is_drained_by_another(self.directory):
                return
            until = ["--with-pid", str(os.getpid())] if idle_seconds is None else ["--idle-seconds", str(idle_seconds)]
            command = [sys.executable, "-m", "riverhead", "drain", "--follow", *until]
            # A shell that leaves at once: the drainer is nobody's zombie, and the host needs no thread to wait for it,
            # which would make its forks unsafe.
            subprocess.run(
                ["/bin/sh", "-c", '"$@" &', "sh", *command],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env={**without_configuration(os.environ), **as_environment(self.settings)},
            )

    def close(self) -> None:
        """Let go of the segment; the next record opens another."""
        self._writer.close()

    def _within(self, seconds: float, work: Callable[[], object]) -> None:
        def run() -> None:
            with guard("draining", self.failures):
                work()

        thread = threading.Thread(target=run, name="riverhead-drain", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            run()  # from Python 3.12 on no thread starts while the interpreter ends; the drainer keeps its own time
        else:
            thread.join(seconds)

    def _append(self, run_id: str, body: object) -> bool:
        if self.settings.is_disabled:
            return False
        with guard("keeping a record", self.failures):
            self._writer.append(run_id, encoded(body))
            return True
        return False

    def _follow(self) -> None:
        with guard("draining in the background", self.failures):
            make_private(self.directory)
            with contextlib.closing(self._drainer()) as drainer:
                drainer.follow(self._is_over.is_set, self._is_over)

    def _drain_now(self, seconds: float) -> None:
        with contextlib.closing(self._drainer()) as drainer:
            drainer.drain(seconds)

    def _drainer(self) -> Drainer:
        from riverhead_emitter.delivery.drainer import Drainer
        from riverhead_emitter.delivery.senders import sender_for

        senders = [sender_for(sink) for sink in self.settings.sinks]
        return Drainer(self.directory, senders, self.settings.timeout_seconds)
