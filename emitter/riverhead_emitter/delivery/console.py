"""Events to the standard output of whoever drains, one line each."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from riverhead_emitter.delivery.sender import Answer, Delivered, NotNow
from riverhead_emitter.delivery.turns import one_by_one

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riverhead_emitter.delivery.sender import Parcel
    from riverhead_emitter.settings import ConsoleSink


class ConsoleSender:
    """Prints events."""

    def __init__(self, sink: ConsoleSink) -> None:
        self.address = sink.address

    def send(self, parcels: Iterable[Parcel], seconds: float) -> Iterator[Answer]:
        """Print each event as one line."""
        return one_by_one(parcels, seconds, self._deliver)

    def _deliver(self, parcel: Parcel, seconds: float) -> Answer:  # noqa: ARG002 - a pipe that is full is waited for
        try:
            # Asked for each time, as a host may change it; None in a process without a console.
            sys.stdout.write(parcel.event.decode("utf-8", "replace") + "\n")
            sys.stdout.flush()
        except (OSError, ValueError, AttributeError) as error:
            return NotNow(f"cannot write to the standard output: {error}")
        return Delivered()

    def close(self) -> None:
        """The standard output belongs to the process."""
