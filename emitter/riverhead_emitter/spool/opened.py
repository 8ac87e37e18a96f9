"""One segment, open for one sink: a line after the other, and acknowledgements in place."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import stat
import threading
from typing import TYPE_CHECKING

from riverhead_emitter.errors import UnreadableRecord
from riverhead_emitter.spool import segment
from riverhead_emitter.spool.locks import let_go, only_one_looks, take

if TYPE_CHECKING:
    from pathlib import Path

# Not blocking, as somebody's pipe may bear a segment's name.
_FLAGS = os.O_RDWR | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_BUFFER = _PIECE = 1 << 16
# Of what is longer, and does not begin like a record, only the beginning is kept in mind.
_LONGEST_LINE, _LONGEST_RECORD, _KEPT = (64 << 20) + 4096, (1 << 30) + 4096, 4096
_BEGINNING = re.compile(rb"[0-9a-f]{8} [0-9a-f]{16} ")
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
            found = os.fstat(fd)
            self._identity = found.st_dev, found.st_ino
            self._raw = io.FileIO(fd, "r+b", closefd=False)
            self._raw.seek(self.offset)
            self._file = io.BufferedReader(self._raw, _BUFFER)
        except BaseException:
            os.close(fd)
            raise
        self._sink = sink

    def line(self) -> bytes | None:
        """Return the next line, or None if there is none yet; one without an end has lost its writer for good."""
        line = self._readline()
        if line and not line.endswith(b"\n"):
            self.rewind(self.offset)
            torn = self._without_a_writer()
            if torn is None:
                return None
            line = torn
            if len(line) >= _LONGEST_LINE and not line.endswith(b"\n"):
                return self._overlong(line)
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
        if not self._is_ours():
            raise OSError(errno.EBADF, "the host has closed a segment that is being drained")
        if self._is_own:
            os.pwrite(fd, segment.slot_bytes(self._sink, end), self._slot)
            return
        with _CHOOSING:
            self._slot = segment.acknowledged(_header(fd), self._sink)[0]
            os.pwrite(fd, segment.slot_bytes(self._sink, end), self._slot)
        self._is_own = True

    def close(self) -> None:
        """Close it."""
        fd = self._file.fileno()
        self._file.close()
        if self._is_ours(fd):
            os.close(fd)

    def _is_ours(self, fd: int | None = None) -> bool:
        """True unless a host that closes all descriptors, as one that turns into a daemon does, has given ours away."""
        with contextlib.suppress(OSError):
            found = os.fstat(self._file.fileno() if fd is None else fd)
            return (found.st_dev, found.st_ino) == self._identity
        return False

    def _readline(self) -> bytes:
        line = self._file.readline(_LONGEST_LINE)
        is_cut = len(line) >= _LONGEST_LINE and not line.endswith(b"\n")
        # Only who asked for it by RIVERHEAD_EVENT_MAX_BYTES has records that long, and none holds a NUL.
        if is_cut and _BEGINNING.match(line) and b"\0" not in line:
            line += self._file.readline(_LONGEST_RECORD)
        return line

    def _overlong(self, line: bytes) -> bytes:
        """Pass what nobody has written, as a file system may leave it after a crash; return how it begins."""
        fd, at, mark = self._file.fileno(), self.offset + len(line), b""
        while not mark and (piece := os.pread(fd, _PIECE, at := _data_from(fd, at))):
            at, mark = (at + piece.index(b"\n") + 1, b"\n") if b"\n" in piece else (at + len(piece), b"")
        self.rewind(max(at, os.fstat(fd).st_size) if not mark else at)
        return line[:_KEPT] + mark

    def _without_a_writer(self) -> bytes | None:
        """Return the next line once more if its writer has died, else None."""
        fd = self._file.fileno()
        with only_one_looks():
            if not take(fd):
                return None
            try:
                # It may have been finished between our reading and its writer's end; and whoever says that one's last
                # words, another sink's thread, makes the line void: nobody does while we hold the lock.
                return self._readline()
            finally:
                let_go(fd)


def _data_from(fd: int, at: int) -> int:
    """Return where something stands from here on; a hole may be terabytes long."""
    try:
        return os.lseek(fd, at, os.SEEK_DATA) if hasattr(os, "SEEK_DATA") else at
    except OSError:  # nothing does, or nobody knows
        return max(at, os.fstat(fd).st_size) if hasattr(os, "SEEK_DATA") else at


def _header(fd: int) -> bytes:
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        raise UnreadableRecord("not a file")
    return os.pread(fd, segment.HEADER_LENGTH, 0)
