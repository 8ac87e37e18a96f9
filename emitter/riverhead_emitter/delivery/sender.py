"""What the drainer asks of a sink, and what a sink may answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Delivered:
    """The sink has it."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The sink will never take it; keep it as a dead letter."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotNow:
    """The sink cannot take it now; try again, not before `after_seconds` if that is given.

    With `is_of_one_record` the sink is there and fails at this record, which says nothing about others.
    """

    reason: str
    after_seconds: float | None = None
    is_of_one_record: bool = False


Answer = Delivered | Rejected | NotNow


class Sender(Protocol):
    """Sends one event at a time; `address` tells it from others and holds no secret."""

    @property
    def address(self) -> str:
        """What tells this sink from others."""
        ...

    def send(self, event: bytes, seconds: float) -> Answer:
        """Send one serialised event within so many seconds in all; never raises for what the other side does."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
