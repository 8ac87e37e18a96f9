"""What every interpreter of this room does before it understands: it says of a record that it cannot be. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.errors import UnknownObservation, UnreadableRecord

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_emitter.event import Event
    from riverhead_emitter.observation import Observation


def interpreted(observation: Observation, version: int, events: Callable[[Observation], list[Event]]) -> list[Event]:
    """Return the events that an observation means; one of another version, or without its facts, is an error."""
    kind = observation.kind
    if observation.version != version:
        raise UnknownObservation(f"{kind} of version {observation.version} needs another release of riverhead")
    try:
        return events(observation)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise UnreadableRecord(f"this {kind} lacks or misstates {error}") from error
