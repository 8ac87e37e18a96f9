"""What a host writes down: plain facts of one moment, to be understood later.

An observation is also a test fixture: a room's `interpret` makes the same events of it anywhere, any time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from dataclasses import dataclass

    from riverhead_emitter.event import Event
else:
    from riverhead_emitter.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Will:
    """What is to be said for a run whose process dies without a word.

    It is the payload that the will came with, but for `changes`, and with the time of death under each of these names.
    """

    changes: Mapping[str, Any]
    times: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """Facts of one `kind` in the payload's layout of `version`; `run_id` orders them within a run.

    A `will`, which is told once or seldom, takes the place of an earlier one of its run; who `is_last` revokes it.
    """

    kind: str
    version: int
    run_id: str
    payload: Mapping[str, Any]
    will: Will | None = None
    is_last: bool = False


class Interpreter(Protocol):
    """A room's pure function from an observation to OpenLineage events (none, one or several).

    Rooms register theirs under the entry-point group `riverhead.interpreters`, named by the kind.
    """

    def __call__(self, observation: Observation, /) -> Sequence[Event]:
        """Return the events that this observation means."""
        ...
