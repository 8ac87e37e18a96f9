"""The emitter's front door: vocabulary, facets, events, spool and delivery. It knows no host.

Names load when they are first used, because a host's hot path pays for every import.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riverhead_emitter.emitter import Emitter, Outbox
    from riverhead_emitter.errors import RiverheadError
    from riverhead_emitter.guard import FailureLog, guard
    from riverhead_emitter.observation import Interpreter, Observation, Will
    from riverhead_emitter.settings import Settings, settings_from

__all__ = ["Emitter", "FailureLog", "Interpreter", "Observation", "Outbox", "RiverheadError", "Settings", "guard"]
__all__ += ["Will", "settings_from"]
_HOMES = {
    "Emitter": "emitter",
    "FailureLog": "guard",
    "Interpreter": "observation",
    "Observation": "observation",
    "Outbox": "emitter",
    "RiverheadError": "errors",
    "Settings": "settings",
    "Will": "observation",
    "guard": "guard",
    "settings_from": "settings",
}


def __getattr__(name: str) -> object:
    """Find a public name in its module."""
    if name not in _HOMES:
        raise AttributeError(f"module 'riverhead_emitter' has no attribute {name!r}")
    return getattr(importlib.import_module(f"riverhead_emitter.{_HOMES[name]}"), name)
