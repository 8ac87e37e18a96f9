"""What a room's check tells `riverhead doctor` beside findings: settings of its hosts, which no command here reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_emitter.settings.values import Settings


@dataclass(frozen=True, slots=True)
class HostSettings:
    """Where somebody's records go, to be examined as our own place is; `as_written` names settings where they stand."""

    whose: str
    settings: Settings
    as_written: Callable[[str], str]
