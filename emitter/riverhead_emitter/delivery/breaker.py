"""A note in a destination's directory that its sinks are down, so that hosts that live shortly do not try in vain.

Whoever drains writes it when no sink takes anything, for longer each time, and removes it at the first success.
"""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING

from riverhead_emitter.loading import loading
from riverhead_emitter.redaction import REDACTION
from riverhead_emitter.spool.notes import keep_note

if TYPE_CHECKING:
    from dataclasses import dataclass
    from pathlib import Path

    from riverhead_emitter.redaction import Redaction
else:
    from riverhead_emitter.frozen import dataclass

BREAKER = "breaker.json"
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 60.0
# No server is heard that asks for more.
LONGEST_WAIT_SECONDS = 300.0
_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Down:
    """Since when no sink takes anything, until when nobody should try, and why."""

    since: float
    until: float
    pause: float
    reason: str
    state: str = "down"


def down(directory: Path) -> Down | None:
    """Return what is noted, or None if nothing is known to be down."""
    try:
        found = json.loads((directory / BREAKER).read_bytes())
        return Down(float(found["since"]), float(found["until"]), float(found["pause"]), str(found["reason"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def is_down(directory: Path) -> bool:
    """True if it is too early to try again."""
    found = down(directory)
    # Further ahead than anybody is ever asked to wait: somebody has set the clock back.
    return found is not None and 0 < found.until - time.time() <= LONGEST_WAIT_SECONDS


def note_down(
    directory: Path, reason: str, after_seconds: float | None = None, redaction: Redaction = REDACTION
) -> None:
    """Note that no sink takes anything, for twice as long as last time or for as long as the server asks."""
    with loading():  # only who drains notes anything, and every short-lived host asks
        from dataclasses import asdict

    last, now = down(directory), time.time()
    pause = min(last.pause * 2, _LONGEST_PAUSE_SECONDS) if last else _FIRST_PAUSE_SECONDS
    told = redaction.scrubbed(reason)[:_LONGEST_REASON]
    noted = Down(last.since if last else now, now + wait_for(pause, after_seconds), pause, told)
    # On a full disk every host finds out for itself.
    keep_note(directory / BREAKER, asdict(noted))


def wait_for(pause: float, asked_seconds: float | None) -> float:
    """Return how long to wait: for most of the pause, so that not all come back at once, or as a server asks."""
    with loading():
        from random import SystemRandom  # a host that has seeded `random` gets the numbers it would get without us

    asked = min(asked_seconds or 0.0, LONGEST_WAIT_SECONDS)
    return max(asked, pause * SystemRandom().uniform(0.5, 1.0))


def note_up(directory: Path) -> None:
    """Take the note away."""
    with contextlib.suppress(OSError):
        (directory / BREAKER).unlink(missing_ok=True)
