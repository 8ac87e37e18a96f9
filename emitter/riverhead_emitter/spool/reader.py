"""Reading a directory of segments for one sink: oldest record first, acknowledged in place.

Only one segment is open at a time, so that 20,000 of them fit under any limit on open files.
"""

from __future__ import annotations

import contextlib
import heapq
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from riverhead_emitter.errors import UnreadableRecord
from riverhead_emitter.spool import segment
from riverhead_emitter.spool.locks import take

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import BufferedRandom
    from pathlib import Path

# Between creating and locking a segment lies an instant; a hidden one this old has lost its writer.
_LEFT_BEHIND_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Pending:
    """A line that the sink has not acknowledged: a record, or, if it is damaged, only its bytes."""

    path: Path
    slot: int
    end: int
    line: bytes
    record: segment.Record | None


class SinkReader:
    """What one sink has not had yet; without an address, what no sink has had. One drainer reads a directory."""

    def __init__(self, directory: Path, address: str | None) -> None:
        self._directory = directory
        self._sink = segment.ANY if address is None else segment.sink_key(address)
        self._open_path: Path | None = None
        self._file: BufferedRandom | None = None

    def pending(self) -> Iterator[Pending]:
        """Yield unacknowledged lines by time over all segments; within a run that is the order of acceptance."""
        heap: list[tuple[int, str, int]] = []
        for path in segments_in(self._directory):
            # One that cannot be read (of a newer version, not a file) must not hold up the others.
            with contextlib.suppress(OSError, UnreadableRecord):
                self._push(heap, path, segment.acknowledged(self._header(path), self._sink)[1])
        while heap:
            _, name, offset = heapq.heappop(heap)
            pending = self._read(self._directory / name, offset)
            if pending is not None:
                yield pending
                self._push(heap, pending.path, pending.end)

    def acknowledge(self, pending: Pending) -> None:
        """Write down that the sink has everything up to this line; needs no free space."""
        file = self._opened(pending.path)
        file.seek(pending.slot)
        file.write(segment.slot_bytes(self._sink, pending.end))
        file.flush()

    def close(self) -> None:
        """Close the segment that is open, if any."""
        if self._file is not None:
            self._file.close()
        self._file = self._open_path = None

    def _push(self, heap: list[tuple[int, str, int]], path: Path, offset: int) -> None:
        pending = self._read(path, offset)
        if pending is not None:
            heapq.heappush(heap, (pending.record.time if pending.record else 0, path.name, offset))

    def _read(self, path: Path, offset: int) -> Pending | None:
        file = self._opened(path)
        file.seek(offset)
        line = file.readline()
        if line and not line.endswith(b"\n"):
            if not take(file.fileno()):
                return None  # its writer is not done yet
            # It may have been done between our reading and its end.
            file.seek(offset)
            line = file.readline()
        if not line:
            return None
        try:
            record: segment.Record | None = segment.record_of(line)
        except UnreadableRecord:
            record = None
        slot, _ = segment.acknowledged(self._header(path), self._sink)
        return Pending(path, slot, offset + len(line), line, record)

    def _header(self, path: Path) -> bytes:
        file = self._opened(path)
        file.seek(0)
        return file.read(segment.HEADER_LENGTH)

    def _opened(self, path: Path) -> BufferedRandom:
        if self._file is None or self._open_path != path:
            self.close()
            self._file, self._open_path = path.open("r+b"), path
        return self._file


def segments_in(directory: Path) -> list[Path]:
    """Return the directory's segments, oldest first."""
    return [path for path in _all_in(directory) if not path.name.startswith(".")]


def unreadable_in(directory: Path) -> list[Path]:
    """Return the segments that this version of Riverhead cannot read."""
    return [path for path in segments_in(directory) if not _is_readable(path)]


def remove_finished(directory: Path, addresses: Iterable[str]) -> int:
    """Remove segments that every sink has whole and no living process writes to; return how many."""
    sinks = [segment.sink_key(address) for address in addresses]
    if not sinks:
        return 0
    _remove_left_behind(directory)
    return sum(_removed(path, sinks) for path in segments_in(directory))


def _removed(path: Path, sinks: list[bytes]) -> bool:
    try:
        with path.open("r+b") as file:
            if not take(file.fileno()):
                return False
            header = file.read(segment.HEADER_LENGTH)
            size = file.seek(0, os.SEEK_END)
            is_done = all(segment.acknowledged(header, sink)[1] >= size for sink in sinks)
            if is_done:
                path.unlink()
            return is_done
    except (OSError, UnreadableRecord):
        return False


def is_anything_waiting(directory: Path, addresses: Iterable[str]) -> bool:
    """True if some sink at these addresses has not had everything."""
    for address in addresses:
        reader = SinkReader(directory, address)
        try:
            if next(reader.pending(), None) is not None:
                return True
        except OSError:
            pass  # a segment was removed while we looked, so its sinks had it
        finally:
            reader.close()
    return False


def waiting_in(directory: Path, addresses: Iterable[str]) -> tuple[int, int]:
    """Return how many records, and bytes of them, some sink at these addresses has not had.

    Without addresses nobody knows where they are to go: whatever some sink has had does not wait.
    """
    records = size = 0
    asked: list[str | None] = [*addresses] or [None]
    for address in asked:
        reader = SinkReader(directory, address)
        # A drainer may remove a segment while we count.
        with contextlib.suppress(OSError):
            for pending in reader.pending():
                records += 1
                size += len(pending.line)
        reader.close()
    return records, size


def _is_readable(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            segment.acknowledged(file.read(segment.HEADER_LENGTH), segment.FREE)
    except FileNotFoundError:
        return True  # drained and removed since we looked
    except (OSError, UnreadableRecord):
        return False
    return True


def _all_in(directory: Path) -> list[Path]:
    try:
        return sorted(path for path in directory.iterdir() if path.name.endswith(segment.SUFFIX))
    except OSError:
        return []


def _remove_left_behind(directory: Path) -> None:
    """Remove what writers that were killed while opening a segment never showed; nothing in it was accepted."""
    for path in _all_in(directory):
        if path.name.startswith("."):
            with contextlib.suppress(OSError), path.open("rb") as file:
                age = time.time() - os.fstat(file.fileno()).st_mtime
                if age > _LEFT_BEHIND_SECONDS and take(file.fileno()):
                    path.unlink()
