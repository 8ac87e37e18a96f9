"""Sends one event after the other, for sinks that gain nothing from more than one under way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.delivery.sender import Answer, NotNow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from riverhead_emitter.delivery.sender import Parcel


def one_by_one(
    parcels: Iterable[Parcel], seconds: float, deliver: Callable[[Parcel, float], Answer]
) -> Iterator[Answer]:
    """Yield what `deliver` answers for each parcel; the rest of a refused run is answered the same, unsent."""
    refused: dict[str, NotNow] = {}
    for parcel in parcels:
        answer = refused.get(parcel.run_id) or deliver(parcel, seconds)
        if isinstance(answer, NotNow):
            refused[parcel.run_id] = answer
        yield answer
