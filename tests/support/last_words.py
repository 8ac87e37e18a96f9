"""What a drainer says for an observation's run when its process has died, without the process or the spool."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riverhead_emitter.observation import Observation


def last_words(observation: Observation, died: str) -> Observation:
    """Return them, as of this time of death."""
    will = observation.will
    assert will is not None
    payload = {**observation.payload, **will.changes, **dict.fromkeys(will.times, died)}
    return replace(observation, payload=payload, will=None, is_last=True)
