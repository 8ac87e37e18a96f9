"""Dead letters: what a sink will never take, or nobody understands, with the reason beside it.

A person looks at them, mends what was wrong, and has them sent again or thrown away.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from riverhead_emitter.errors import Unavailable, UnreadableRecord
from riverhead_emitter.redaction import scrubbed
from riverhead_emitter.spool import segment
from riverhead_emitter.spool.locks import closed, lock_for_life
from riverhead_emitter.spool.writer import SpoolWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

DEAD_LETTERS = "dead.ndjson"
_BEING_REPLAYED = ".replaying"
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


def bury(directory: Path, sink: str, line: bytes, reason: str) -> None:
    """Keep what cannot be delivered; raise Unavailable if there is no room for it."""
    reason = scrubbed(reason)[:_LONGEST_REASON]
    letter = {"time": time.time(), "sink": sink, "reason": reason, "line": line.decode("utf-8", "replace")}
    _append(directory, json.dumps(letter).encode() + b"\n")


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
    """Go through the letters under another name, so that drainers may add to them; what stays is put back."""
    aside = directory / (DEAD_LETTERS + _BEING_REPLAYED)
    if not aside.exists():
        with contextlib.suppress(FileNotFoundError):
            (directory / DEAD_LETTERS).rename(aside)
    if not aside.exists():
        return 0
    taken = 0
    with aside.open("rb") as file, contextlib.ExitStack() as writers:
        _wait_for_writers(file.fileno())
        by_sink: dict[str, SpoolWriter] = {}
        for number, line in enumerate(file, 1):
            letter = _letter(number, line)
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


def _append(directory: Path, text: bytes) -> None:
    path = directory / DEAD_LETTERS
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            _wait_for_writers(fd)
            if not path.exists() or os.fstat(fd).st_ino != path.stat().st_ino:
                # It was taken for a replay between our opening and locking it.
                return _append(directory, text)
            size = os.fstat(fd).st_size
            if size and os.pread(fd, 1, size - 1) != b"\n":
                text = b"\n" + text  # a drainer was killed within a letter
            if os.write(fd, text) != len(text):
                os.ftruncate(fd, size)
                raise Unavailable(f"no room for a dead letter in {directory}")
        finally:
            closed(fd)
    except OSError as error:
        raise Unavailable(f"cannot keep a dead letter: {error.strerror}") from error


def _wait_for_writers(fd: int) -> None:
    # Each holds it for one line.
    lock_for_life(fd, is_patient=True)


def _files(directory: Path) -> list[Path]:
    return [directory / (DEAD_LETTERS + _BEING_REPLAYED), directory / DEAD_LETTERS]


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
    except (ValueError, KeyError, TypeError, AttributeError):
        return Letter(number, 0.0, "", "the letter itself is damaged", line)
