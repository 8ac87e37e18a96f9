"""What a host's signal handler raises, as its own time-out may, is the host's even where it comes within our code."""

from __future__ import annotations

import itertools
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
    """Return whether this was called as handlers are alone: with a number and the frame that it came into."""
    code, caller, known = frame.f_code, frame.f_back, frame.f_locals
    given = [known.get(name) for name in code.co_varnames[: code.co_argcount]]
    if code.co_flags & _TAKES_MORE:
        more = known.get(code.co_varnames[code.co_argcount + code.co_kwonlyargcount])
        given += more if type(more) is tuple else ()
    # By their very types: nothing of a host's is asked anything.
    return caller is not None and any(
        part is caller and type(before) is int for before, part in itertools.pairwise(given)
    )


_TAKES_MORE = 0x04  # `*args`; `inspect` has the flag, and costs an import
