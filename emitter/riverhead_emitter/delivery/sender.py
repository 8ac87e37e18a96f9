"""What the drainer asks of a sink, and what a sink may answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


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


@dataclass(frozen=True, slots=True)
class Parcel:
    """One serialised event and the run that it belongs to, in whose order it must arrive."""

    run_id: str
    event: bytes


class Sender(Protocol):
    """Sends events; `address` tells the sink from others and holds no secret."""

    @property
    def address(self) -> str:
        """What tells this sink from others."""
        ...

    def send(self, parcels: Iterable[Parcel], seconds: float) -> Iterator[Answer]:
        """Yield an answer per parcel, in their order, as soon as it is known; never raise for the other side's sake.

        A sender may look a few parcels ahead, but never has two of one run under way, and once it has refused a
        run's parcel it sends nothing more of that run in this call: it answers the rest of it the same. `seconds`
        bounds each parcel's delivery in all. Closing the iterator abandons what was not answered.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
