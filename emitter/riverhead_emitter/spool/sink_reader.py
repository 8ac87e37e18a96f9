"""What one sink has not had: over all segments, oldest record first, acknowledged in place.

Order is promised per run within one process, and between processes where one record was accepted before the other was
made: they are sorted by the machine's clock. For that, a tour hands out only what was there before it listed the
directory; a segment that appears in between may hold something older than what came behind it elsewhere. Segments are
opened when their turn comes, few at a time, so that 20,000 of them fit under any limit on open files and cost no wait.
"""

from __future__ import annotations

import contextlib
import heapq
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from riverhead_emitter.errors import UnreadableRecord
from riverhead_emitter.spool import segment
from riverhead_emitter.spool.listing import begun, sizes_in
from riverhead_emitter.spool.opened import OpenSegment
from riverhead_emitter.spool.tail import is_void

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOST_OPEN = 16
# So much of records is kept in mind while they wait for their turn; what is more is read twice.
_MOST_KEPT = 32 << 20


@dataclass(frozen=True, slots=True)
class Pending:
    """A line that the sink has not acknowledged: a record, or, if it is damaged, only its bytes."""

    name: str  # of its segment
    start: int
    line: bytes
    record: segment.Record | None
    time: int
    unread: int = 0  # bytes of a line that is too long to be one

    @property
    def end(self) -> int:
        """Where the next line begins."""
        return self.start + len(self.line) + self.unread

    @property
    def is_torn(self) -> bool:
        """True if its writer was killed within the line, which so was never accepted; it may have been ended since."""
        return not self.line.endswith(b"\n") or is_void(self.line)


class SinkReader:
    """What one sink has not had yet; without an address, what no sink has had. One drainer reads a directory."""

    def __init__(self, directory: Path, address: str | None) -> None:
        self._directory = directory
        self._sink = segment.ANY if address is None else segment.sink_key(address)
        self._open: dict[str, OpenSegment] = {}
        self._lock = threading.RLock()
        self._sizes: dict[str, int] = {}
        self._acknowledged: dict[str, int] = {}
        self.is_all_seen = True
        # Segments that this sink has whole, as far as we know.
        self.finished: set[str] = set()

    def pending(self, now: int | None = None) -> Iterator[Pending]:
        """Yield unacknowledged lines by time; with `now`, only what was there before this tour, or an earlier one.

        `is_all_seen` says afterwards whether something was left for the next tour.
        """
        before, self._sizes = self._sizes, sizes_in(self._directory)
        self._acknowledged = {name: end for name, end in self._acknowledged.items() if name in self._sizes}
        self.finished &= self._sizes.keys()
        self.is_all_seen = True
        names = [name for name, size in self._sizes.items() if self._acknowledged.get(name) != size]
        for pending in self._merged(names):
            # A record whose time is still to come was written before somebody set the clock back.
            if now is not None and pending.time >= now and pending.end > before.get(pending.name, 0):
                self.is_all_seen = False
                return
            yield pending

    def acknowledge(self, pending: Pending) -> None:
        """Write down that the sink has everything up to this line; needs no free space."""
        # The cap may have taken it away since, and has counted what was left in it.
        with self._lock, contextlib.suppress(FileNotFoundError):
            self._opened(pending.name, pending.end).acknowledge(pending.end)
        self._note(pending.name, pending.end)

    def dismiss(self, names: set[str]) -> None:
        """Let go of finished segments that somebody has seen to."""
        self.finished -= names
        with self._lock:
            for name in names & self._open.keys():
                self._open.pop(name).close()

    def forget(self) -> None:
        """Believe only what is on the disk, where another drainer may have been at work."""
        self.close()
        self._acknowledged.clear()
        self._sizes.clear()
        self.finished.clear()

    def close(self) -> None:
        """Close the segments that are open."""
        with self._lock:
            for opened in self._open.values():
                opened.close()
            self._open.clear()

    def _merged(self, names: list[str]) -> Iterator[Pending]:
        heap: list[tuple[int, str, int]] = []
        kept: dict[str, Pending] = {}
        at = size = 0
        while True:
            while at < len(names) and (not heap or begun(names[at]) <= heap[0][0]):
                size += _push(heap, kept, self._first_in(names[at]), size)
                at += 1
            if not heap:
                return
            time, name, start = heapq.heappop(heap)
            pending = kept.pop(name, None)
            size -= len(pending.line) if pending else 0
            pending = pending or self._next_in(name, start, time)
            if pending is not None:
                yield pending
                size += _push(heap, kept, self._next_in(name, pending.end, pending.time), size)

    def _first_in(self, name: str) -> Pending | None:
        """Return the first line that is not acknowledged."""
        start = self._acknowledged.get(name)
        with self._lock:
            if start is None:
                opened = self._open.pop(name, None)
                if opened is not None:
                    opened.close()
            try:
                start = self._opened(name, start).offset if start is None else start
            except (OSError, UnreadableRecord):
                return None  # of a newer version, not to be read, or gone: it must not hold up the others
        pending = self._next_in(name, start, begun(name))
        if pending is None:
            self._note(name, start)
        return pending

    def _next_in(self, name: str, start: int, time: int) -> Pending | None:
        with self._lock:
            try:
                opened = self._opened(name, start)
                opened.seek(start)
                read, pending = None, _pending(name, start, opened.line(), time, opened)
                while pending is not None and pending.record is None and pending != read:
                    # Half of it may have been read before its writer, out of room, took it back and wrote another, or
                    # before somebody else made it void: so until it is the same twice.
                    opened.rewind(start)
                    read, pending = pending, _pending(name, start, opened.line(), time, opened)
            except OSError:
                return None
        return pending

    def _note(self, name: str, end: int) -> None:
        self._acknowledged[name] = end
        if end >= self._sizes.get(name, 0):
            self.finished.add(name)

    def _opened(self, name: str, offset: int | None) -> OpenSegment:
        opened = self._open.pop(name, None)
        if opened is None:
            if len(self._open) >= _MOST_OPEN:
                self._open.pop(next(iter(self._open))).close()
            opened = OpenSegment(self._directory / name, self._sink, offset)
        self._open[name] = opened
        return opened


def _pending(name: str, start: int, line: bytes | None, time: int, opened: OpenSegment) -> Pending | None:
    if line is None:
        return None
    try:
        record = segment.record_of(line)
    except UnreadableRecord:
        return Pending(name, start, line, None, time, opened.offset - start - len(line))
    return Pending(name, start, line, record, record.time)


def _push(heap: list[tuple[int, str, int]], kept: dict[str, Pending], pending: Pending | None, size: int) -> int:
    """Queue a line; return how much of it is kept in mind."""
    if pending is None:
        return 0
    heapq.heappush(heap, (pending.time, pending.name, pending.start))
    if size + len(pending.line) > _MOST_KEPT:
        return 0
    kept[pending.name] = pending
    return len(pending.line)
