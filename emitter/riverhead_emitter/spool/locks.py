"""Who owns a segment, and who drains a directory: locks that die with their process.

Windows has no `fcntl`: there records are still written, but segments stay and nothing keeps a second drainer away.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import threading
import time
from typing import TYPE_CHECKING

if sys.platform != "win32":
    import fcntl

from riverhead_emitter.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

DRAINER_LOCK = "drainer.lock"
# Whoever only asks whether there is a drainer holds its place for an instant.
_TRIES, _BETWEEN_TRIES_SECONDS = 4, 0.005
# Whoever writes a line holds a file for an instant; who holds it longer is no reason to be late.
_MOST_PATIENCE_SECONDS = 0.5
_HELD: set[int] = set()
_looking = threading.Lock()


def lock_for_life(fd: int) -> None:
    """Mark the file behind `fd` as owned until the last copy of `fd` is closed.

    `flock`, not POSIX locks: those vanish as soon as this process closes any other descriptor of the same file,
    which a driver that drains its own segment does.
    """
    if sys.platform != "win32":
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def lock_patiently(fd: int, seconds: float = _MOST_PATIENCE_SECONDS) -> None:
    """Take the lock of the file behind `fd`; a TimeoutError if somebody holds it for longer than that."""
    deadline = time.monotonic() + seconds
    while sys.platform != "win32" and not take(fd):
        if time.monotonic() >= deadline:
            raise TimeoutError(errno.ETIMEDOUT, "another process holds its lock")
        time.sleep(_BETWEEN_TRIES_SECONDS)


def take(fd: int) -> bool:
    """Take the lock of the file behind `fd`; False, at once, if a living process holds it."""
    if sys.platform == "win32":
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def let_go(fd: int) -> None:
    """Give back the lock of the file behind `fd`."""
    if sys.platform != "win32":
        fcntl.flock(fd, fcntl.LOCK_UN)


def closed(fd: int) -> None:
    """Close a file, and give back its lock even if a child that was forked meanwhile has a copy of it."""
    with contextlib.suppress(OSError):
        let_go(fd)
    os.close(fd)


def _close_held() -> None:
    """A drainer's place must not stay taken by a child that outlives it."""
    while _HELD:
        with contextlib.suppress(OSError):
            os.close(_HELD.pop())


def only_one_looks() -> AbstractContextManager[object]:
    """Return what a thread holds while it looks, by its lock, whether a file's owner lives.

    Two that look at once would each take the other for the owner.
    """
    return _looking


def _look_anew() -> None:
    """Another thread may have been looking while this process was forked off, and would never end here."""
    global _looking  # noqa: PLW0603 - a lock cannot be taken back from a thread that is not there
    _looking = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_held)
    os.register_at_fork(after_in_child=_look_anew)


@contextlib.contextmanager
def only_drainer(directory: Path) -> Iterator[bool]:
    """Hold the drainer's place of a directory; yields False, at once, if another process or thread has it."""
    fd = _opened(directory)
    _HELD.add(fd)
    try:
        yield sys.platform == "win32" or _take_patiently(fd)
    finally:
        # In a child that was forked meanwhile the number may be another file's by now.
        if fd in _HELD:
            _HELD.discard(fd)
            closed(fd)


def is_drained_by_another(directory: Path) -> bool:
    """True if some process holds the drainer's place now."""
    if sys.platform == "win32" or not (directory / DRAINER_LOCK).exists():
        return False
    fd = _opened(directory)
    try:
        return not take(fd)
    finally:
        closed(fd)


def _opened(directory: Path) -> int:
    try:
        return os.open(directory / DRAINER_LOCK, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    except OSError as error:
        raise Unavailable(f"cannot lock {directory} ({error.strerror}); make it writable for this user") from error


def _take_patiently(fd: int) -> bool:
    for _ in range(_TRIES - 1):
        if take(fd):
            return True
        time.sleep(_BETWEEN_TRIES_SECONDS)
    return take(fd)
