"""What a host's signal handler raises, as its own time-out may, is the host's even where it comes within our code."""

from __future__ import annotations

import functools
from types import FunctionType, MethodType
from typing import TYPE_CHECKING

from riverhead_emitter.loading import loading

if TYPE_CHECKING:
    from types import CodeType

_MOST_WRAPPINGS = 10


def is_of_a_signal(error: BaseException) -> bool:
    """Return whether a handler of a signal, as this process has them now, raised this."""
    trace, handlers = error.__traceback__, _handlers()
    while trace is not None:
        if trace.tb_frame.f_code in handlers:
            return True
        trace = trace.tb_next
    return False


def let_through(error: BaseException) -> None:
    """Raise the error again if it is one of a signal; for whoever swallows all others."""
    if is_of_a_signal(error):
        raise error


def _handlers() -> set[CodeType]:
    with loading:
        import signal
    codes = (_code_of(signal.getsignal(number)) for number in signal.valid_signals())
    return {code for code in codes if code is not None}


def _code_of(handler: object) -> CodeType | None:
    """Return the code of a function in Python, without asking a host's object for anything."""
    for _ in range(_MOST_WRAPPINGS):
        if type(handler) is FunctionType:
            return handler.__code__
        if type(handler) is MethodType:
            handler = handler.__func__
        elif type(handler) is functools.partial:
            handler = handler.func
        else:
            handler = type(handler).__dict__.get("__call__")
    return None
