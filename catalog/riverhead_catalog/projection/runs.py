"""What an event says of its run, and what its registers mean together."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riverhead_catalog.projection.coverage import FACET_NAME, unresolved_count
from riverhead_catalog.projection.registers import CREATED, STARTED, UPDATED, named
from riverhead_catalog.projection.shape import digest_of
from riverhead_emitter.model import RunState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverhead_catalog.projection.contents import Contents
    from riverhead_catalog.projection.registers import Registers
    from riverhead_catalog.projection.shape import Shape

SHAPE = "shape:"
INPUT = "input:"
OUTPUT = "output:"
_ENDED = "ended"
_GOING = "going"
_OTHER = "other"
_UNRESOLVED = "unresolved"
_REGISTER = {
    RunState.START: _GOING, RunState.RUNNING: _GOING, RunState.OTHER: _OTHER,
    RunState.COMPLETE: _ENDED, RunState.FAIL: _ENDED, RunState.ABORT: _ENDED,
}  # fmt: skip
_STATES = {state.value: state for state in RunState}


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Where a run is in its life, from everything said of it."""

    state: RunState
    created: int
    updated: int
    started: int | None
    ended: int | None
    said_by: str
    has_gaps: bool

    @property
    def is_complete(self) -> bool:
        """True if the run ended well."""
        return self.state is RunState.COMPLETE

    @property
    def begun(self) -> int:
        """When it started, or was first heard of where nobody said."""
        return self.created if self.started is None else self.started

    @property
    def duration_milliseconds(self) -> int | None:
        """How long it took, where both ends are known; clocks that disagree make it zero, never less."""
        if self.ended is None or self.started is None:
            return None
        return max(0, self.ended - self.started) // 1000


def registers(event: Mapping[str, Any], shape: Shape, contents: Contents) -> Registers:
    """Return the registers of the event's run."""
    # Producers write states in lower case or of their own making; what is not known changes no state.
    state = _STATES.get(event["eventType"].upper(), RunState.OTHER)
    said = contents.say([(_REGISTER[state], state.value)])
    if state is RunState.START:
        said |= contents.say([(STARTED, "")])
    if not shape.is_empty:
        said |= contents.say([(SHAPE + digest_of(shape).hex(), "")])
    for prefix, side, kind in ((INPUT, "inputs", "inputFacets"), (OUTPUT, "outputs", "outputFacets")):
        for entry in event.get(side) or []:
            if entry.get(kind):
                name = json.dumps([entry["namespace"], entry["name"]], ensure_ascii=False)
                said |= contents.say([(prefix + name, contents.keep(entry[kind]))])
    facets = event["run"].get("facets") or {}
    if FACET_NAME in facets:
        said |= contents.say([(_UNRESOLVED, str(unresolved_count(facets[FACET_NAME])))])
    return {**contents.seen(), **said, **contents.facets(facets)}


def facts(registers: Registers) -> RunFacts:
    """Return what a run's registers mean: an end stands, whatever start comes late."""
    created, updated = registers[CREATED][0], registers[UPDATED][0]
    ended = registers.get(_ENDED)
    latest = ended or registers.get(_GOING) or registers[_OTHER]
    return RunFacts(
        state=RunState.RUNNING if latest[2] == RunState.START else RunState(latest[2]),
        created=created,
        updated=updated,
        started=registers[STARTED][0] if STARTED in registers else None,
        ended=ended[0] if ended else None,
        said_by=latest[1],
        has_gaps=registers.get(_UNRESOLVED, (0, "", "0"))[2] != "0",
    )


def shape_digests(registers: Registers) -> list[bytes]:
    """Return the addresses of every shape that the run's events have described."""
    return [bytes.fromhex(name) for name, _ in named(registers, SHAPE)]


def counts(facts: RunFacts, shape: Shape) -> bool:
    """True if the run says enough to speak for its job: it completed or failed, or it has named both sides."""
    return facts.state in {RunState.COMPLETE, RunState.FAIL} or bool(shape.inputs and shape.outputs)


def is_whole(facts: RunFacts, shape: Shape) -> bool:
    """True if the run's shape takes the place of its job's: it ended well, and what it says can be all there is.

    A run that names no output and says that it could not trace something does not know what it wrote. One that names
    nothing and has no gaps did nothing; and with an output, what is known of it is better than what was known before.
    """
    return facts.is_complete and (bool(shape.outputs) or not facts.has_gaps)
