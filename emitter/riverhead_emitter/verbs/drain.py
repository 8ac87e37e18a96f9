"""Send what waits in the spool to where the settings say.

Without options: send what is there and stop. --follow stays and keeps sending (as a sidecar does).
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, NoReturn

from riverhead_emitter.delivery.drainer import drainer_for
from riverhead_emitter.delivery.shipment import TIME_IS_UP
from riverhead_emitter.errors import ConfigurationError, Unavailable
from riverhead_emitter.printable import printable
from riverhead_emitter.settings import ConsoleSink, HttpSink, settings_from
from riverhead_emitter.spool.locks import is_drained_by_another
from riverhead_emitter.spool.places import directory_for, known_roots, make_private
from riverhead_emitter.verbs.following import Followers
from riverhead_emitter.verbs.options import address, duration, process
from riverhead_emitter.verbs.outcome import NOT_READ, Outcome, nothing_found, stranded, waiting
from riverhead_emitter.verbs.progress import is_watched, shown
from riverhead_emitter.verbs.sparing_log import sparing_log

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from riverhead_emitter.settings import Settings, Sink


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
        raise ConfigurationError(_nowhere(settings))
    if settings.is_disabled:
        print("riverhead: disabled here, so hosts keep nothing new; what was kept before is sent", file=sys.stderr)
    # Counting reads it all, which those that hosts leave behind must not do each time.
    left_over = "" if options.with_pid or options.idle_seconds else stranded(known_roots(os.environ))
    if left_over:
        print(f"riverhead: {left_over}", file=sys.stderr)
    directory = directory_for(settings.spool_root, settings.destination)
    make_private(directory)
    return _drained(options, settings, settings.sinks, [directory])


def _nowhere(settings: Settings) -> str:
    if settings.is_disabled:
        return "lineage is switched off here and nothing says where to send records; see RIVERHEAD_DISABLED"
    sentence = "nothing says where to send records; set OPENLINEAGE_URL, or run `riverhead serve`, which picks them up"
    left_over = stranded(known_roots(os.environ))
    return "; ".join((f"{sentence} ({left_over})" if left_over else sentence, NOT_READ))


def _drained(options: Namespace, settings: Settings, sinks: Sequence[Sink], places: Iterable[Path]) -> int:
    with sparing_log():
        if not options.follow:
            return drain_once(settings, sinks, list(places), options.seconds)
        followers = Followers(settings, sinks, options.idle_seconds, is_told=options.with_pid is None)

        def told_to_end(number: int, _frame: object) -> None:
            """End once what is there is sent; told so again, end at once."""
            if followers.stop.is_set():
                _leave(number)
            followers.stop.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, told_to_end)
        return followers.run(places, options.with_pid, may_grow=isinstance(places, _Places))


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
    total = waiting(directories, sinks) if is_watched() else 0
    progress = shown("records", total, lambda: sum(drainer.tally.records for drainer in drainers))
    with _ended_by_an_interrupt(), progress:
        results = [drainer.drain(seconds) for drainer in drainers]
    outcome = Outcome()
    for drainer in drainers:
        drainer.close()
        outcome = outcome.with_(drainer.tally)
    outcome = outcome.leaving(directories, sinks)
    # Events that go to the console are not to be mixed with this.
    summary = sys.stderr if any(isinstance(sink, ConsoleSink) for sink in sinks) else sys.stdout
    print(outcome.told(), file=summary, flush=True)
    if outcome.hint():
        print(outcome.hint(), file=sys.stderr)
    others = [directory for directory in directories if is_drained_by_another(directory)]
    for directory in others:
        print(f"another drainer is at work in {directory}", file=sys.stderr)
    if outcome.is_nothing and not others:
        print(nothing_found(directories, os.environ), file=sys.stderr)
    for refusal in {drainer.tally.last_refusal for drainer in drainers} - {""}:
        is_of_time = refusal == TIME_IS_UP.reason
        told = (
            f"stopped after {seconds:g} s"
            if is_of_time
            else f"the last refusal: {printable(settings.redaction.scrubbed(refusal), 300)}"
        )
        print(told, file=sys.stderr)
    # What has come behind a drainer that left nothing is the next one's.
    is_done = outcome.is_all_sent or (all(results) and not outcome.refused and not outcome.apart)
    return 0 if is_done else 1


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
