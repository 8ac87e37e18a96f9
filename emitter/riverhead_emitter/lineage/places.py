"""Where a job's code stands, as far as that costs nothing: no process is started, no repository asked."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from riverhead_emitter.facets.code_place import code_place

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from riverhead_emitter.facets.facet import Facet

_LONGEST_SHOWN = 300


def place_of_caller() -> Facet | None:
    """Return the place of the first line above this package; None in a notebook, whose cells are no files."""
    frame = _caller()
    return None if frame is None else _place(frame.f_code.co_filename, frame.f_lineno)


def line_of_caller() -> str:
    """Return the file and the number of the first line above this package, for somebody to look there."""
    frame = _caller()
    return "nowhere" if frame is None else f"{frame.f_code.co_filename[-_LONGEST_SHOWN:]}:{frame.f_lineno}"


def _caller() -> FrameType | None:
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - what `inspect` calls, without its import
    while frame is not None and frame.f_globals.get("__name__", "").startswith(f"{__package__}."):
        frame = frame.f_back
    return frame


def place_of(code: CodeType | None) -> Facet | None:
    """Return the place of a function; None where its code is in no file."""
    return None if code is None else _place(code.co_filename, code.co_firstlineno)


def _place(filename: str, line: int) -> Facet | None:
    # A cell is called <ipython-input-…>, or lies in the kernel's own temporary directory.
    if filename.startswith("<") or "ipykernel_" in filename or not filename:
        return None
    try:
        path = os.path.abspath(filename)  # noqa: PTH100 - pathlib would be the only reason to load it
    except OSError:
        return None  # the directory that it is told from is gone
    return code_place(path, line)
