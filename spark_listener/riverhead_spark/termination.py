"""SIGTERM leaves an interpreter no moment to say that it ends; here it gets one, and then ends by it all the same.

Only where nobody else has said what is to happen then, and only in the process that asked for it: a forked child ends
as it would have.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_tell: Callable[[], object] | None = None


def tell_on_termination(tell: Callable[[], object]) -> None:
    """Have this called when the process is told to end; the last one asked for is."""
    global _tell  # noqa: PLW0603 - a process has one disposition of a signal
    if threading.current_thread() is not threading.main_thread():
        return
    is_first = _tell is None
    if signal.getsignal(signal.SIGTERM) in {signal.SIG_DFL, _end}:
        _tell = tell
        signal.signal(signal.SIGTERM, _end)
        if is_first and hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_as_before)


def _end(number: int, _frame: FrameType | None) -> None:
    # Told so again, it ends at once.
    signal.signal(number, signal.SIG_DFL)
    try:
        if _tell is not None:
            _tell()
    finally:
        os.kill(os.getpid(), number)


def _as_before() -> None:
    if signal.getsignal(signal.SIGTERM) is _end:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
