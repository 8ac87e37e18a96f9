"""What a sink has had of records that are still to come for it: some of their events, or all, before one it refused.

The spool remembers only up to where a sink has everything. This remembers what lies ahead of that, from one drainer to
the next, so that nothing comes twice unless a drainer was killed.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from riverhead_emitter.delivery.quarantine import QUARANTINE
from riverhead_emitter.spool import segment
from riverhead_emitter.spool.notes import keep_note

if TYPE_CHECKING:
    from pathlib import Path

AHEAD = "ahead-{}.json"


class Ahead:
    """One sink's notes: where a record stands (its file, and where in it), and how many of its events the sink has."""

    def __init__(self, directory: Path, sink: str) -> None:
        self._directory = directory
        self._path = directory / AHEAD.format(segment.sink_key(sink).decode())
        self._noted: dict[str, int] = {}
        self._kept: dict[str, int] = {}

    def begin(self) -> None:
        """Read what the last drainer has left; what it noted of files that are gone is forgotten."""
        self._kept = _read(self._path)
        self._noted = {place: done for place, done in self._kept.items() if self._is_there(place)}

    def had_of(self, place: str) -> int:
        """Return how many of a record's events the sink has had."""
        return self._noted.get(place, 0)

    def note(self, place: str, done: int) -> None:
        """Note how many of a record's events the sink has had, if any."""
        if done:
            self._noted[place] = done

    def forget(self, place: str) -> None:
        """Forget a record that will not come again."""
        self._noted.pop(place, None)

    def keep(self) -> None:
        """Write it down for the next drainer; where there is no room, things may come twice."""
        if self._noted == self._kept:
            return
        if self._noted:
            if keep_note(self._path, self._noted):
                self._kept = dict(self._noted)
            return
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
            self._kept = {}

    def _is_there(self, place: str) -> bool:
        name = place.partition(":")[0]
        return (self._directory / name).exists() or (self._directory / QUARANTINE / name).exists()


def _read(path: Path) -> dict[str, int]:
    try:
        found = json.loads(path.read_bytes())
        return {str(place): int(done) for place, done in found.items() if int(done) > 0 and "/" not in place}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}
