"""A class's method with a witness around it: the host's own is called once, with what it was given, whatever we do."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_MARK = "_riverhead_original"
_COROUTINE = 0x80 | 0x200  # of a code object: `async def`, with or without `yield`
# Of a type: static ones, and some others that C made, are not to be changed.
_IMMUTABLE, _ON_THE_HEAP = 1 << 8, 1 << 9


def watch_methods(
    kind: type, names: Iterable[str], around: Callable[[str, Callable[..., Any]], Callable[..., Any]]
) -> bool:
    """Put a witness around each of these methods, where the class has it first in its line; False if none could be.

    What is no plain method (a property, a cached function, a coroutine) stays as it is, and so does a method that is
    watched already, as in a process that was forked off.
    """
    found = False
    for name in names:
        holder = next((line for line in kind.__mro__ if name in vars(line)), None)
        if holder is None:
            continue
        original = vars(holder)[name]
        if is_watched(original):
            found = True
        elif _is_method(original):
            target = holder if _can_change(holder) else kind
            if _can_change(target):
                setattr(target, name, mark(around(name, original), original))
                found = True
    return found


def is_watched(method: Any) -> bool:
    """True for a method with a witness around it."""
    return hasattr(method, _MARK)


def mark(watched: Callable[..., Any], original: Any) -> Callable[..., Any]:
    """Return what looks like the original, marked as watched."""
    made = functools.update_wrapper(watched, original)
    setattr(made, _MARK, original)
    return made


def _can_change(kind: type) -> bool:
    return bool(kind.__flags__ & _ON_THE_HEAP) and not kind.__flags__ & _IMMUTABLE


def _is_method(original: Any) -> bool:
    if isinstance(original, (type, staticmethod, classmethod, property, functools.cached_property)):
        return False
    if getattr(getattr(original, "__code__", None), "co_flags", 0) & _COROUTINE:
        return False
    # A function, or what C has for one; not `lru_cache`, whose own methods somebody may call.
    return callable(original) and hasattr(type(original), "__get__") and not hasattr(original, "cache_clear")
