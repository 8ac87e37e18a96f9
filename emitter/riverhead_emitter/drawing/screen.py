"""What a stream is that lines are printed to: how wide, and whether somebody looks at it who likes colours."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

_WIDTH, _NARROWEST = 100, 40


def is_coloured(stream: TextIO) -> bool:
    """Return whether a person looks at it who has not asked for plain text."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width(stream: TextIO) -> int:
    """Return how many places a line may take."""
    if not stream.isatty():
        return _WIDTH
    return max(_NARROWEST, min(_WIDTH, shutil.get_terminal_size().columns))
