"""When this process sends what it kept: in the background, at its end, or by a drainer that it leaves behind."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from typing import TYPE_CHECKING

from riverhead_emitter.guard import guard
from riverhead_emitter.loading import loading
from riverhead_emitter.settings import as_environment, without_configuration
from riverhead_emitter.spool.locks import is_drained_by_another
from riverhead_emitter.spool.places import make_private

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from riverhead_emitter.delivery.drainer import Drainer
    from riverhead_emitter.guard import FailureLog
    from riverhead_emitter.settings import Settings

# A plain process waits so long at its end; one whose spool ends with it, as long as a container is given to end.
PLAIN_END_SECONDS, EPHEMERAL_END_SECONDS = 2.0, 25.0
_BETWEEN_TURNS_SECONDS = 0.02


class _Background:
    """A thread that drains, of the process that started it: no thread, and no state of a lock, survives a fork."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.starting = threading.Lock()
        self.is_over = threading.Event()
        self.thread: threading.Thread | None = None

    @property
    def is_alive(self) -> bool:
        return self.thread is not None and self.thread.is_alive()


class Draining:
    """Sends what waits in one directory; every part of it swallows what goes wrong, and is bounded in time."""

    def __init__(self, settings: Settings, directory: Path, failures: FailureLog) -> None:
        self._settings = settings
        self._directory = directory
        self._failures = failures
        self._background = _Background()
        self._pid_that_drains_at_its_end = 0
        self._ends_at = float("inf")

    def drain(self, seconds: float) -> None:
        """Send what waits here, for so long at most; nothing if no sink is there or up, or a drainer works."""
        deadline = time.monotonic() + seconds
        with guard("draining", self._failures):
            self.stop_background(seconds)
            if not self._settings.sinks or not self._directory.exists():
                return
            if self._settings.is_ephemeral:
                self._await_turn(deadline)
            elif self._is_known_to_be_down():
                return
            left = deadline - time.monotonic()
            if left > 0 and not is_drained_by_another(self._directory):
                # A thread, because no time-out of a socket bounds a look-up of names; what is not sent stays spooled.
                self._within(left, lambda: self._drain_now(left))

    def at_end(self, seconds: float) -> None:
        """Drain as a host's last act, for as long as it allows; longer where the spool ends with the host.

        Once that is done, this process's own end waits no more, unless something is kept after it. Once the process
        itself ends, whatever else its host does at its end has only what is left of that time.
        """
        self._pid_that_drains_at_its_end = 0
        self.drain(max(min(self._allowed(seconds), self._ends_at - time.monotonic()), 0.0))

    def once_at_end(self) -> None:
        """Have this process drain at its own end, however often it is asked to; a forked child must ask for itself."""
        if self._pid_that_drains_at_its_end != os.getpid():
            with loading():
                import atexit

            self._pid_that_drains_at_its_end = os.getpid()
            # Once, however often a host has drained in between.
            atexit.unregister(self._at_own_end)
            atexit.register(self._at_own_end)

    def in_background(self) -> None:
        """Send from a thread of this process for as long as it lives; it waits while another drainer is at work."""
        if self._background.pid != os.getpid():
            self._background = _Background()
        here = self._background
        # Whoever finds it taken is not needed: another thread of this process starts it.
        if not self._settings.sinks or not here.starting.acquire(blocking=False):
            return
        try:
            if not here.is_alive:
                here.is_over.clear()
                here.thread = threading.Thread(target=self._follow, args=(here,), name="riverhead-drainer", daemon=True)
                here.thread.start()
        except RuntimeError as error:
            self._failures.record("draining in the background", error)  # no thread to be had; records stay spooled
        finally:
            here.starting.release()

    def stop_background(self, seconds: float) -> None:
        """Ask the background drainer to end, and wait so long at most."""
        here = self._background
        if here.pid == os.getpid() and here.is_alive:
            here.is_over.set()
            here.thread.join(seconds)  # type: ignore[union-attr]  # it is alive

    def leave_behind(self, idle_seconds: float | None) -> None:
        """Start a detached drainer that lives as long as this process, or until nothing has come for so long."""
        if not self._settings.sinks or not self._settings.start_drainer:
            return
        with guard("starting a drainer", self._failures):
            make_private(self._directory)
            # A long-lived host's drainer waits for its turn: the one at work may be another host's, in its last pass,
            # or may be killed. Tasks are many, and must not each leave a process that waits: theirs takes its turn now
            # or ends, and none is started where one is at work (which looks once more after it has let go), nor where
            # the machine ends with the task.
            if idle_seconds is not None and (self._settings.is_ephemeral or is_drained_by_another(self._directory)):
                return
            until = ["--with-pid", str(os.getpid())] if idle_seconds is None else ["--idle-seconds", str(idle_seconds)]
            self._start_detached([sys.executable, "-m", "riverhead", "drain", "--follow", *until])

    def _start_detached(self, command: list[str]) -> None:
        with loading():
            import subprocess  # as much CPU as the rest of the hot path's imports

        # A shell that leaves at once: the drainer is nobody's zombie, and the host needs no thread to wait for it,
        # which would make its forks unsafe.
        subprocess.run(
            ["/bin/sh", "-c", '"$@" &', "sh", *command],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            # Where the host stands may lie a json.py of its own.
            env={**without_configuration(os.environ), **as_environment(self._settings), "PYTHONSAFEPATH": "1"},
        )

    def _at_own_end(self) -> None:
        if self._pid_that_drains_at_its_end == os.getpid():
            self._ends_at = time.monotonic() + self._allowed(PLAIN_END_SECONDS)
            self.at_end(PLAIN_END_SECONDS)

    def _allowed(self, seconds: float) -> float:
        return EPHEMERAL_END_SECONDS if self._settings.is_ephemeral else seconds

    def _is_known_to_be_down(self) -> bool:
        with loading():
            from riverhead_emitter.delivery.breaker import is_down

        return is_down(self._directory)

    def _await_turn(self, deadline: float) -> None:
        # Whoever drains here now may end with this host, too, so its word is not enough.
        while is_drained_by_another(self._directory) and time.monotonic() < deadline:
            threading.Event().wait(_BETWEEN_TURNS_SECONDS)

    def _within(self, seconds: float, work: Callable[[], object]) -> None:
        def run() -> None:
            with guard("draining", self._failures):
                work()

        thread = threading.Thread(target=run, name="riverhead-drain", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            run()  # from Python 3.12 on no thread starts while the interpreter ends; the drainer keeps its own time
        else:
            thread.join(seconds)

    def _follow(self, here: _Background) -> None:
        with guard("draining in the background", self._failures):
            make_private(self._directory)
            with contextlib.closing(self._drainer()) as drainer:
                drainer.follow(here.is_over.is_set, here.is_over)

    def _drain_now(self, seconds: float) -> None:
        with contextlib.closing(self._drainer()) as drainer:
            drainer.drain(seconds)

    def _drainer(self) -> Drainer:
        with loading():
            from riverhead_emitter.delivery.drainer import drainer_for

        return drainer_for(self._directory, self._settings)
