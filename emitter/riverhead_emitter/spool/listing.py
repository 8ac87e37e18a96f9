"""Which segments lie in a directory; nothing is opened."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from riverhead_emitter.spool import segment

if TYPE_CHECKING:
    from pathlib import Path


def segments_in(directory: Path) -> list[Path]:
    """Return the directory's segments, oldest first."""
    return [directory / name for name in names_in(directory) if not name.startswith(".")]


def names_in(directory: Path) -> list[str]:
    """Return the names of all segments, oldest first, and before them those that are not shown yet."""
    try:
        return sorted(name for name in os.listdir(directory) if name.endswith(segment.SUFFIX))  # noqa: PTH208 - a Path for each of 20,000 names costs more than all the rest
    except OSError:
        return []


def sizes_in(directory: Path) -> dict[str, int]:
    """Return how large each segment is now, oldest first; whatever is no plain file is none."""
    found = {}
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.name.endswith(segment.SUFFIX) and not entry.name.startswith("."):
                    size = _size(entry)
                    if size >= segment.HEADER_LENGTH:
                        found[entry.name] = size
    except OSError:
        return {}
    return dict(sorted(found.items()))


def begun(name: str) -> int:
    """Return when a segment was begun, which no record in it precedes; 0 if its name does not say."""
    try:
        return int(name[:16], 16)
    except ValueError:
        return 0


def _size(entry: os.DirEntry[str]) -> int:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return -1  # removed since it was listed
    return status.st_size if stat.S_ISREG(status.st_mode) else -1
