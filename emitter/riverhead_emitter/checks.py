"""What `riverhead doctor` prints: each room reports what it found, under the entry-point group `riverhead.checks`.

A room whose hosts have settings of their own reports those, too (`settings.of_hosts`), and doctor examines that place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about the installation: fine, worth knowing, or something to do."""

    level: Literal["ok", "note", "problem"]
    text: str
