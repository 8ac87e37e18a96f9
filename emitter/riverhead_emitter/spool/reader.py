"""What of a directory waits, what is finished and may go, and what this version cannot read."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING, NamedTuple

from riverhead_emitter.errors import Unavailable, UnreadableRecord
from riverhead_emitter.spool import segment
from riverhead_emitter.spool.listing import names_in, segments_in, sizes_in
from riverhead_emitter.spool.locks import let_go, only_one_looks, take
from riverhead_emitter.spool.sink_reader import SinkReader
from riverhead_emitter.spool.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from riverhead_emitter.spool.sink_reader import Pending

__all__ = [
    "Waiting",
    "is_anything_waiting",
    "pending_in",
    "remove_finished",
    "remove_left_behind",
    "segments_in",
    "unreadable_in",
    "waiting_in",
]

# Between creating and locking a segment lies an instant; a hidden one this old has lost its writer.
_LEFT_BEHIND_SECONDS = 60.0


def unreadable_in(directory: Path) -> list[Path]:
    """Return the segments that this version of Riverhead cannot read."""
    return [path for path in segments_in(directory) if not _is_readable(path)]


def remove_finished(
    directory: Path, addresses: Iterable[str], names: Iterable[str] | None = None, watch: Watch | None = None
) -> set[str]:
    """Remove segments (those named, or all) that every sink has whole and no living process writes to.

    One whose writer has died without a word stays, with the last words in it. Returns the names of those that are worth
    another look: a writer lives, or there is no room for its last words.
    """
    sinks = [segment.sink_key(address) for address in addresses]
    if not sinks:
        return set()
    watch = watch or Watch()
    asked = [*sizes_in(directory)] if names is None else [*names]
    return {name for name in asked if not _is_settled(directory / name, sinks, watch)}


def _is_settled(path: Path, sinks: list[bytes], watch: Watch) -> bool:
    """Remove a segment if it is finished; False if only its writer keeps it."""
    try:
        with path.open("r+b", buffering=0) as file, only_one_looks():
            fd = file.fileno()
            header = file.read(segment.HEADER_LENGTH)
            furthest_behind = min(segment.acknowledged(header, sink)[1] for sink in sinks)
            if not take(fd):
                watch.finds_alive(path.name)
                return False
            try:
                # Its writer may have added something before it ended; or somebody else has removed it just now.
                is_there = os.fstat(fd).st_nlink > 0
                if is_there and not watch.finds_dead(path.name, fd) and furthest_behind >= os.fstat(fd).st_size:
                    path.unlink()
            finally:
                let_go(fd)  # this process may have been forked meanwhile
    except Unavailable:
        return False
    except (OSError, UnreadableRecord):
        watch.forget(path.name)
    return True


def is_anything_waiting(directory: Path, addresses: Iterable[str]) -> bool:
    """True if some sink at these addresses has not had everything."""
    for address in addresses:
        with contextlib.closing(SinkReader(directory, address)) as reader:
            if next(reader.pending(), None) is not None:
                return True
    return False


class Waiting(NamedTuple):
    """What waits in a directory: records, each for each sink that has not had it, and since when."""

    records: int
    bytes: int
    oldest: float | None


def waiting_in(directory: Path, addresses: Iterable[str]) -> Waiting:
    """Return how much some sink at these addresses has not had."""
    records = size = 0
    oldest: int | None = None
    for _, pending in pending_in(directory, addresses):
        records += 1
        size += len(pending.line)
        oldest = pending.time if oldest is None else min(oldest, pending.time)
    return Waiting(records, size, None if oldest is None else oldest / 1e9)


def pending_in(directory: Path, addresses: Iterable[str]) -> Iterator[tuple[str | None, Pending]]:
    """Yield each accepted record that a sink at one of these addresses has not had, beside that address.

    Without addresses nobody knows where they are to go: whatever some sink has had does not wait.
    """
    asked: list[str | None] = [*addresses] or [None]
    for address in asked:
        with contextlib.closing(SinkReader(directory, address)) as reader:
            for pending in reader.pending():
                if not pending.is_torn:
                    yield address, pending


def remove_left_behind(directory: Path) -> None:
    """Remove what writers that were killed while opening a segment never showed; nothing in it was accepted."""
    for name in names_in(directory):
        if name.startswith("."):
            path = directory / name
            with contextlib.suppress(OSError), path.open("rb") as file:
                age = time.time() - os.fstat(file.fileno()).st_mtime
                if age > _LEFT_BEHIND_SECONDS and take(file.fileno()):
                    path.unlink()


def _is_readable(path: Path) -> bool:
    try:
        if not path.is_file():
            return path.is_symlink() or not path.exists()
        with path.open("rb") as file:
            segment.acknowledged(file.read(segment.HEADER_LENGTH), segment.FREE)
    except FileNotFoundError:
        return True  # drained and removed since we looked
    except (OSError, UnreadableRecord):
        return False
    return True
