"""Python functions that were handed to Spark: a plan shows their names, the driver's Python still has their source.

What is remembered is a function's code, which holds none of its data; its source is looked up once, for the first plan
that shows it.
"""

from __future__ import annotations

import contextlib
import functools
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

from riverhead_spark.code.sources import line_of_class, lines_of, source_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MOST_FUNCTIONS = 1000
# From what Spark is given to what its user wrote: a partial, a decorator, a function of PySpark's that calls it.
_MOST_LAYERS = 8


class Remembered(NamedTuple):
    """A function as its user calls it and the code that it begins with: of a class, its first method's."""

    name: str
    code: CodeType | None
    is_class: bool


class Functions:
    """The functions of a process by the identity that its JVM gives them, the latest thousand."""

    def __init__(self, library: str) -> None:
        """Look through functions of this folder, PySpark's own, at the ones that they were made for."""
        self._library = library
        self._known: dict[int, Remembered | dict[str, Any]] = {}

    def remember(self, identity: int, function: object) -> None:
        """Keep what is needed to find this function's source."""
        if len(self._known) >= _MOST_FUNCTIONS:
            self._known.pop(next(iter(self._known)), None)
        self._known[identity] = remembered(function, self._library)

    def described(self, identities: Iterable[int]) -> list[dict[str, Any]]:
        """Return what is known of these functions: name, file, line and source."""
        return [self._described(each) for each in identities if each in self._known]

    def _described(self, identity: int) -> dict[str, Any]:
        known = self._known[identity]
        if isinstance(known, Remembered):
            known = self._known[identity] = _facts(known)
        return known


def remembered(function: object, library: str) -> Remembered:
    """Return what is to be kept of a function, a class or an object that can be called."""
    for _ in range(_MOST_LAYERS):
        below = _below(function, library)
        if below is None:
            break
        function = below
    name = getattr(function, "__name__", None) or type(function).__name__
    if isinstance(function, type):
        codes = [each.__code__ for each in vars(function).values() if isinstance(each, FunctionType)]
        first = min(codes, key=lambda code: code.co_firstlineno, default=None)
        return Remembered(str(name), first, is_class=True)
    called = function if isinstance(function, FunctionType) else getattr(type(function), "__call__", None)  # noqa: B004 - its code is wanted, not whether it can be called
    code = getattr(called, "__code__", None)
    return Remembered(str(name), code if isinstance(code, CodeType) else None, is_class=False)


def _below(function: object, library: str) -> object | None:
    """Return the function that this one only wraps."""
    if isinstance(function, functools.partial):
        return function.func
    if not isinstance(function, FunctionType):
        return None
    wrapped: object | None = getattr(function, "__wrapped__", None)
    if wrapped is None and _is_in(library, function):
        held = [each for each in _held(function) if isinstance(each, (FunctionType, functools.partial))]
        # What turns results into the right type is PySpark's as well.
        return min(held, key=lambda each: _is_in(library, each), default=None)
    return wrapped


def _is_in(library: str, function: object) -> bool:
    return isinstance(function, FunctionType) and function.__code__.co_filename.startswith(library)


def _held(function: FunctionType) -> Iterator[object]:
    for cell in function.__closure__ or ():
        with contextlib.suppress(ValueError):  # it is not filled yet
            yield cell.cell_contents


def _facts(known: Remembered) -> dict[str, Any]:
    if known.code is None:
        return {"name": known.name}
    file, line = known.code.co_filename, known.code.co_firstlineno
    lines = lines_of(file)
    if known.is_class:
        line = line_of_class(lines, line, known.name)
    source = source_at(lines, line)
    return {"name": known.name, "file": file, "line": line, **({"source": source} if source else {})}
