"""How each destination of this user's spools stands: what waits, since when, what was refused, dropped, or is down."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from riverhead_emitter.delivery.breaker import Down, down, is_down
from riverhead_emitter.delivery.letters import dead_letters_in
from riverhead_emitter.delivery.quarantine import apart_in
from riverhead_emitter.errors import ConfigurationError, RiverheadError, Unavailable
from riverhead_emitter.printable import printable
from riverhead_emitter.spool.cap import Dropped, dropped_in
from riverhead_emitter.spool.locks import is_drained_by_another
from riverhead_emitter.spool.places import (
    WHAT_TO_NAME,
    destinations_in,
    known_roots,
    make_private,
    noted_addresses,
    sinks_among,
)
from riverhead_emitter.spool.reader import unreadable_in, waiting_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Less than a segment and its notes want.
_LEAST_ROOM = 1_000_000


@dataclass(frozen=True, slots=True)
class Standing:
    """How one destination stands now."""

    directory: Path
    addresses: tuple[str, ...]
    records: int
    bytes: int
    oldest: float | None
    dead: int
    quarantined: int
    poisoned: int
    unreadable: int
    dropped: Dropped
    down: Down | None
    is_drained: bool | None  # None: that could not be found out

    @property
    def goal(self) -> str:
        """Where its records are to go, in a few words."""
        told = [printable(address.partition(" ")[2] or address, 200) for address in self.addresses]
        return ", ".join(told) or "nowhere yet"

    @property
    def is_empty(self) -> bool:
        """True if there is nothing in it that a person would ask about."""
        found = self.records + self.dead + self.quarantined + self.unreadable + self.dropped.records
        return not found and self.down is None and self.is_drained is False


def addresses_of(directory: Path) -> tuple[str, ...]:
    """Return the sinks that a directory's note names; what is filtered is noted beside them."""
    return sinks_among(noted_addresses(directory))


def known_destinations(values: Mapping[str, str], name: str | None = None) -> list[Path]:
    """Return the directories of this user's destinations; those whose name begins so, if one is asked for."""
    found = [directory for root in known_roots(values) for directory in destinations_in(root)]
    if name is None:
        return found
    asked = [directory for directory in found if directory.name.startswith(name)] if name else []
    if not asked:
        raise ConfigurationError(f"no destination is called {printable(name)}; `riverhead spool status` lists them")
    return asked


def standing_of(directory: Path, addresses: tuple[str, ...] | None = None) -> Standing:
    """Read how a destination stands; nothing is changed by it."""
    sinks = addresses_of(directory) if addresses is None else addresses
    apart = list(apart_in(directory))
    dropped, noted = dropped_in(directory), down(directory)
    return Standing(
        directory,
        sinks,
        *waiting_in(directory, sinks),
        dead_letters_in(directory),
        len(apart),
        sum(1 for run in apart if run.is_poisoned),
        len(unreadable_in(directory)),
        dropped,
        noted if noted and is_down(directory) else None,
        _is_drained(directory),
    )


def unwritable(directory: Path) -> str:
    """Say why nothing could be kept in this directory, without creating it; nothing if something could."""
    if os.path.isdir(directory):  # noqa: PTH112 - Path.is_dir raises where a directory above may not be entered
        try:
            make_private(directory)
        except Unavailable as error:
            return str(error)
    above = _existing(directory)
    if above.is_dir() and os.access(above, os.W_OK | os.X_OK):
        return ""
    return f"cannot write records to {directory} (no access to {above}); {WHAT_TO_NAME}"


def without_room(directory: Path) -> str:
    """Say that the disk takes nothing more, which no host could have kept a note of; nothing if it does."""
    try:
        free = shutil.disk_usage(_existing(directory)).free
    except OSError:
        return ""
    if free >= _LEAST_ROOM:
        return ""
    return f"the disk of {directory} is full: what hosts tell is not kept; make room, or set RIVERHEAD_SPOOL_DIR"


def _existing(directory: Path) -> Path:
    places = (directory, *directory.parents)
    return next((place for place in places if os.path.exists(place)), directory)  # noqa: PTH110 - as above


def age(since: float) -> str:
    """Return how long ago that was, in one unit."""
    seconds = max(time.time() - since, 0.0)
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def moment(seconds: float) -> str:
    """Return a moment as it is told everywhere here: in UTC, to the second."""
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return "at no known time"


def _is_drained(directory: Path) -> bool | None:
    with contextlib.suppress(RiverheadError):
        return is_drained_by_another(directory)
    return None
