"""Dead letters: what a sink will never take, or nobody understands, with the reason beside it.

A person looks at them, mends what was wrong, and has them sent again or thrown away. Above a bound the oldest leave,
and are counted with what the spool's own bound has cost.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from riverhead_emitter.errors import Unavailable, UnreadableRecord
from riverhead_emitter.host_log import warn
from riverhead_emitter.redaction import REDACTION
from riverhead_emitter.spool import segment
from riverhead_emitter.spool.cap import LARGEST_ASIDE, count_dropped
from riverhead_emitter.spool.last_words import without_will
from riverhead_emitter.spool.locks import closed, let_go, lock_patiently
from riverhead_emitter.spool.writer import SpoolWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from riverhead_emitter.redaction import Redaction

DEAD_LETTERS = "dead.ndjson"
_BEING_SHORTENED = ".shortening"
_LOCK = "dead.lock"
_MOST_PATIENCE_SECONDS = 10.0
# In place of a letter's first byte: it was put back or thrown away. That needs no room, and is done or not.
_GONE = b"-"
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
    with contextlib.suppress(OSError), (directory / DEAD_LETTERS).open("rb") as file:
        return sum(1 for _ in _left_in(file))
    return 0


def letters_in(directory: Path) -> Iterator[Letter]:
    """Yield the dead letters, numbered from 1; one at a time is in memory."""
    with contextlib.suppress(OSError), (directory / DEAD_LETTERS).open("rb") as file:
        for number, (_, line) in enumerate(_left_in(file), 1):
            yield _letter(number, line)


def replay_letters(
    directory: Path, addresses: Iterable[str], is_wanted: Callable[[Letter], bool] = lambda _letter: True
) -> int:
    """Put dead letters back into the spool, each for the one sink that refused it; return how many.

    Damaged ones stay. They come behind what has been delivered since: their runs have gone on without them. Each is
    marked as gone once it is back, so a replay that is killed loses none, and repeats one at most.
    """
    with contextlib.closing(_WayBack(directory, addresses)) as way_back:
        return _taken_out(directory, lambda letter: is_wanted(letter) and way_back.is_taken_by(letter))


def purge_letters(directory: Path, is_wanted: Callable[[Letter], bool] = lambda _letter: True) -> int:
    """Throw dead letters away; return how many."""
    return _taken_out(directory, is_wanted)


class _WayBack:
    """Segments of letters' records, each for the sink that refused them and no other."""

    def __init__(self, directory: Path, addresses: Iterable[str]) -> None:
        self._directory = directory
        self._addresses = tuple(addresses)
        self._writers: dict[str, SpoolWriter] = {}

    def is_taken_by(self, letter: Letter) -> bool:
        """Put a letter's record back into the spool; False if it was damaged."""
        record = letter.record
        if record is None:
            return False
        if letter.sink not in self._writers:
            others = [address for address in self._addresses if address != letter.sink]
            self._writers[letter.sink] = SpoolWriter(self._directory, self._addresses, had_by=others)
        # This process ends soon, and says nothing for the one that it came from.
        self._writers[letter.sink].append(record.run_id, without_will(record.body))
        return True

    def close(self) -> None:
        """Let go of the segments, so that a drainer may remove them."""
        for writer in self._writers.values():
            writer.close()


def _taken_out(directory: Path, is_taken: Callable[[Letter], bool]) -> int:
    """Go through the letters and mark those that are taken, in place; what drainers add meanwhile is left alone."""
    path, taken = directory / DEAD_LETTERS, 0
    only = _only_one_taking(directory, _MOST_PATIENCE_SECONDS)
    with only, contextlib.suppress(FileNotFoundError), path.open("r+b") as file:
        end = os.fstat(file.fileno()).st_size
        for number, (start, line) in enumerate(_left_in(file), 1):
            if start >= end:
                break
            if is_taken(_letter(number, line)):
                os.pwrite(file.fileno(), _GONE, start)
                taken += 1
        if taken:
            _tidy(path)
    return taken


@contextlib.contextmanager
def _only_one_taking(directory: Path, patience_seconds: float) -> Iterator[None]:
    """Keep a second replay away, and whoever would put another file in the place of this one meanwhile."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        fd = os.open(directory / _LOCK, flags, 0o600)
    except OSError as error:
        raise Unavailable(f"cannot lock the dead letters in {directory}: {error.strerror}") from error
    try:
        lock_patiently(fd, patience_seconds)
        yield
    except OSError as error:
        raise Unavailable(f"cannot go through the dead letters in {directory}: {error.strerror}") from error
    finally:
        closed(fd)


def _append(directory: Path, text: bytes, largest: int) -> None:
    path = directory / DEAD_LETTERS
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            lock_patiently(fd)
            if not path.exists() or os.fstat(fd).st_ino != path.stat().st_ino:
                # Another took its place between our opening and locking it.
                return _append(directory, text, largest)
            size = os.fstat(fd).st_size
            # What cannot be made room for, on a full disk, stays.
            if 0 < size > largest - len(text) and _shortened(path, size, largest - len(text)):
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

    False if that cannot be done now: another process is just counting, or goes through the letters.
    """
    gone = letters = 0
    with contextlib.suppress(OSError, Unavailable), _only_one_taking(path.parent, 0.0), path.open("rb") as file:
        while size - gone > max(room * 3 // 4, 0):
            line = file.readline()
            gone += len(line)
            letters += not line.startswith(_GONE)
        if _is_kept(path, file, lambda: not letters or count_dropped(path.parent, letters, gone)):
            warn(__name__, "lineage: %s is full; its %s oldest dead letters were dropped", path.parent, letters)
            return True
    return False


def _tidy(path: Path) -> None:
    """Take those that are gone out of the file; where there is no room for a shorter one they stay in it, marked."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        lock_patiently(file.fileno())  # as whoever adds a letter does
        if next(_left_in(file), None) is None:
            path.unlink()
        else:
            file.seek(0)
            _is_kept(path, (line for _, line in _left_in(file)))
        let_go(file.fileno())


def _is_kept(path: Path, lines: Iterable[bytes], is_agreed: Callable[[], bool] = lambda: True) -> bool:
    """Put a file with only these lines in the place of this one, whole or not at all; False if that cannot be done."""
    aside = path.with_name(path.name + _BEING_SHORTENED)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    with contextlib.suppress(OSError):
        with os.fdopen(os.open(aside, flags, 0o600), "wb") as shorter:
            shorter.writelines(lines)
        if is_agreed():
            aside.replace(path)
            return True
    with contextlib.suppress(OSError):
        aside.unlink()
    return False


def _left_in(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of letters that are left, each with where it begins."""
    start = 0
    for line in file:
        if not line.startswith(_GONE):
            yield start, line
        start += len(line)


def _letter(number: int, line: bytes) -> Letter:
    try:
        found = json.loads(line)
        return Letter(number, float(found["time"]), str(found["sink"]), str(found["reason"]), found["line"].encode())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Letter(number, 0.0, "", "the letter itself is damaged", line)
