"""Keep anyone's OpenLineage events, one a line of a file, for a drainer to send.

Exit code 0: every event was accepted into the spool, where it outlives this process. 1: those whose lines are named
were not, all others were. Events that the filters leave out count as accepted. FILE may be -, the standard input: if it
is empty, it holds no event, and that is no mistake; if it is closed, it cannot be read (2).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from riverhead_emitter.emitter import Emitter
from riverhead_emitter.errors import ConfigurationError, UnreadableRecord
from riverhead_emitter.filters import filtered
from riverhead_emitter.guard import described
from riverhead_emitter.printable import counted, printable
from riverhead_emitter.settings import settings_from
from riverhead_emitter.spool.locks import is_drained_by_another
from riverhead_emitter.spool.places import make_private
from riverhead_emitter.verbs.drain import drain_once
from riverhead_emitter.verbs.event_check import event_of
from riverhead_emitter.verbs.options import duration
from riverhead_emitter.verbs.progress import shown

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from riverhead_emitter.event import Event
    from riverhead_emitter.settings import Settings

# No event is larger; so much of a line is in memory at a time.
_LONGEST_LINE = 64 << 20
_MOST_SHOWN = 20
_MARK = b"\xef\xbb\xbf"


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="FILE", help="events, one a line (ndjson); - reads the standard input")
    parser.add_argument("--drain", action="store_true", help="then send what waits, as `riverhead drain` does")
    parser.add_argument("--seconds", type=duration, default=60.0, help="with --drain: stop after so long (60)")


def run(options: Namespace) -> int:
    """Keep every event that is one, name the lines of those that are not, and say where they wait."""
    settings = settings_from(os.environ)
    if settings.is_disabled:
        raise ConfigurationError("lineage is switched off here, so no event is kept; see RIVERHEAD_DISABLED")
    if options.drain and not settings.sinks:
        raise ConfigurationError("nothing says where to send events; set OPENLINEAGE_URL, or leave --drain out")
    keeping = _Keeping(settings)
    with _opened(options.file) as file:
        keeping.run(file)
    if options.drain:
        return max(keeping.code, drain_once(settings, settings.sinks, [keeping.directory], options.seconds))
    return keeping.code


class _Keeping:
    """One run of the verb: what was kept, left out, refused."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._emitter = Emitter(settings)
        self.directory = self._emitter.directory
        self._kept = self._left_out = self._refused = self._bytes = 0

    @property
    def code(self) -> int:
        """The exit code so far."""
        return 1 if self._refused else 0

    def run(self, file: BinaryIO) -> None:
        """Go through the lines; even if somebody interrupts that, say what was kept."""
        make_private(self.directory)
        self._emitter.failures.is_strict = True
        number = 0
        try:
            with shown("bytes", _size(file), lambda: self._bytes):
                for number, line in _lines(file):
                    self._bytes += len(line)
                    self._keep(number, line)
        except KeyboardInterrupt:
            print(f"interrupted behind line {number}", file=sys.stderr)
            raise
        finally:
            self._emitter.close()
            self._conclude()

    def _keep(self, number: int, line: bytes) -> None:
        if not line.strip():
            return
        try:
            event = _event_of(line)
            if filtered(event, self._settings.filters if self._settings.sinks else ()) is None:
                self._left_out += 1
            elif self._emitter.emit(event):
                self._kept += 1
            else:
                self._refuse(number, "it was not accepted")
        except UnreadableRecord as error:
            self._refuse(number, str(error))
        except Exception as error:  # noqa: BLE001 - whatever one line holds, the next may be an event
            self._refuse(number, described(error, self._settings.redaction))

    def _refuse(self, number: int, reason: str) -> None:
        self._refused += 1
        if self._refused <= _MOST_SHOWN:
            print(f"line {number}: {printable(self._settings.redaction.scrubbed(reason), 300)}", file=sys.stderr)
        elif self._refused == _MOST_SHOWN + 1:
            print("more lines were refused; they are counted, not named", file=sys.stderr)

    def _conclude(self) -> None:
        refused = f"; {counted(self._refused, 'line was', 'lines were')} refused" if self._refused else ""
        left_out = f"; {counted(self._left_out, 'is', 'are')} left out by filters" if self._left_out else ""
        print(f"kept {counted(self._kept, 'event')} in {self.directory}{left_out}{refused}")
        if self._kept and self._settings.sinks and not is_drained_by_another(self.directory):
            print("no drainer is at work; `riverhead drain` sends them", file=sys.stderr)


def _event_of(line: bytes) -> Event:
    if len(line) > _LONGEST_LINE:
        raise UnreadableRecord(f"it is longer than {_LONGEST_LINE:,} bytes")
    return event_of(line)


def _opened(name: str) -> BinaryIO:
    if name == "-":
        # The descriptor is open by now, and leads nowhere; Python knew it before.
        if sys.stdin is None:
            raise ConfigurationError(
                "the standard input is closed, so there are no events to read; pipe them in, or name a file"
            )
        return os.fdopen(os.dup(0), "rb")
    try:
        return Path(name).open("rb")
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else "no name of a file"
        raise ConfigurationError(f"cannot read {printable(name)} ({said})") from error


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield numbered lines; of one that is far too long only its beginning is in memory."""
    number = 0
    while line := file.readline(_LONGEST_LINE + 1):
        number += 1
        while len(line) > _LONGEST_LINE and not line.endswith(b"\n"):
            rest = file.readline(_LONGEST_LINE)
            if not rest or rest.endswith(b"\n"):
                break
        yield number, line.removeprefix(_MARK) if number == 1 else line


def _size(file: BinaryIO) -> int:
    status = os.fstat(file.fileno())
    return status.st_size
