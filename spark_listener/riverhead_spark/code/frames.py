"""Which of the frames above a call is the user's own: not one of Spark's or Python's, better not a library's."""

from __future__ import annotations

import os
import sysconfig
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from types import FrameType

_MOST_FRAMES = 200
# Where other people's code is installed, on every platform.
_INSTALLED = ("site-packages", "dist-packages")


class Place(NamedTuple):
    """A line of a file, or of a notebook's cell."""

    file: str
    line: int


class Engine(NamedTuple):
    """The folders of what carries out a query, and Python's own: their lines say nothing about it."""

    packages: tuple[str, ...]
    python: str


def engine_of(*files: str) -> Engine:
    """Return the folders that these files, of packages, lie in, and that of Python's library."""
    folders = (os.path.join(os.path.dirname(file), "") for file in files)  # noqa: PTH118, PTH120 - they are compared as text
    return Engine((*folders, "<frozen"), sysconfig.get_paths()["stdlib"])


def place_of(frame: FrameType | None, engine: Engine) -> Place | None:
    """Return the innermost line of the user's code; that of a library that is installed where there is none."""
    found: Place | None = None
    for _ in range(_MOST_FRAMES):
        if frame is None:
            break
        file = frame.f_code.co_filename
        if not file.startswith(engine.packages):
            if any(name in file for name in _INSTALLED):
                found = found or Place(file, frame.f_lineno)
            elif not file.startswith(engine.python):
                return Place(file, frame.f_lineno)
        frame = frame.f_back
    return found
