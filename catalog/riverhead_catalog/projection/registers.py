"""What is known of one thing, as registers that merge in any order.

A register remembers when its value was said (event time) and by which event (digest), so that of two values the
same one always wins. Merging is commutative, associative and idempotent; the property tests hold it to that.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# time, digest of the event, value
Register: TypeAlias = tuple[int, str, str]
Registers: TypeAlias = dict[str, Register]

CREATED = "created"
STARTED = "started"
UPDATED = "updated"
_EARLIEST_WINS = frozenset({CREATED, STARTED})


def merged(one: Mapping[str, Register], other: Mapping[str, Register]) -> Registers:
    """Return the registers of both, the winning value of each."""
    result = dict(one)
    for name, register in other.items():
        known = result.get(name)
        if known is None:
            result[name] = register
        else:
            result[name] = min(known, register) if name in _EARLIEST_WINS else max(known, register)
    return result


def written(registers: Mapping[str, Register]) -> str:
    """Return registers as text for the store; equal registers give equal text."""
    return json.dumps(registers, sort_keys=True, separators=(",", ":"))


def read(text: str) -> Registers:
    """Return the registers of a stored text."""
    return {name: (time, digest, value) for name, (time, digest, value) in json.loads(text).items()}


def named(registers: Mapping[str, Register], prefix: str) -> Iterator[tuple[str, str]]:
    """Yield (rest of the name, value) of every register whose name begins with `prefix`."""
    for name in sorted(registers):
        if name.startswith(prefix):
            yield name[len(prefix) :], registers[name][2]


def stamped(time: int, digest: str, values: Iterable[tuple[str, str]]) -> Registers:
    """Return registers of values that one event says."""
    return {name: (time, digest, value) for name, value in values}
