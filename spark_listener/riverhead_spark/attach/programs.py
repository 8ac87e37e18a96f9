"""Starting somebody's program in this process's place."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# What Python ignores from its start on, and no program expects to be ignored.
_IGNORED_BY_PYTHON = ("SIGPIPE", "SIGXFSZ", "SIGXFZ")


def become(words: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Go on as this program: its exit code, signals, terminal and files are its own, because nothing is in between."""
    for name in _IGNORED_BY_PYTHON:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os.execvpe(words[0], list(words), dict(environment))  # noqa: S606 - the words are a person's own, and no shell reads them
