"""Segments that are full, or that their writer was done with, while a will in them is open: they stay locked.

To let one go would tell a drainer that its process has died. What its runs say last is written into it, too, so that
one write ends a run and revokes its will: no moment lies between the two in which a process could be killed.
"""

from __future__ import annotations

import contextlib
import os

from riverhead_emitter.spool.tail import end_of_lines, is_added, take_back

# More are not kept by one process: its segment grows then, instead of being followed by another.
MOST_HELD = 16
# Kept in mind although its emitter may be thrown away: the process lives on, and so may the run.
_ALL: set[HeldSegments] = set()
_sync = getattr(os, "fdatasync", os.fsync)


class HeldSegments:
    """One writer's: by the run whose will is open, the file, and which file that was."""

    def __init__(self, *, is_synced: bool = False) -> None:
        self._is_synced = is_synced
        self._by_run: dict[str, tuple[int, tuple[int, int]]] = {}

    def __len__(self) -> int:
        return len(set(self._by_run.values()))

    def keep(self, fd: int, identity: tuple[int, int], runs: set[str]) -> None:
        """Keep this file open for as long as one of these runs is."""
        self._by_run.update(dict.fromkeys(runs, (fd, identity)))
        _ALL.add(self)

    def has(self, run_id: str) -> bool:
        """True if the will of this run stands in one of them, and can still be revoked there."""
        if run_id not in self._by_run:
            return False
        found = status_of(*self._by_run[run_id])
        if found is not None and found.st_nlink:
            return True
        # The host has closed it behind our back, or somebody has removed it.
        self.let_go(run_id)
        return False

    def append(self, run_id: str, line: bytes, *, is_open: bool) -> bool:
        """Write a line of a run that `has` its will here; False if there is no room for it."""
        fd, _ = self._by_run[run_id]
        # A signal's handler may have raised within the last one.
        if end_of_lines(fd) < os.fstat(fd).st_size:
            take_back(fd)
        if not is_added(fd, line):
            return False
        if self._is_synced:
            _sync(fd)
        if not is_open:
            self.let_go(run_id)
        return True

    def forget(self) -> None:
        """Close them all, in a child that was forked off: the runs, and the locks, are its parent's."""
        held, self._by_run = set(self._by_run.values()), {}
        _ALL.discard(self)
        for fd, identity in held:
            _close(fd, identity)

    def let_go(self, run_id: str) -> None:
        """Close the file that holds the will of this run, if there is one, unless it holds others that are open."""
        held = self._by_run.pop(run_id, None)
        if held is not None and held not in self._by_run.values():
            _close(*held)
        if not self._by_run:
            _ALL.discard(self)


def _forget_all() -> None:
    for held in list(_ALL):
        held.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


def status_of(fd: int, identity: tuple[int, int]) -> os.stat_result | None:
    """Return how a file stands; None if the host has closed it, and its number may be another file's by now."""
    with contextlib.suppress(OSError):
        found = os.fstat(fd) if fd >= 0 else None
        if found and (found.st_dev, found.st_ino) == identity:
            return found
    return None


def _close(fd: int, identity: tuple[int, int]) -> None:
    if status_of(fd, identity) is not None:
        os.close(fd)
