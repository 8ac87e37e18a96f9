"""The same run always gets the same id, in every process and beside the official integrations."""

from __future__ import annotations

import hashlib
import os
import time
from datetime import datetime, timezone
from uuid import UUID


def new_run_id() -> str:
    """Return a fresh UUIDv7."""
    return _uuid7(time.time_ns() // 1_000_000, int.from_bytes(os.urandom(10), "big"))


def run_id_of(instant: datetime, identity: str) -> str:
    """Return the UUIDv7 that the official OpenLineage client derives for `identity` at `instant`."""
    utc = instant.astimezone(timezone.utc)
    # SHA-1 as the official client does: this is an identity that both must agree on, not protection.
    digest = hashlib.sha1(utc.isoformat().encode() + identity.encode(), usedforsecurity=False).digest()
    return _uuid7(int(utc.timestamp() * 1000), int.from_bytes(digest, "big") >> 84)


def _uuid7(milliseconds: int, randomness: int) -> str:
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | randomness & 0xFFFF_FFFF_FFFF_FFFF_FFFF
    value = value & ~(0xF000 << 64) | 7 << 76
    value = value & ~(0xC000 << 48) | 0x8000 << 48
    return str(UUID(int=value))
