"""A record → OpenLineage events, by the interpreters that rooms register."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from riverhead_emitter.errors import UnknownObservation, UnreadableRecord
from riverhead_emitter.loading import loading, loading_a_package
from riverhead_emitter.observation import Observation
from riverhead_emitter.plain_values import LARGEST_EVENT, Cut, weight_of

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from riverhead_emitter.event import Event
    from riverhead_emitter.observation import Interpreter


def events_of(run_id: str, body: bytes, largest: int = LARGEST_EVENT) -> list[Event]:
    """Return the events that a record means, none of them larger than `largest` bytes of JSON.

    Pure, but for finding the interpreter.
    """
    try:
        record = json.loads(body)
        if "event" in record:
            return [_fitting(record["event"], largest, [])] if len(body) > largest else [record["event"]]
        observation = Observation(record["kind"], int(record["version"]), run_id, record["payload"])
        added, cuts = record.get("facets"), [Cut(*cut) for cut in record.get("trimmed", ())]
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableRecord("neither an event nor an observation") from error
    events = interpreter_of(observation.kind)(observation)
    return [_fitting(_with_added(event, added), largest, cuts) for event in events]


def _with_added(event: Event, added: dict[str, Any] | None) -> Event:
    if not added:
        return event
    with loading():
        from riverhead_emitter.added_facets import with_added

    return with_added(event, added)


def _fitting(event: Event, largest: int, cuts: list[Cut]) -> Event:
    if not cuts and weight_of(event, largest) <= largest and len(json.dumps(event, separators=(",", ":"))) <= largest:
        return event
    with loading():
        from riverhead_emitter.trimming import fitted

    return fitted(event, largest, cuts)


@cache
def interpreter_of(kind: str) -> Interpreter:
    """Return the interpreter that some installed room registered for this kind."""
    entry = registered().get(kind)
    if entry is None:
        raise UnknownObservation(f"no installed room understands observations of kind {kind!r}; upgrade riverhead here")
    with loading_a_package():
        interpreter: Interpreter = entry.load()
    return interpreter


@cache
def registered() -> dict[str, EntryPoint]:
    """Return what the installed rooms registered, by kind; looked for once, as that takes milliseconds."""
    with loading():
        from importlib.metadata import entry_points

    return {entry.name: entry for entry in entry_points(group="riverhead.interpreters")}
