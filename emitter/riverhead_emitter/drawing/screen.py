"""What the standard output is: how wide, and whether somebody looks at it who likes colours."""

from __future__ import annotations

import os
import shutil
import sys

_WIDTH, _NARROWEST = 100, 40


def is_coloured() -> bool:
    """Return whether a person looks at it who has not asked for plain text."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width() -> int:
    """Return how many places a line may take."""
    if not sys.stdout.isatty():
        return _WIDTH
    return max(_NARROWEST, min(_WIDTH, shutil.get_terminal_size().columns))
