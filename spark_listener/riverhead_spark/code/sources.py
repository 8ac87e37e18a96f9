"""The source of a function, by the file and the line of its code; bounded, whatever the file is.

Not `inspect.getsource`: for a function it looks through every module that was imported, for a class it parses a file.
"""

from __future__ import annotations

import inspect
import linecache
import os
import re
import textwrap
import tokenize
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LARGEST_FILE_BYTES = 2 << 20
_MOST_LINES = 300
_MOST_CHARACTERS = 20_000


def lines_of(file: str) -> Sequence[str]:
    """Return the lines of a file, or of a notebook's cell; none where it is not at hand, or too large to be read."""
    if file not in linecache.cache:
        try:
            if os.stat(file).st_size > _LARGEST_FILE_BYTES:  # noqa: PTH116 - a name of code need not be a path
                return ()
        except (OSError, ValueError):
            return ()
    return linecache.getlines(file)


def line_of_class(lines: Sequence[str], first_method: int, name: str) -> int:
    """Return the line on which a class begins, which stands above its first method."""
    beginning = re.compile(rf"\s*class\s+{re.escape(name)}\b")
    above = range(min(first_method, len(lines)), max(first_method - _MOST_LINES, 0), -1)
    return next((line for line in above if beginning.match(lines[line - 1])), first_method)


def source_at(lines: Sequence[str], line: int) -> str:
    """Return the function or the class that begins on this line, counted from 1; what is longer is cut."""
    here = list(lines[line - 1 : line - 1 + _MOST_LINES])
    if not here:
        return ""
    try:
        block = inspect.getblock(here)
    except (SyntaxError, tokenize.TokenError):
        block = here[:1]  # a lambda in the middle of an expression
    return textwrap.dedent("".join(block)).rstrip()[:_MOST_CHARACTERS]
