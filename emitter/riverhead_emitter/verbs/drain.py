"""Send what waits in the spool to where the settings say.

Without options: send what is there and stop. --follow stays and keeps sending (as a sidecar does).
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
from typing import TYPE_CHECKING, NoReturn

from riverhead_emitter.delivery.drainer import drainer_for
from riverhead_emitter.errors import ConfigurationError, Unavailable
from riverhead_emitter.settings import ConsoleSink, HttpSink, settings_from, shown_key
from riverhead_emitter.spool.locks import is_drained_by_another
from riverhead_emitter.spool.places import directory_for, known_roots, make_private
from riverhead_emitter.spool.reader import waiting_in
from riverhead_emitter.verbs.options import address, duration, process
from riverhead_emitter.verbs.progress import is_watched, shown

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from riverhead_emitter.settings import Settings, Sink

_BETWEEN_LOOKS_SECONDS = 1.0


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    how_long = parser.add_mutually_exclusive_group()
    how_long.add_argument("--once", action="store_true", help="send what is there and stop (the default)")
    how_long.add_argument("--follow", action="store_true", help="keep sending until interrupted")
    parser.add_argument("--seconds", type=duration, default=60.0, help="with --once: stop after so long (60)")
    until = parser.add_mutually_exclusive_group()
    until.add_argument(
        "--with-pid", type=process, metavar="PID", help="with --follow: stop when this process has ended"
    )
    until.add_argument(
        "--idle-seconds",
        type=duration,
        metavar="SECONDS",
        help="with --follow: stop when nothing has come for so long, or when another drainer is at work",
    )
    parser.add_argument(
        "--waiting-to",
        type=address,
        metavar="URL",
        help="send the records that wait because nothing was configured, of all your spools, to this address",
    )


def run(options: Namespace) -> int:
    """Drain, and say what was done."""
    if not options.follow and (options.with_pid or options.idle_seconds):
        raise ConfigurationError("--with-pid and --idle-seconds say when to stop following; they need --follow")
    settings = settings_from(os.environ)
    if options.waiting_to:
        return _drained(options, settings, [HttpSink(options.waiting_to)], _Places(os.environ))
    if not settings.sinks:
        raise ConfigurationError(
            "nothing says where to send records; set OPENLINEAGE_URL, or run `riverhead serve`, which picks them up"
        )
    directory = directory_for(settings.spool_root, settings.destination)
    make_private(directory)
    return _drained(options, settings, settings.sinks, [directory])


def _drained(options: Namespace, settings: Settings, sinks: Sequence[Sink], places: Iterable[Path]) -> int:
    if options.follow:
        return _Followers(settings, sinks, options.idle_seconds).run(places, options.with_pid)
    return drain_once(settings, sinks, list(places), options.seconds)


class _Places:
    """Where records of this user wait for somewhere to go; each look finds what has come since."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._refused: set[Path] = set()

    def __iter__(self) -> Iterator[Path]:
        return iter(
            [place for root in known_roots(self._environment) if self._is_usable(place := directory_for(root, []))]
        )

    def _is_usable(self, directory: Path) -> bool:
        """Leave out, and name once, what is not this user's alone: in /tmp anybody may have been first."""
        try:
            make_private(directory)
        except Unavailable as error:
            if directory not in self._refused:
                print(f"riverhead: {error}", file=sys.stderr)
            self._refused.add(directory)
            return False
        return True


def drain_once(settings: Settings, sinks: Sequence[Sink], directories: Sequence[Path], seconds: float) -> int:
    """Send what waits in these directories, for so long at most each; say what was done."""
    drainers = [drainer_for(directory, settings, sinks) for directory in directories]
    # Counting reads everything once, which only somebody who looks is worth.
    total = _waiting(directories, sinks) if is_watched() else 0
    progress = shown("records", total, lambda: sum(drainer.tally.records for drainer in drainers))
    with _ended_by_an_interrupt(), progress:
        results = [drainer.drain(seconds) for drainer in drainers]
    for drainer in drainers:
        drainer.close()
    waiting = _waiting(directories, sinks)
    events = sum(drainer.tally.events for drainer in drainers)
    dead = sum(drainer.tally.dead for drainer in drainers)
    # Events that go to the console are not to be mixed with this.
    summary = sys.stderr if any(isinstance(sink, ConsoleSink) for sink in sinks) else sys.stdout
    print(f"sent {events} events; {waiting} records wait; {dead} became dead letters", file=summary)
    for directory in directories:
        if is_drained_by_another(directory):
            print(f"another drainer is at work in {directory}", file=sys.stderr)
    for refusal in {drainer.tally.last_refusal for drainer in drainers} - {""}:
        print(f"the last refusal: {shown_key(refusal, 300)}", file=sys.stderr)
    return 0 if all(results) or not waiting else 1


def _waiting(directories: Sequence[Path], sinks: Sequence[Sink]) -> int:
    addresses = [sink.address for sink in sinks]
    return sum(waiting_in(directory, addresses)[0] for directory in directories)


@contextlib.contextmanager
def _ended_by_an_interrupt() -> Iterator[None]:
    """End at once on Ctrl-C, whatever a backend keeps us waiting for: what is under way is only sent again."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda number, _frame: _leave(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _leave(number: int) -> NoReturn:
    # The main thread may have been interrupted while it wrote.
    with contextlib.suppress(OSError, RuntimeError, ValueError, AttributeError):
        sys.stdout.flush()
    os._exit(128 + number)


class _Followers:
    """A thread per directory that keeps sending what comes there."""

    def __init__(self, settings: Settings, sinks: Sequence[Sink], idle_seconds: float | None) -> None:
        self._settings = settings
        self._sinks = sinks
        self._idle_seconds = idle_seconds
        self._stop = threading.Event()
        self._threads: dict[Path, threading.Thread] = {}
        self._problems: set[str] = set()

    def run(self, places: Iterable[Path], pid: int | None) -> int:
        """Follow until somebody stops it, the process has ended, or nothing comes any more."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told_to_end)
        is_over = _ending(self._stop, pid)
        self._look(places, is_over)
        # A place that is given is there; of those that may still come, each is followed as soon as it does.
        while isinstance(places, _Places) and self._idle_seconds is None and not is_over():
            self._stop.wait(_BETWEEN_LOOKS_SECONDS)
            self._look(places, is_over)
        for thread in self._threads.values():
            thread.join()
        for problem in self._problems:
            print(f"riverhead: {problem}", file=sys.stderr)
        return 1 if self._problems else 0

    def _told_to_end(self, number: int, _frame: object) -> None:
        """End once what is there is sent; told so again, end at once."""
        if self._stop.is_set():
            _leave(number)
        self._stop.set()

    def _look(self, places: Iterable[Path], is_over: Callable[[], bool]) -> None:
        for directory in places:
            if directory not in self._threads or not self._threads[directory].is_alive():
                self._threads[directory] = threading.Thread(target=self._follow, args=(directory, is_over))
                self._threads[directory].start()

    def _follow(self, directory: Path, is_over: Callable[[], bool]) -> None:
        with contextlib.closing(drainer_for(directory, self._settings, self._sinks)) as drainer:
            try:
                drainer.follow(is_over, self._stop, idle_seconds=self._idle_seconds)
            except Unavailable as error:
                self._problems.add(str(error))


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
