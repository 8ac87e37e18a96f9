"""Calls of the SDK, right or wrong: none of them ever harms the code that makes it.

Of a call that is not quite right, what is understood is done, and a sentence says what is wrong with the rest.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from riverhead_emitter.guard import FailureLog, guard
from riverhead_emitter.host_log import warn
from riverhead_emitter.lineage.gaps import MisunderstoodError
from riverhead_emitter.lineage.places import line_of_caller
from riverhead_emitter.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from riverhead_emitter.lineage.telling import Telling

Arguments = ParamSpec("Arguments")
Made = TypeVar("Made")
_FAILURES = FailureLog()
_WARNED: set[tuple[str, str, str]] = set()
_MOST_WARNINGS = 1_000
_LONGEST_SHOWN = 50


def verb(
    method: Callable[Concatenate[Telling, Arguments], Made],
) -> Callable[Concatenate[Telling, Arguments], Made | None]:
    """Keep whatever a verb meets, even a wrong call of it, away from the code that tells."""
    doing, known = f"run.{method.__name__}", _keywords_of(method)

    @functools.wraps(method)
    def guarded(self: Telling, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Made | None:
        with guard(doing, self._failures):
            try:
                if self._is_over(doing):
                    return None
                for wrong in _without_unknown(kwargs, known):
                    self._gaps.name(doing, wrong)
                return method(self, *args, **kwargs)
            except MisunderstoodError as misunderstood:
                self._gaps.name(doing, str(misunderstood))
            except Exception as error:
                misused = _about_call(error)
                if misused is None:
                    self._gaps.name_failure(doing, error)
                    raise
                self._gaps.name(doing, misused)
        return None

    return cast("Callable[Concatenate[Telling, Arguments], Made | None]", guarded)


def forgiving(instead: Callable[..., Made]) -> Callable[[Callable[Arguments, Made]], Callable[Arguments, Made]]:
    """Keep even a wrong call away from the code that makes it; what it gets then says nothing."""

    def wrapped(make: Callable[Arguments, Made]) -> Callable[Arguments, Made]:
        doing, known = f"lineage.{make.__name__}", _keywords_of(make)

        @functools.wraps(make)
        def made(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Made:
            with guard(doing, _FAILURES):
                try:
                    for wrong in _without_unknown(kwargs, known):
                        _warn(doing, wrong)
                    return make(*args, **kwargs)
                except TypeError as error:
                    misused = _about_call(error)
                    if misused is None:
                        raise
                    _warn(doing, misused)
            return instead(*args, **kwargs)

        return made

    return wrapped


def _warn(doing: str, why: str) -> None:
    warning = (doing, why, line_of_caller())
    if warning not in _WARNED and len(_WARNED) < _MOST_WARNINGS:
        _WARNED.add(warning)
        warn(__name__, "lineage: %s: %s (%s)", *warning)


def about_unknown(name: str, known: Iterable[str]) -> str:
    """Say that there is no such keyword, and which one may have been meant."""
    shown = name[:_LONGEST_SHOWN]
    near = nearest(shown, known)
    said = f"it has no {shown}=" if shown.isidentifier() else f"it has no {shown!r}"
    return f"{said}; did you mean {near}=?" if near else said


def _keywords_of(function: Callable[..., Any]) -> frozenset[str]:
    """Return the names of what a function takes; `inspect` would cost every fresh process its import."""
    code = function.__code__
    return frozenset(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]) - {"self"}


def _without_unknown(keywords: dict[str, Any], known: frozenset[str]) -> list[str]:
    """Take out what is no keyword, and return a sentence about each."""
    unknown = [name for name in keywords if name not in known]
    for name in unknown:
        del keywords[name]
    return [about_unknown(name, known) for name in unknown]


def _about_call(error: BaseException) -> str | None:
    """Say what is wrong with a call that never got into its function; None where the error is of another kind."""
    trace = error.__traceback__
    if not isinstance(error, TypeError) or (trace is not None and trace.tb_next is not None):
        return None
    # Python names the function by its class, which is nobody's business.
    said = str(error).partition("() ")[2]
    if said.startswith("takes"):
        return "it is given more than it takes"  # Python would count `self`
    return f"it is {said}" if said.startswith("missing") else f"it {said or 'cannot be called so'}"
