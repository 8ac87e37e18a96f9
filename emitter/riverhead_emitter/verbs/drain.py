"""Send what waits in the spool to where the settings say.

Without options: send what is there and stop. --follow stays and keeps sending (as a sidecar does).
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from typing import TYPE_CHECKING

from riverhead_emitter.delivery.drainer import Drainer
from riverhead_emitter.delivery.senders import sender_for
from riverhead_emitter.errors import ConfigurationError, Unavailable
from riverhead_emitter.settings import HttpSink, settings_from
from riverhead_emitter.spool.locks import is_drained_by_another
from riverhead_emitter.spool.places import directory_for, known_roots, make_private
from riverhead_emitter.spool.reader import waiting_in

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from riverhead_emitter.settings import Sink

_BETWEEN_OFFERS_SECONDS = 1.0


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    how_long = parser.add_mutually_exclusive_group()
    how_long.add_argument("--once", action="store_true", help="send what is there and stop (the default)")
    how_long.add_argument("--follow", action="store_true", help="keep sending until interrupted")
    parser.add_argument("--seconds", type=float, default=60.0, help="with --once: stop after so long (60)")
    parser.add_argument("--with-pid", type=int, metavar="PID", help="with --follow: stop when this process has ended")
    parser.add_argument(
        "--waiting-to",
        metavar="URL",
        help="send the records that wait because nothing was configured, of all your spools, to this address",
    )


def run(options: Namespace) -> int:
    """Drain, and say what was done."""
    settings = settings_from(os.environ)
    sinks: tuple[Sink, ...] = settings.sinks
    if options.waiting_to:
        sinks = (HttpSink(options.waiting_to),)
        directories = [directory_for(root, []) for root in known_roots(os.environ)] or [
            directory_for(settings.spool_root, [])
        ]
    else:
        directories = [directory_for(settings.spool_root, [sink.address for sink in sinks])]
    if not sinks:
        raise ConfigurationError(
            "nothing says where to send records; set OPENLINEAGE_URL, or run `riverhead serve`, which picks them up"
        )
    directories = _private(directories)
    drainers = [Drainer(path, [sender_for(sink) for sink in sinks], settings.timeout_seconds) for path in directories]
    try:
        if options.follow:
            return _follow(drainers, options.with_pid)
        return _once(drainers, directories, sinks, options.seconds)
    finally:
        for drainer in drainers:
            drainer.close()


def _private(directories: Sequence[Path]) -> list[Path]:
    """Leave out, and name, what is not this user's alone: in /tmp anybody may have been first."""
    if len(directories) == 1:
        make_private(directories[0])
        return list(directories)
    return [directory for directory in directories if _is_private(directory)]


def _is_private(directory: Path) -> bool:
    try:
        make_private(directory)
    except Unavailable as error:
        print(f"riverhead: {error}", file=sys.stderr)
        return False
    return True


def _once(drainers: Sequence[Drainer], directories: Sequence[Path], sinks: Sequence[Sink], seconds: float) -> int:
    results = [drainer.drain(seconds) for drainer in drainers]
    waiting = sum(waiting_in(directory, [sink.address for sink in sinks])[0] for directory in directories)
    events = sum(drainer.tally.events for drainer in drainers)
    dead = sum(drainer.tally.dead for drainer in drainers)
    print(f"sent {events} events; {waiting} records wait; {dead} became dead letters")
    for directory in directories:
        if is_drained_by_another(directory):
            print(f"another drainer is at work in {directory}", file=sys.stderr)
    for refusal in {drainer.tally.last_refusal for drainer in drainers} - {""}:
        print(f"the last refusal: {refusal}", file=sys.stderr)
    return 0 if all(results) or not waiting else 1


def _follow(drainers: Sequence[Drainer], pid: int | None) -> int:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    is_over = _ending(stop, pid)
    # A sidecar takes over when the drainer of a host ends; a host's own drainer is only wanted where there is none.
    is_patient = pid is None
    problems: list[str] = []
    threads = [
        threading.Thread(target=_follow_one, args=(drainer, is_over, stop, is_patient, problems))
        for drainer in drainers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for problem in problems:
        print(f"riverhead: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _follow_one(
    drainer: Drainer, is_over: Callable[[], bool], stop: threading.Event, is_patient: bool, problems: list[str]
) -> None:
    try:
        while not drainer.follow(is_over, stop) and is_patient and not is_over():
            stop.wait(_BETWEEN_OFFERS_SECONDS)
    except Unavailable as error:
        problems.append(str(error))


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
