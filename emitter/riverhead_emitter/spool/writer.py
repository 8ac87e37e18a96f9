"""Appending records to this process's own segment.

A record that was accepted survives SIGKILL: it is in the kernel's hands as one write. Nothing here waits for a
network, another process or a lock that another process holds.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import threading
import time
from typing import TYPE_CHECKING
from weakref import WeakSet

from riverhead_emitter.errors import Unavailable
from riverhead_emitter.host_signals import let_through
from riverhead_emitter.loading import loading
from riverhead_emitter.spool import segment
from riverhead_emitter.spool.held import MOST_HELD, HeldSegments, status_of
from riverhead_emitter.spool.locks import lock_for_life
from riverhead_emitter.spool.places import is_time_to_look, make_private, note_addresses
from riverhead_emitter.spool.tail import is_added

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from riverhead_emitter.spool.syncing import GroupedSync

LARGEST_SEGMENT = 8 << 20
LARGEST_SPOOL = 1 << 30


# Not one hook each: what hangs on a hook is never thrown away.
_WRITERS: WeakSet[SpoolWriter] = WeakSet()


class SpoolWriter:
    """One process's open segment; a forked child opens its own."""

    def __init__(
        self,
        directory: Path,
        destination: Iterable[str] = (),
        *,
        largest_spool_bytes: int = LARGEST_SPOOL,
        is_synced: bool = False,
        had_by: Iterable[str] = (),
    ) -> None:
        """Write to `directory`, which is that of `destination`; the sinks in `had_by` need none of this.

        `is_synced`: a record is on the disk itself, not only in the kernel's hands, before it counts as accepted.
        """
        self._directory = directory
        self._destination = tuple(destination)
        self._had_by = tuple(had_by)
        self._largest_spool_bytes = largest_spool_bytes
        # Only a closed segment can make room, so none is a large part of the whole.
        self._largest_segment = min(LARGEST_SEGMENT, max(largest_spool_bytes // 8, 1 << 14))
        self._is_synced = is_synced
        self._sync = self._new_sync()
        # Reentrant: a signal's handler may emit while this thread is inside.
        self._lock = threading.RLock()
        self._fd = -1
        self._size = 0
        self._is_whole = True
        # The runs whose wills stand in the segment, and older segments with such runs.
        self._open_wills: set[str] = set()
        self._held = HeldSegments(is_synced=is_synced)
        self._pid = 0
        self._identity = (0, 0)
        self._last_time = 0
        _WRITERS.add(self)

    def __del__(self) -> None:
        """Let go of the segment of a writer that was thrown away."""
        with contextlib.suppress(Exception):
            self._release()

    def append(self, run_id: str, body: bytes, *, is_open: bool | None = None) -> None:
        """Accept one record; raise Unavailable if it could not be written whole.

        `is_open`: True if it holds a will of its run, False if its run needs none any more.
        """
        with self._alone():
            # What says or revokes a will stands where the run's will stands, however full that is.
            is_held = is_open is not None and self._held.has(run_id)
            if not is_held and self._needs_another(is_beside_will=is_open is not None and run_id in self._open_wills):
                self._open()
                is_held = is_open is not None and self._held.has(run_id)
            line = segment.line_of(segment.Record(self._now(), run_id, body))
            if is_held:
                self._write_to_held(run_id, line, is_open=is_open is True)
                return
            if is_open:
                self._write_will(run_id, line)
            else:
                self._write(line)
            if is_open is False:
                self._open_wills.discard(run_id)
            written = self._sync.note(self._fd) if self._sync else 0
        if written:
            self._synced(written)

    def close(self) -> None:
        """Let go of the segment, so that a drainer may remove it; but not while a will in it is open."""
        with self._alone():
            self._release()

    def _needs_another(self, *, is_beside_will: bool = False) -> bool:
        is_ours = self._is_whole and self._pid == os.getpid()
        is_full = self._size > self._largest_segment and not is_beside_will and self._may_be_held()
        return not is_ours or is_full or self._names_left() == 0

    def _may_be_held(self) -> bool:
        return not self._open_wills or len(self._held) < MOST_HELD

    def _alone(self) -> AbstractContextManager[object]:
        """Keep other threads out; at the interpreter's end there are none, but one may have been stopped in here."""
        return contextlib.nullcontext() if sys.is_finalizing() else self._lock

    def _new_sync(self) -> GroupedSync | None:
        if not self._is_synced:
            return None
        with loading():
            from riverhead_emitter.spool.syncing import GroupedSync

        return GroupedSync()

    def _now(self) -> int:
        """The time, but never an earlier one than before: a clock may be set back."""
        self._last_time = max(time.time_ns(), self._last_time + 1)
        return self._last_time

    def _synced(self, written: int) -> None:
        try:
            if self._sync:
                self._sync.wait_for(written)
        except OSError as error:
            raise Unavailable(f"cannot sync a record in {self._directory}: {error.strerror}") from error

    def _write(self, line: bytes) -> None:
        # A signal's handler may raise anywhere in here, and nothing may come behind a line that is torn.
        self._is_whole = False
        try:
            has_room = is_added(self._fd, line)
        except OSError as error:
            let_through(error)
            self._release()
            raise Unavailable(f"cannot write a record to {self._directory}: {error.strerror}") from error
        self._is_whole = True
        if not has_room:
            raise self._without_room()
        self._size += len(line)

    def _write_will(self, run_id: str, line: bytes) -> None:
        # Known before it stands: a signal's handler may raise in between, and the segment must not be let go then.
        is_new = run_id not in self._open_wills
        self._open_wills.add(run_id)
        try:
            self._write(line)
        except Unavailable:
            if is_new:
                self._open_wills.discard(run_id)
                self._held.let_go(run_id)
            raise

    def _write_to_held(self, run_id: str, line: bytes, *, is_open: bool) -> None:
        try:
            has_room = self._held.append(run_id, line, is_open=is_open)
        except OSError as error:
            let_through(error)
            raise Unavailable(f"cannot write a record to {self._directory}: {error.strerror}") from error
        if not has_room:
            raise self._without_room()

    def _without_room(self) -> Unavailable:
        return Unavailable(f"no room for a record in {self._directory}; free some space on that disk")

    def _open(self) -> None:
        is_full = self._size > self._largest_segment
        self._release()
        make_private(self._directory)
        note_addresses(self._directory, self._destination)
        self._keep_within(is_due=is_full)
        name = f"{self._now():016x}-{os.getpid()}-{os.urandom(4).hex()}{segment.SUFFIX}"
        hidden = self._directory / f".{name}"
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND
        flags |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
        try:
            fd = os.open(hidden, flags, 0o600)
        except OSError as error:
            let_through(error)
            raise Unavailable(f"cannot open a segment in {self._directory}: {error.strerror}") from error
        try:
            # Visible only once it is locked and headed: a drainer never sees half a segment.
            lock_for_life(fd)
            _write_header(fd, segment.header(self._had_by))
            hidden.rename(self._directory / name)
            if self._sync:
                self._sync.name_in(self._directory)
        except OSError as error:
            os.close(fd)
            with contextlib.suppress(OSError):
                hidden.unlink()
            raise Unavailable(f"cannot begin a segment in {self._directory}: {error.strerror}") from error
        self._fd, self._size, self._pid, self._is_whole = fd, segment.HEADER_LENGTH, os.getpid(), True
        found = os.fstat(fd)
        self._identity = (found.st_dev, found.st_ino)

    def _keep_within(self, *, is_due: bool) -> None:
        """Make room for a new segment, but look at them all only once in a while."""
        if is_due or is_time_to_look(self._directory):
            with loading():
                from riverhead_emitter.spool.cap import keep_within

            keep_within(self._directory, self._largest_spool_bytes, self._destination)

    def _names_left(self) -> int:
        """How many names our segment has: 0 if it was removed, or the host closed it behind our back.

        A host that turns into a daemon closes every descriptor, and ours may then be somebody else's file; whoever
        cleans /tmp takes a living segment's name away. What were written then would be read by nobody.
        """
        found = self._found()
        return 0 if found is None else found.st_nlink

    def _found(self) -> os.stat_result | None:
        return status_of(self._fd, self._identity)

    def _release(self) -> None:
        if self._found() is not None:
            if self._sync:
                self._sync.settle(self._fd)
            if self._open_wills:
                self._held.keep(self._fd, self._identity, self._open_wills)
            else:
                os.close(self._fd)
        self._open_wills = set()
        self._fd = -1
        self._size = 0

    def forget(self) -> None:
        """Be, in a child that was forked off, as if nothing had been written yet."""
        # In a forked child the descriptor is a copy without the lock, and the mutex may be held by no one alive.
        self._lock = threading.RLock()
        self._sync = self._new_sync()
        self._open_wills = set()
        self._release()


def _forget_all() -> None:
    for writer in list(_WRITERS):
        writer.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


def _write_header(fd: int, header: bytes) -> None:
    if not is_added(fd, header):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
