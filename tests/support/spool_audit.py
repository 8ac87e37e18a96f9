"""What hosts' spools accepted, kept from the moment it was written: it can be held against what was delivered."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING, Any

from riverhead_emitter.spool import segment
from riverhead_emitter.spool.reader import segments_in
from riverhead_emitter.understand import events_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Audit:
    """Keeps a hard link to every segment as soon as it appears, so that what was accepted can be read afterwards.

    A segment lives at least as long as the process that writes it, much longer than a look takes.
    """

    def __init__(self, spool: Path, kept: Path) -> None:
        self._spool = spool
        self._kept = kept
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        kept.mkdir()
        self._thread.start()

    def accepted(self) -> set[tuple[str, str, str]]:
        """Return (run, type, time) of every event that a host's accepted records mean."""
        self._is_over.set()
        self._thread.join()
        return {identity(event) for path in segments_in(self._kept) for event in events_in(path)}

    def _watch(self) -> None:
        while not self._is_over.wait(0.01):
            for path in self._spool.glob("*/*/*.seg"):
                with contextlib.suppress(FileExistsError, FileNotFoundError):
                    os.link(path, self._kept / path.name)


def events_in(path: Path) -> Iterator[dict[str, Any]]:
    lines = path.read_bytes()[segment.HEADER_LENGTH :].splitlines(keepends=True)
    for record in map(segment.record_of, lines):
        yield from events_of(record.run_id, record.body)


def identity(event: dict[str, Any]) -> tuple[str, str, str]:
    return event["run"]["runId"], event["eventType"], event["eventTime"]
