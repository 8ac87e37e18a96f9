"""One segment, open for one sink: a line after the other, and acknowledgements in place."""

from __future__ import annotations

import io
import os
import stat
import threading
from typing import TYPE_CHECKING

from riverhead_emitter.errors import UnreadableRecord
from riverhead_emitter.spool import segment
from riverhead_emitter.spool.locks import let_go, take

if TYPE_CHECKING:
    from pathlib import Path

# Not blocking, as somebody's pipe may bear a segment's name.
_FLAGS = os.O_RDWR | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_BUFFER = 1 << 16
# Two sinks of one process must not choose the same free slot.
_CHOOSING = threading.Lock()


class OpenSegment:
    """A segment that is read from where its sink has acknowledged, or from `offset`."""

    def __init__(self, path: Path, sink: bytes, offset: int | None = None) -> None:
        fd = os.open(path, _FLAGS)
        try:
            self._slot, acknowledged = segment.acknowledged(_header(fd), sink)
            self._is_own = False
            self.offset = acknowledged if offset is None else offset
            self._raw = io.FileIO(fd, "r+b")
            self._raw.seek(self.offset)
            self._file = io.BufferedReader(self._raw, _BUFFER)
        except BaseException:
            os.close(fd)
            raise
        self._sink = sink

    def line(self) -> bytes | None:
        """Return the next line, or None if there is none yet; one without an end has lost its writer for good."""
        line = self._file.readline()
        if line and not line.endswith(b"\n"):
            self.rewind(self.offset)
            if not self._has_lost_its_writer():
                return None
            # It may have been finished between our reading and its writer's end.
            line = self._file.readline()
        self.offset += len(line)
        return line or None

    def seek(self, offset: int) -> None:
        """Go on reading from here."""
        if offset != self.offset:
            self._file.seek(offset)
            self.offset = offset

    def rewind(self, offset: int) -> None:
        """Go on reading from here, and forget what was read ahead: its writer may take back what had no room."""
        self._file.detach()
        self._raw.seek(offset)
        self._file = io.BufferedReader(self._raw, _BUFFER)
        self.offset = offset

    def acknowledge(self, end: int) -> None:
        """Write down that the sink has everything up to `end`; needs no free space."""
        fd = self._file.fileno()
        if self._is_own:
            os.pwrite(fd, segment.slot_bytes(self._sink, end), self._slot)
            return
        with _CHOOSING:
            self._slot = segment.acknowledged(_header(fd), self._sink)[0]
            os.pwrite(fd, segment.slot_bytes(self._sink, end), self._slot)
        self._is_own = True

    def close(self) -> None:
        """Close it."""
        self._file.close()

    def _has_lost_its_writer(self) -> bool:
        fd = self._file.fileno()
        if not take(fd):
            return False
        let_go(fd)
        return True


def _header(fd: int) -> bytes:
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        raise UnreadableRecord("not a file")
    return os.pread(fd, segment.HEADER_LENGTH, 0)
