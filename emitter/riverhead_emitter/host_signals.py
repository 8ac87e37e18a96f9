"""What a host's signal handler raises, as its own time-out may, is the host's even where it comes within our code."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType


def is_of_a_signal(error: BaseException) -> bool:
    """Return whether a handler of a signal raised this."""
    trace = error.__traceback__
    while trace is not None:
        if _is_of_a_handler(trace.tb_frame):
            return True
        trace = trace.tb_next
    return False


def let_through(error: BaseException) -> None:
    """Raise the error again if it is one of a signal; for whoever swallows all others."""
    if is_of_a_signal(error):
        raise error


def _is_of_a_handler(frame: FrameType) -> bool:
    """Return whether this was called as handlers are alone: with the frame that it came into, its caller's."""
    caller = frame.f_back
    if caller is None or frame.f_code.co_argcount + bool(frame.f_code.co_flags & _TAKES_ANY_NUMBER) == 0:
        return False
    return any(
        value is caller or (type(value) is tuple and any(part is caller for part in value))
        for value in list(frame.f_locals.values())
    )


_TAKES_ANY_NUMBER = 0x04
