"""Records on the disk itself, for whom power loss is a concern; several threads' records share one sync."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_sync = getattr(os, "fdatasync", os.fsync)


class GroupedSync:
    """Counts what was written and what of it is on the disk; who waits syncs for all who wrote before."""

    def __init__(self) -> None:
        # Reentrant: a signal's handler may emit while this thread is inside.
        self._lock = threading.RLock()
        self._written = 0
        self._synced = 0
        self._fd = -1

    def note(self, fd: int) -> int:
        """Count one record that was written to `fd`, by whoever holds the writer's lock."""
        self._written += 1
        self._fd = fd
        return self._written

    def wait_for(self, written: int) -> None:
        """Return once this record is on the disk; raises OSError if it cannot be."""
        with self._lock:
            if self._synced < written:
                reached = self._written
                _sync(self._fd)
                self._synced = reached

    def settle(self, fd: int) -> None:
        """Sync what is left before `fd` is closed."""
        with self._lock, contextlib.suppress(OSError):
            if self._synced < self._written:
                _sync(fd)
                self._synced = self._written

    def name_in(self, directory: Path) -> None:
        """Put a new name on the disk."""
        fd = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
