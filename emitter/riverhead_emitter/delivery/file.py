"""Events into a file: one line each, or, as the official client does without `append`, one file each."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING

from riverhead_emitter.delivery.sender import Answer, Delivered, NotNow
from riverhead_emitter.delivery.turns import one_by_one

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riverhead_emitter.delivery.sender import Parcel
    from riverhead_emitter.settings import FileSink


# Not blocking, as it may be a pipe.
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class FileSender:
    """Writes events to a path."""

    def __init__(self, sink: FileSink) -> None:
        self.address = sink.address
        self._path = Path(sink.path)
        self._is_appended = sink.is_appended

    def send(self, parcels: Iterable[Parcel], seconds: float) -> Iterator[Answer]:
        """Append each event as one line, or write it to a file of its own."""
        return one_by_one(parcels, seconds, self._deliver)

    def _deliver(self, parcel: Parcel, seconds: float) -> Answer:  # noqa: ARG002 - a file answers at once
        path = self._path if self._is_appended else self._path.with_name(f"{self._path.name}-{time.time_ns()}.json")
        line = parcel.event + b"\n"
        try:
            fd = os.open(path, _FLAGS, 0o600)
            try:
                if not _is_fit(fd):
                    return NotNow(f"{path} is neither a file nor a device; name a file, or use the console")
                if _ends_torn(fd):
                    line = b"\n" + line
                written = os.write(fd, line)
                if written != len(line):
                    os.ftruncate(fd, os.fstat(fd).st_size - written)
                    return NotNow(f"no room to write to {path}")
            finally:
                os.close(fd)
        except OSError as error:
            return NotNow(f"cannot write to {path}: {error.strerror}")
        return Delivered()

    def close(self) -> None:
        """Nothing is kept open."""


def _is_fit(fd: int) -> bool:
    # A pipe is full as soon as nobody reads it, and keeps nothing.
    mode = os.fstat(fd).st_mode
    return stat.S_ISREG(mode) or stat.S_ISCHR(mode)


def _ends_torn(fd: int) -> bool:
    """True if whoever wrote last was killed within a line; the next one must not continue it."""
    size = os.fstat(fd).st_size
    return size > 0 and os.pread(fd, 1, size - 1) != b"\n"
