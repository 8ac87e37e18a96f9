"""Is this line an OpenLineage event that a backend could take? Lightly, as anyone's events come by here."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from riverhead_emitter.errors import UnreadableRecord
from riverhead_emitter.printable import quoted

if TYPE_CHECKING:
    from riverhead_emitter.event import Event

_STATES = {"START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"}


def event_of(line: bytes) -> Event:
    """Return the run, job or dataset event of a line; an UnreadableRecord says why it is none."""
    try:
        event = json.loads(line.decode().rstrip())
    except RecursionError as error:
        raise UnreadableRecord("it is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise UnreadableRecord(f"it is not UTF-8 (byte {error.start + 1})") from error
    except json.JSONDecodeError as error:
        raise UnreadableRecord(f"it is not JSON, one event a line ({error.msg}, character {error.pos + 1})") from error
    except ValueError as error:
        raise UnreadableRecord("it holds a number that is too long") from error
    if not isinstance(event, dict):
        raise UnreadableRecord(f"an event is an object, not {_kind(event)}")
    _check(event)
    return event


def _check(event: Event) -> None:
    _text(event, "eventTime", "eventTime")
    _check_time(event["eventTime"])
    if "run" in event:
        run = _part(event, "run")
        _check_run_id(_text(run, "runId", "run.runId"))
        _named(event, "job")
        state = event.get("eventType")
        if state is not None and state not in _STATES:
            raise UnreadableRecord(f"eventType is {quoted(state)}, none of {', '.join(sorted(_STATES))}")
    elif "job" in event:
        _named(event, "job")
    elif "dataset" in event:
        _named(event, "dataset")
    else:
        raise UnreadableRecord("it has no run, job or dataset, so it is no OpenLineage event")
    for name in ("inputs", "outputs"):
        for dataset in _listed(event, name):
            _part({name: dataset}, name)
            _text(dataset, "namespace", f"{name}[].namespace")
            _text(dataset, "name", f"{name}[].name")


def _named(event: Event, what: str) -> None:
    part = _part(event, what)
    _text(part, "namespace", f"{what}.namespace")
    _text(part, "name", f"{what}.name")


def _part(event: Event, what: str) -> Event:
    found = event.get(what)
    if not isinstance(found, dict):
        raise UnreadableRecord(f"{what} must be an object, not {_kind(found)}")
    return found


def _listed(event: Event, what: str) -> list[Any]:
    found = event.get(what)
    if found is None:
        return []
    if not isinstance(found, list):
        raise UnreadableRecord(f"{what} must be a list, not {_kind(found)}")
    return found


def _text(part: Event, key: str, name: str) -> str:
    found = part.get(key)
    if not isinstance(found, str) or not found:
        raise UnreadableRecord(f"{name} must be a text, not {_kind(found)}")
    return found


def _check_time(text: str) -> None:
    try:
        # Python 3.10 knows no Z, and no more than six digits of a second.
        datetime.fromisoformat(text[:19].rstrip("Zz"))
    except ValueError as error:
        raise UnreadableRecord(f"eventTime {quoted(text)} is no time such as 2026-11-21T12:00:00Z") from error


def _check_run_id(text: str) -> None:
    try:
        UUID(text)
    except ValueError as error:
        raise UnreadableRecord(f"run.runId {quoted(text)} is no UUID") from error


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "nothing"}
    return "an empty text" if value == "" else names.get(type(value), "a number")
