"""The same run always gets the same id, in every process and beside the official client; a new run gets a new one.

Ids are UUIDs of version 7 (RFC 9562). Those that are made anew rise within a process, whatever its clock does: below
the millisecond stand twelve bits of the clock's fraction, which step on where it does not.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from datetime import datetime, timezone
from uuid import UUID

_FRACTION_BITS = 12
_NANOSECONDS = 1_000_000
# Reentrant, as a handler of signals may tell a run of its own while this thread is inside.
_lock = threading.RLock()
_last_moment = 0


def new_run_id() -> str:
    """Return a fresh UUIDv7, above all that this process has made."""
    moment = _next_moment(time.time_ns())
    fraction = moment & ((1 << _FRACTION_BITS) - 1)
    return _uuid7(moment >> _FRACTION_BITS, fraction << 64 | int.from_bytes(os.urandom(8), "big"))


def run_id_of(instant: datetime, identity: str) -> str:
    """Return the UUIDv7 that the official OpenLineage client derives for `identity` at `instant`."""
    utc = _in_utc(instant)
    # SHA-1 as the official client does: this is an identity that both must agree on, not protection.
    named = utc.isoformat().encode() + identity.encode("utf-8", "surrogatepass")
    digest = hashlib.sha1(named, usedforsecurity=False).digest()
    return _uuid7(int(utc.timestamp() * 1000), int.from_bytes(digest, "big") >> 84)


def _next_moment(nanoseconds: int) -> int:
    global _last_moment  # noqa: PLW0603 - the order of ids is the whole process's
    milliseconds, rest = divmod(nanoseconds, _NANOSECONDS)
    moment = milliseconds << _FRACTION_BITS | (rest << _FRACTION_BITS) // _NANOSECONDS
    with _lock:
        _last_moment = max(moment, _last_moment + 1)
        return _last_moment


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(timezone.utc)
    except (OverflowError, ValueError, OSError):
        # At the calendar's ends another zone's day may not exist; the id is as good with the one that was given.
        return instant.replace(tzinfo=timezone.utc)


def _uuid7(milliseconds: int, randomness: int) -> str:
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | randomness & 0xFFFF_FFFF_FFFF_FFFF_FFFF
    value = value & ~(0xF000 << 64) | 7 << 76
    value = value & ~(0xC000 << 48) | 0x8000 << 48
    return str(UUID(int=value))


def _forget_the_lock() -> None:
    # Another thread may have held it when this process was forked, and is not here to let go.
    global _lock  # noqa: PLW0603 - there is one lock for the one order
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_the_lock)
