"""Facet bodies by the digest of their content: what a thousand runs repeat is stored once."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from riverhead_catalog.projection.registers import CREATED, UPDATED, stamped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from riverhead_catalog.projection.registers import Registers

FACET = "facet:"


class Contents:
    """The bodies that one event brings, and the stamp of everything that it says."""

    def __init__(self, time: int, digest: str) -> None:
        self.time = time
        self.digest = digest
        self.bodies: dict[str, bytes] = {}

    def keep(self, body: object) -> str:
        """Remember a body and return its address."""
        data = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        address = hashlib.sha256(data).hexdigest()[:32]
        self.bodies[address] = data
        return address

    def say(self, values: Iterable[tuple[str, str]]) -> Registers:
        """Return registers that carry this event's stamp."""
        return stamped(self.time, self.digest, values)

    def seen(self) -> Registers:
        """Return the registers of a thing that this event merely names."""
        return self.say([(CREATED, ""), (UPDATED, "")])

    def facets(self, facets: Mapping[str, Any] | None, prefix: str = FACET) -> Registers:
        """Return one register per facet; each facet is replaced by itself, never by the absence of it."""
        return self.say((prefix + name, self.keep(body)) for name, body in (facets or {}).items())
