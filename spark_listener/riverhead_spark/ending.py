"""How this process ends, as far as Python can know before it has: an exit code, or an exception that nobody caught.

`watch` is called while the program runs, `ending` at the interpreter's exit. Neither changes how the program ends.
"""

from __future__ import annotations

import builtins
import copy
import copyreg
import functools
import gc
import sys
import threading
from types import BuiltinFunctionType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any, NoReturn


class Ending(NamedTuple):
    """The exit code that the process will give, None where only the shell will know; and the error it died of."""

    code: int | None
    error: BaseException | None = None


class _Exit:
    """An exit that remembers what it was last called with: at the interpreter's exit nobody tells any more."""

    def __init__(self, original: Callable[..., NoReturn]) -> None:
        functools.update_wrapper(self, original)
        self.__wrapped__ = original

    def __call__(self, *given: object, **named: object) -> NoReturn:
        global _code  # noqa: PLW0603 - how this process leaves is a fact of the process
        # In another thread it ends only that one.
        if threading.current_thread() is threading.main_thread():
            _code = _code_of(given[0] if given else named.get("code"))
        self.__wrapped__(*given, **named)

    def __reduce__(self) -> str | tuple[Any, ...]:
        # A function that holds it may be sent to executors, which have nothing of ours. Later protocols than the first
        # ask whose class it is.
        return self.__wrapped__.__reduce_ex__(0)

    def __repr__(self) -> str:
        # Whoever types `exit` at a prompt is told how to leave.
        return repr(self.__wrapped__)


def _reduced(function: BuiltinFunctionType) -> str | tuple[Any, ...]:
    """Return how a function is pickled: as ever, but for the exit that is no longer found under its own name."""
    if function is getattr(sys.exit, "__wrapped__", None):
        return copy.copy, (sys.exit,)
    return function.__reduce__()


_code: int | None = None
# The program's outermost frame: the module that was started, or what runs it.
_program: FrameType | None = None


def watch() -> None:
    """Look from now on at how the program leaves; a second call changes nothing."""
    global _program  # noqa: PLW0603 - what program this process runs is a fact of the process
    if not isinstance(sys.exit, _Exit):
        sys.exit = _Exit(sys.exit)
        # Whoever had imported it by its name has the original, for which pickle would look in vain.
        copyreg.pickle(BuiltinFunctionType, _reduced)
    # What Python has for a prompt is used in scripts as well; a notebook has its own.
    for name, leave in list(vars(builtins).items()):
        if type(leave).__name__ == "Quitter":
            setattr(builtins, name, _Exit(leave))
    if _program is None:
        frame = _frame_of_the_main_thread()
        while frame is not None and frame.f_back is not None:
            frame = frame.f_back
        _program = frame


def _frame_of_the_main_thread() -> FrameType | None:
    # The listening may begin in another thread.
    if threading.current_thread() is threading.main_thread():
        return sys._getframe()  # noqa: SLF001 - what `inspect` calls, without its import
    is_collecting = gc.isenabled()
    # A collection in between may stop the interpreter for good (gh-106883, in CPython 3.11 up to 3.11.8).
    gc.disable()
    try:
        return sys._current_frames().get(threading.main_thread().ident or 0)  # noqa: SLF001 - there is no public way
    finally:
        if is_collecting:
            gc.enable()


def ending() -> Ending:
    """Return how the program has left; of use at the interpreter's exit, when it has."""
    error = getattr(sys, "last_value", None)
    if error is not None and error.__traceback__ is not None and error.__traceback__.tb_frame is _program:
        return Ending(1, error)
    if _program is None or _has_returned(_program):
        return Ending(0)
    # It was left by SystemExit: what is raised without `sys.exit` tells its code to nobody.
    return Ending(_code)


def _has_returned(frame: FrameType) -> bool:
    """Return whether a frame that is over ended by returning: an exit that somebody caught is no exit."""
    import opcode  # wanted once, at the end

    return opcode.opname[frame.f_code.co_code[frame.f_lasti]].startswith("RETURN")


def _code_of(status: object) -> int:
    if status is None:
        return 0
    # As Python does: anything else is printed, and the code is 1.
    return status if isinstance(status, int) else 1
