"""Dead letters: what a sink will never take, or nobody understands, with the reason beside it.

A person looks at them, mends what was wrong, and has them sent again or thrown away. Above a bound the oldest leave,
and are counted with what the spool's own bound has cost.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import os
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from riverhead_emitter.errors import Unavailable, UnreadableRecord
from riverhead_emitter.redaction import REDACTION
from riverhead_emitter.spool import segment
from riverhead_emitter.spool.cap import LARGEST_ASIDE, count_dropped
from riverhead_emitter.spool.locks import closed, lock_patiently
from riverhead_emitter.spool.writer import SpoolWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from riverhead_emitter.redaction import Redaction

log = logging.getLogger(__name__)

DEAD_LETTERS = "dead.ndjson"
_BEING_REPLAYED, _BEING_SHORTENED = ".replaying", ".shortening"
_ASIDE = re.compile(re.escape(DEAD_LETTERS + _BEING_REPLAYED) + "[0-9]*")
_LOCK = "dead.lock"
_MOST_PATIENCE_SECONDS = 10.0
_PIECE = 1 << 20
_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Letter:
    """One record that nobody would take; without a run if its line was damaged."""

    number: int
    time: float
    sink: str
    reason: str
    line: bytes

    @property
    def record(self) -> segment.Record | None:
        """What it says, or None if it was damaged."""
        with contextlib.suppress(UnreadableRecord):
            return segment.record_of(self.line)
        return None


def bury(
    directory: Path,
    sink: str,
    line: bytes,
    reason: str,
    *,
    redaction: Redaction = REDACTION,
    largest: int = LARGEST_ASIDE,
) -> None:
    """Keep what cannot be delivered; raise Unavailable if there is no room for it.

    The newest letter is kept, whatever its size; older ones leave when there are more than `largest` bytes of them.
    """
    reason = redaction.scrubbed(reason)[:_LONGEST_REASON]
    letter = {"time": time.time(), "sink": sink, "reason": reason, "line": line.decode("utf-8", "replace")}
    _append(directory, json.dumps(letter).encode() + b"\n", largest)


def dead_letters_in(directory: Path) -> int:
    """Return how many records nobody would take."""
    return sum(1 for path in _files(directory) for _ in _lines(path))


def letters_in(directory: Path) -> Iterator[Letter]:
    """Yield the dead letters, numbered from 1; one at a time is in memory."""
    lines = (line for path in _files(directory) for line in _lines(path))
    return (_letter(number, line) for number, line in enumerate(lines, 1))


def replay_letters(
    directory: Path, addresses: Iterable[str], is_wanted: Callable[[Letter], bool] = lambda _letter: True
) -> int:
    """Put dead letters back into the spool, each for the one sink that refused it; return how many.

    Damaged ones stay. They come behind what has been delivered since: their runs have gone on without them.
    """
    return _taken_out(directory, addresses, is_wanted)


def purge_letters(directory: Path, is_wanted: Callable[[Letter], bool] = lambda _letter: True) -> int:
    """Throw dead letters away; return how many."""
    return _taken_out(directory, None, is_wanted)


def _taken_out(directory: Path, addresses: Iterable[str] | None, is_wanted: Callable[[Letter], bool]) -> int:
    """Go through the letters under other names, so that drainers may add to them; what stays is put back.

    A replay that was killed has left some under such a name: they come first, and all are numbered as they are listed.
    """
    taken, numbers = 0, itertools.count(1)
    with _only_one_taking(directory), contextlib.ExitStack() as writers:
        _put_aside(directory)
        by_sink: dict[str, SpoolWriter] = {}
        for aside in _aside_in(directory):
            with aside.open("rb") as file:
                _wait_for_writers(file.fileno())
                for line in file:
                    letter = _letter(next(numbers), line)
                    if not is_wanted(letter) or (addresses is not None and letter.record is None):
                        _append(directory, line)
                        continue
                    if addresses is not None and letter.record is not None:
                        if letter.sink not in by_sink:
                            others = [address for address in addresses if address != letter.sink]
                            writer = SpoolWriter(directory, addresses, had_by=others)
                            by_sink[letter.sink] = writers.enter_context(contextlib.closing(writer))
                        by_sink[letter.sink].append(letter.record.run_id, letter.record.body)
                    taken += 1
            aside.unlink()
    return taken


@contextlib.contextmanager
def _only_one_taking(directory: Path) -> Iterator[None]:
    """Keep a second replay away, which would send every letter twice, or put back what this one throws away."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        fd = os.open(directory / _LOCK, flags, 0o600)
    except OSError as error:
        raise Unavailable(f"cannot lock the dead letters in {directory}: {error.strerror}") from error
    try:
        lock_patiently(fd, _MOST_PATIENCE_SECONDS)
        yield
    except OSError as error:
        raise Unavailable(f"cannot go through the dead letters in {directory}: {error.strerror}") from error
    finally:
        closed(fd)


