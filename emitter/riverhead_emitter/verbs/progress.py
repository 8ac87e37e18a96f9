"""A line on the terminal that says how far something long has come; nothing where nobody looks."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FIRST_SECONDS, _BETWEEN_SECONDS = 1.0, 0.2
_WIDTH = 24


@contextlib.contextmanager
def shown(what: str, total: int, done: Callable[[], int]) -> Iterator[None]:
    """Show `done()` of `total` while the block runs, from its second second on, if errors go to a terminal."""
    if not is_watched() or total <= 0:
        yield
        return
    is_over = threading.Event()
    thread = threading.Thread(target=_show, args=(what, total, done, is_over), name="riverhead-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(1.0)


def is_watched() -> bool:
    """Return whether somebody may be looking."""
    with contextlib.suppress(OSError, ValueError):
        return sys.stderr is not None and sys.stderr.isatty()
    return False


def line_of(what: str, done: int, total: int, seconds: float) -> str:
    """Return the line: a bar, how many of how many, how fast, and how long it will take at that."""
    done = min(done, total)
    bar = "#" * (done * _WIDTH // total)
    rate = done / seconds if seconds > 0 else 0.0
    left = f", {_time((total - done) / rate)} left" if rate else ""
    return f"[{bar:.<{_WIDTH}}] {done:,} of {total:,} {what}, {rate:,.0f} a second{left}"


def _time(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min"  # noqa: PLR2004 - two minutes


def _show(what: str, total: int, done: Callable[[], int], is_over: threading.Event) -> None:
    began = time.monotonic()
    # Whoever closes the terminal is told nothing any more.
    with contextlib.suppress(OSError, ValueError):
        if is_over.wait(_FIRST_SECONDS):
            return
        while not is_over.wait(_BETWEEN_SECONDS):
            sys.stderr.write(f"\r\x1b[K{line_of(what, done(), total, time.monotonic() - began)}")
            sys.stderr.flush()
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
