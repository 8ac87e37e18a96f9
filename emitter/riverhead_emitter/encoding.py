"""Whatever a host hands over → JSON bytes without secrets: what can be kept is kept, and what is cut is named."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from riverhead_emitter.errors import UnreadableRecord
from riverhead_emitter.host_signals import let_through
from riverhead_emitter.loading import loading
from riverhead_emitter.plain_values import HALF_A_CHARACTER, LARGEST_EVENT, has_short_text, kept, text_of, weight_of
from riverhead_emitter.redaction import REDACTION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverhead_emitter.event import Event
    from riverhead_emitter.observation import Observation, Will
    from riverhead_emitter.redaction import Redaction


# An observation may mean several events, each of which is fitted into its limit when it is understood.
_LARGEST_OBSERVATION = 16
_LARGEST_WILL = 16 << 10
_ROUNDS = 4


def encoded(value: object, largest: int = LARGEST_EVENT, redaction: Redaction = REDACTION) -> bytes:
    """Return compact JSON without secrets; what JSON cannot say becomes its text, NaN and infinities become null."""
    return redaction.scrubbed(_quickly(value, largest) or _json(kept(value, largest, redaction.beginning)[0])).encode(
        "ascii"
    )


def encoded_event(event: Event, largest: int = LARGEST_EVENT, redaction: Redaction = REDACTION) -> bytes:
    """Return the record of a ready event, whose own JSON is never longer than `largest`."""
    text = _quickly(event, largest)
    if text is None or len(text := redaction.scrubbed(text)) > largest:
        text = _fitted(event, largest, redaction)
    return b'{"event":%b}' % text.encode("ascii")


def encoded_observation(
    observation: Observation,
    largest: int = LARGEST_EVENT,
    redaction: Redaction = REDACTION,
    added: Mapping[str, Mapping[str, Any]] | None = None,
) -> bytes:
    """Return the record of an observation; one that is far too large for any event is an UnreadableRecord.

    `added` are facets for every event that it will mean.
    """
    record: dict[str, Any] = {"kind": observation.kind, "version": observation.version, "payload": observation.payload}
    if added:
        record["facets"] = added
    if observation.is_last:
        record["will"] = None
    elif observation.will is not None and (will := _told(observation.will, redaction)) is not None:
        record["will"] = will
    most = largest * _LARGEST_OBSERVATION
    text = _quickly(record, most)
    if text is None:
        record, cuts = kept(record, most, redaction.beginning)
        is_too_large = weight_of(record, most) > most
        if cuts:
            record["trimmed"] = [(cut.path, cut.why, cut.size) for cut in cuts]
        text = "" if is_too_large else _json(record)
    if not 0 < len(text := redaction.scrubbed(text)) <= most:
        raise UnreadableRecord(f"an observation of more than {most} bytes")
    return text.encode("ascii")


def _told(will: Will, redaction: Redaction) -> dict[str, Any] | None:
    """Return a will as it is written down; None for one that is too large: it must not cost the observation."""
    try:
        told: dict[str, Any] = {"changes": will.changes, "times": will.times}
        if weight_of(told, _LARGEST_WILL) > _LARGEST_WILL:
            told = kept(told, _LARGEST_WILL, redaction.beginning)[0]
        return told if weight_of(told, _LARGEST_WILL) <= _LARGEST_WILL else None
    except Exception as error:  # noqa: BLE001 - a host's values may raise anything when they are asked what they hold
        let_through(error)
        return None


def _quickly(value: object, largest: int) -> str | None:
    """Return the JSON of what is plain, in whole characters and within the limit; None asks for a closer look."""
    try:
        if weight_of(value, largest) > largest:
            return None
        text = _json(value)
        # What is written with many escapes is longer than it weighs.
        return None if len(text) > largest or _has_half_a_character(text) else text
    except Exception as error:  # noqa: BLE001 - a host's values may raise anything when they are asked what they hold
        let_through(error)
        return None


def _fitted(event: Event, largest: int, redaction: Redaction) -> str:
    with loading():
        from riverhead_emitter.trimming import fitted  # hardly ever needed

    room = largest
    for _ in range(_ROUNDS):
        text = redaction.scrubbed(_json(fitted(event, room, (), redaction.beginning)))
        if len(text) <= largest:
            return text
        room -= len(text) - largest  # the mask may be longer than the secret was
    raise UnreadableRecord(f"an event does not fit into {largest} bytes")


def _short_text(value: object) -> str:
    if has_short_text(type(value)):
        return text_of(value)
    raise TypeError(type(value))


# It need not look for circles: what holds itself weighs too much to get here.
_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False, default=_short_text)
_json = _ENCODER.encode


def _has_half_a_character(text: str) -> bool:
    # First what is found at once: hardly any text has even a whole one that takes two escapes.
    if "\\" not in text or "\\ud" not in text:
        return False
    # Every escape of JSON's that the encoder writes is one of Python's, too.
    return re.search(HALF_A_CHARACTER, text.encode("ascii").decode("unicode_escape")) is not None
