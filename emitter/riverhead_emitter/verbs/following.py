"""A thread per directory that keeps sending what comes there; it is said which sink is down, and when it is back."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
import time
from typing import TYPE_CHECKING

from riverhead_emitter.delivery.drainer import drainer_for
from riverhead_emitter.errors import Unavailable
from riverhead_emitter.printable import printable
from riverhead_emitter.verbs.destinations import age
from riverhead_emitter.verbs.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from riverhead_emitter.settings import Settings, Sink

_BETWEEN_LOOKS_SECONDS = 1.0


class Followers:
    """Follows directories until somebody stops it; one line when it begins, one when it ends, one for each change."""

    def __init__(
        self, settings: Settings, sinks: Sequence[Sink], idle_seconds: float | None, *, is_told: bool = True
    ) -> None:
        self.stop = threading.Event()
        self._settings = settings
        self._sinks = sinks
        self._idle_seconds = idle_seconds
        # Whoever follows for another process leaves it to that one to speak.
        self._say = _said if is_told else _unsaid
        self._threads: dict[Path, threading.Thread] = {}
        self._problems: set[str] = set()
        self._down: dict[str, float] = {}  # sinks that take nothing, whatever directory it comes from, and since when
        self._lock = threading.Lock()
        self._done = Outcome()

    def run(self, places: Iterable[Path], pid: int | None, *, may_grow: bool) -> int:
        """Follow until somebody stops it, the process has ended, or nothing comes any more."""
        is_over = _ending(self.stop, pid)
        goals = ", ".join(sink.address.removeprefix("http ") for sink in self._sinks)
        self._say(f"sending what comes to {printable(goals, 500)}")
        self._look(places, is_over)
        # A place that is given is there; of those that may still come, each is followed as soon as it does.
        while may_grow and self._idle_seconds is None and not is_over():
            self.stop.wait(_BETWEEN_LOOKS_SECONDS)
            self._look(places, is_over)
        for thread in self._threads.values():
            thread.join()
        for problem in self._problems:
            _said(problem)
        outcome = self._done.leaving(self._threads, self._sinks)
        self._say(f"ended; {outcome.told()}")
        if outcome.hint():
            self._say(outcome.hint())
        return 1 if self._problems else 0

    def _look(self, places: Iterable[Path], is_over: Callable[[], bool]) -> None:
        for directory in places:
            if directory not in self._threads or not self._threads[directory].is_alive():
                self._threads[directory] = threading.Thread(target=self._follow, args=(directory, is_over))
                self._threads[directory].start()

    def _follow(self, directory: Path, is_over: Callable[[], bool]) -> None:
        with contextlib.closing(drainer_for(directory, self._settings, self._sinks, self._tell)) as drainer:
            try:
                if not drainer.follow(is_over, self.stop, idle_seconds=self._idle_seconds):
                    self._say(f"another drainer is at work in {directory}")
            except Unavailable as error:
                self._problems.add(str(error))
        with self._lock:
            self._done = self._done.with_(drainer.tally)

    def _tell(self, address: str, reason: str | None) -> None:
        """Say what has changed: that a sink takes nothing any more, and why, or that it does again."""
        with self._lock:
            since = self._down.get(address)
            if (since is None) == (reason is None):
                return
            if reason is None:
                del self._down[address]
            else:
                self._down[address] = time.time()
        sink = printable(address.removeprefix("http "), 200)
        if since is not None:
            self._say(f"{sink} takes records again, after {age(since)}")
        elif reason is not None:
            told = printable(self._settings.redaction.scrubbed(reason), 300)
            self._say(f"{sink} takes nothing any more: {told}; its records wait, and are tried again")


def _said(text: str) -> None:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"riverhead: {text}\n")
        sys.stderr.flush()


def _unsaid(_text: str) -> None:
    """Say nothing."""


def _ending(stop: threading.Event, pid: int | None) -> Callable[[], bool]:
    if pid is None:
        return stop.is_set
    is_gone = gone(pid)
    return lambda: stop.is_set() or is_gone()


def gone(pid: int) -> Callable[[], bool]:
    """Return a question that becomes true when this process has ended, even if nobody takes note of its end."""
    try:
        # A descriptor of the process itself: a number may be given to another, and a zombie still has its own.
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return lambda: True
    except (AttributeError, OSError):
        return lambda: not _is_alive(pid)
    return lambda: bool(select.select([fd], [], [], 0)[0])


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
