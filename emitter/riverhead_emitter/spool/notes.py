"""A note beside the records, for its owner alone: seen whole or not at all, and none where there is no room."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def keep_note(note: Path, content: object) -> bool:
    """Write the content as JSON in place of what was noted before; False if that cannot be done."""
    hidden = note.with_name(f".{note.name}-{os.getpid()}-{os.urandom(4).hex()}")
    try:
        try:
            fd = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(fd, "w", encoding="utf-8") as file:
                file.write(json.dumps(content) + "\n")
            hidden.replace(note)
        finally:
            hidden.unlink(missing_ok=True)
    except OSError:
        return False
    return True
