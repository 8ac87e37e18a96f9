"""A record as it is to be sent: the events that it means, and what has become of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from riverhead_emitter.delivery.sender import NotNow
from riverhead_emitter.errors import UnknownObservation, UnreadableRecord
from riverhead_emitter.filters import filtered
from riverhead_emitter.guard import described
from riverhead_emitter.plain_values import LARGEST_EVENT
from riverhead_emitter.redaction import REDACTION
from riverhead_emitter.spool import segment
from riverhead_emitter.understand import events_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riverhead_emitter.filters import Filter
    from riverhead_emitter.redaction import Redaction

Source = TypeVar("Source")
# As the emitter writes a ready event, with nothing beside it: its bytes are sent as they are.
_BEGIN, _END = b'{"event":{', b"}}"


@dataclass(slots=True)
class Consignment(Generic[Source]):
    """One record's events on their way to one sink, and where the record came from."""

    source: Source
    run_id: str
    events: list[bytes] = field(default_factory=list)
    # So many of the events the sink has taken, now or in an earlier try; so many more are under way.
    done: int = 0
    under_way: int = 0
    # No more of it is sent: its run waits, and why, if the sink has just said so.
    is_left_out: bool = False
    reason: str = ""
    # Nobody can understand it: a dead letter.
    is_dead: bool = False
    # What understands it may be installed where the next drainer works: its run is set apart for that one.
    is_unknown: bool = False
    # Nobody can understand it here and now.
    problem: NotNow | None = None

    @property
    def is_answered(self) -> bool:
        """True if nothing of it is under way or still to be sent."""
        return not self.under_way and (self.is_left_out or self.done >= len(self.events))

    def rest_of(self, record: segment.Record) -> list[bytes]:
        """Return what the sink has not had of a record, as lines of ready events."""
        return [_line(record, event) for event in self.events[self.done :]]

    def line_of(self, record: segment.Record) -> bytes:
        """Return the event that is next, as a line of a ready event."""
        return _line(record, self.events[self.done])


@dataclass(frozen=True, slots=True)
class Understanding:
    """What is made of records on their way: what no sink hears of, how large an event may be, and what is hidden.

    What was told of an event that could not be understood or sent is read by people, too.
    """

    filters: Sequence[Filter] = ()
    largest_event_bytes: int = LARGEST_EVENT
    redaction: Redaction = REDACTION

    def serialised(self, record: segment.Record) -> list[bytes]:
        """Return the events that a record means."""
        body = record.body
        is_small = len(body) <= self.largest_event_bytes
        if is_small and not self.filters and body.startswith(_BEGIN) and body.endswith(_END):
            return [body[len(_BEGIN) - 1 : -1]]
        events = events_of(record.run_id, body, self.largest_event_bytes)
        if self.filters:
            events = [kept for event in events if (kept := filtered(event, self.filters)) is not None]
        return [json.dumps(event, separators=(",", ":")).encode() for event in events]


def consigned(
    source: Source, record: segment.Record | None, understanding: Understanding, done: int = 0
) -> Consignment[Source]:
    """Understand a record; whatever is wrong with it is said in the answer."""
    consignment = Consignment(source, record.run_id if record else "", done=done)
    try:
        consignment.events = understanding.serialised(_whole(record))
    except (ImportError, SyntaxError) as error:
        # A broken installation says nothing about the record: wait until it is mended.
        consignment.problem = NotNow(f"records cannot be understood here: {described(error, understanding.redaction)}")
    except UnknownObservation as error:
        consignment.is_unknown = consignment.is_left_out = True
        consignment.reason = described(error, understanding.redaction)
    except Exception as error:  # noqa: BLE001 - a record that cannot be understood must not hold up those behind it
        consignment.is_dead, consignment.reason = True, described(error, understanding.redaction)
    return consignment


def _whole(record: segment.Record | None) -> segment.Record:
    if record is None:
        raise UnreadableRecord("the spool line is damaged")
    return record


def _line(record: segment.Record, event: bytes) -> bytes:
    return segment.line_of(segment.Record(record.time, record.run_id, b'{"event":%s}' % event))
