"""A record → OpenLineage events, by the interpreters that rooms register."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from riverhead_emitter.errors import UnknownObservation, UnreadableRecord
from riverhead_emitter.observation import Observation

if TYPE_CHECKING:
    from riverhead_emitter.event import Event
    from riverhead_emitter.observation import Interpreter


def event_body(event: Event) -> dict[str, Any]:
    """Return the record of a ready event."""
    return {"event": event}


def observation_body(observation: Observation) -> dict[str, Any]:
    """Return the record of an observation."""
    return {"kind": observation.kind, "version": observation.version, "payload": observation.payload}


def events_of(run_id: str, body: bytes) -> list[Event]:
    """Return the events that a record means; pure but for finding the interpreter."""
    try:
        record = json.loads(body)
        if "event" in record:
            return [record["event"]]
        observation = Observation(record["kind"], int(record["version"]), run_id, record["payload"])
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableRecord("neither an event nor an observation") from error
    return list(interpreter_of(observation.kind)(observation))


@cache
def interpreter_of(kind: str) -> Interpreter:
    """Return the interpreter that some installed room registered for this kind."""
    from importlib.metadata import entry_points

    for entry in entry_points(group="riverhead.interpreters"):
        if entry.name == kind:
            interpreter: Interpreter = entry.load()
            return interpreter
    raise UnknownObservation(f"no installed room understands observations of kind {kind!r}; upgrade riverhead here")
