"""The most that a directory may hold: above it the oldest closed segment leaves, and what it held is counted.

A segment that a living process writes to stays, and so does one of another version. Dead letters and what is in
quarantine have bounds of their own, each a quarter of this one; what leaves them is counted here, too. What is counted
as dropped may have been on its way at that moment: the count is never too small.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from riverhead_emitter.errors import UnreadableRecord
from riverhead_emitter.host_log import warn
from riverhead_emitter.spool import segment
from riverhead_emitter.spool.last_words import standing_in
from riverhead_emitter.spool.listing import sizes_in
from riverhead_emitter.spool.locks import closed, let_go, take
from riverhead_emitter.spool.places import sinks_among

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

DROPPED = "dropped.json"
# What dead letters may take, and as much again what is in quarantine.
SHARE_ASIDE = 4
LARGEST_ASIDE = (1 << 30) // SHARE_ASIDE
_LENGTH = 256
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Dropped:
    """What had to leave a directory so far, although it had been accepted."""

    records: int = 0
    bytes: int = 0
    segments: int = 0
    since: float = 0.0
    last: float = 0.0


def dropped_in(directory: Path) -> Dropped:
    """Return what the cap has cost so far."""
    try:
        return _counted(_noted((directory / DROPPED).read_bytes()))
    except OSError:
        return Dropped()


def keep_within(directory: Path, largest: int, destination: Iterable[str]) -> int:
    """Remove the oldest closed segments until the rest fits; return how many accepted records left with them."""
    sizes = sizes_in(directory)
    excess = sum(sizes.values()) - largest
    if excess <= 0:
        return 0
    sinks, records = [segment.sink_key(address) for address in sinks_among(destination)], 0
    for name, size in sizes.items():
        if excess > 0:
            with contextlib.suppress(OSError, UnreadableRecord):
                removed = _removed(directory / name, sinks)
                if removed is not None:
                    excess -= size
                    records += removed
    if records:
        warn(
            __name__,
            "lineage: %s holds more than RIVERHEAD_SPOOL_MAX_BYTES=%s allows; its %s oldest records were dropped",
            directory, largest, records,
        )  # fmt: skip
    return records


def throw_away(directory: Path, destination: Iterable[str]) -> int:
    """Remove every closed segment, because a person asked for it; return how many records went unsent with them."""
    sinks, records = [segment.sink_key(address) for address in sinks_among(destination)], 0
    for name in sizes_in(directory):
        with contextlib.suppress(OSError, UnreadableRecord):
            records += _removed(directory / name, sinks, is_counted=False) or 0
    return records


def _removed(path: Path, sinks: list[bytes], *, is_counted: bool = True) -> int | None:
    """Remove a segment; return how many records went unsent with it, or None if it has to stay."""
    with path.open("r+b", buffering=0) as file:
        if not take(file.fileno()):
            return None
        header = os.pread(file.fileno(), segment.HEADER_LENGTH, 0)
        had = min(segment.acknowledged(header, sink)[1] for sink in sinks or [segment.ANY])
        records = 0
        file.seek(had)
        while piece := file.read(_PIECE):
            records += piece.count(b"\n")
        # What its writer's last words would have been leaves, too.
        records += len(standing_in(file.fileno()).wills) if is_counted else 0
        size = max(os.fstat(file.fileno()).st_size - had, 0)
        # Counted first: a host that is killed in between counts too many, never too few.
        if is_counted and records and not count_dropped(path.parent, records, size, segments=1):
            let_go(file.fileno())
            return None
        path.unlink()
    return records


def count_dropped(directory: Path, records: int, size: int, segments: int = 0) -> bool:
    """Add to what is counted; False if another process is just doing so, OSError if it cannot be."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    fd = os.open(directory / DROPPED, flags, 0o600)
    try:
        if not take(fd):
            return False
        length = os.fstat(fd).st_size
        noted, now = _noted(os.pread(fd, length, 0)), time.time()
        last = _counted(noted)
        dropped = Dropped(last.records + records, last.bytes + size, last.segments + segments, last.since or now, now)
        # Never shorter than before, so that it is rewritten in place where there is no room.
        text = json.dumps({**noted, **asdict(dropped)}).encode().ljust(max(length, _LENGTH) - 1) + b"\n"
        return os.pwrite(fd, text, 0) == len(text)
    finally:
        closed(fd)


def _noted(text: bytes) -> dict[str, Any]:
    try:
        noted = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return noted if isinstance(noted, dict) else {}


def _counted(noted: Mapping[str, Any]) -> Dropped:
    """Return what was counted, whatever else another version has noted beside it."""
    return Dropped(**{name: noted[name] for name in Dropped.__slots__ if isinstance(noted.get(name), int | float)})