def _put_aside(directory: Path) -> None:
    """Give today's letters a name behind those that a killed replay has left."""
    last = next(reversed(_aside_in(directory)), None)
    number = int(last.name.rpartition(_BEING_REPLAYED)[2] or 0) + 1 if last else ""
    with contextlib.suppress(FileNotFoundError):
        (directory / DEAD_LETTERS).rename(directory / f"{DEAD_LETTERS}{_BEING_REPLAYED}{number}")


def _aside_in(directory: Path) -> list[Path]:
    """Return what replays have put aside, oldest first."""
    found = [path for path in directory.glob(f"{DEAD_LETTERS}{_BEING_REPLAYED}*") if _ASIDE.fullmatch(path.name)]
    return sorted(found, key=lambda path: (len(path.name), path.name))


def _append(directory: Path, text: bytes, largest: int | None = None) -> None:
    path = directory / DEAD_LETTERS
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            _wait_for_writers(fd)
            if not path.exists() or os.fstat(fd).st_ino != path.stat().st_ino:
                # It was taken for a replay between our opening and locking it.
                return _append(directory, text, largest)
            size = os.fstat(fd).st_size
            # What cannot be made room for, on a full disk, stays.
            if largest is not None and 0 < size > largest - len(text) and _shortened(path, size, largest - len(text)):
                return _append(directory, text, largest)
            if size and os.pread(fd, 1, size - 1) != b"\n":
                text = b"\n" + text  # a drainer was killed within a letter
            if os.write(fd, text) != len(text):
                os.ftruncate(fd, size)
                raise Unavailable(f"no room for a dead letter in {directory}")
        finally:
            closed(fd)
    except OSError as error:
        raise Unavailable(f"cannot keep a dead letter: {error.strerror}") from error


def _shortened(path: Path, size: int, room: int) -> bool:
    """Put a file without the oldest letters in the place of this one, so that it is not soon too large again.

    False if that cannot be done, or another process is just counting.
    """
    aside = path.with_name(path.name + _BEING_SHORTENED)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    with contextlib.suppress(OSError), path.open("rb") as file:
        gone = letters = 0
        while size - gone > max(room * 3 // 4, 0):
            gone += len(file.readline())
            letters += 1
        with os.fdopen(os.open(aside, flags, 0o600), "wb") as shorter:
            while piece := file.read(_PIECE):
                shorter.write(piece)
        if count_dropped(path.parent, letters, gone):
            aside.replace(path)
            log.warning("lineage: %s is full; its %s oldest dead letters were dropped", path.parent, letters)
            return True
    with contextlib.suppress(OSError):
        aside.unlink()
    return False


def _wait_for_writers(fd: int) -> None:
    # Each holds it for one line.
    lock_patiently(fd)


def _files(directory: Path) -> list[Path]:
    return [*_aside_in(directory), directory / DEAD_LETTERS]


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except OSError:
        return


def _letter(number: int, line: bytes) -> Letter:
    try:
        found = json.loads(line)
        return Letter(number, float(found["time"]), str(found["sink"]), str(found["reason"]), found["line"].encode())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Letter(number, 0.0, "", "the letter itself is damaged", line)
