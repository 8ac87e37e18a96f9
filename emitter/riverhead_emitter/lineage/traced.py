"""One run of a job in plain Python: begun, told about, ended; nothing of it ever fails the code that it is about."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from riverhead_emitter.event import run_event
from riverhead_emitter.facets.job import job_type
from riverhead_emitter.facets.run import processing_engine
from riverhead_emitter.guard import FailureLog, guard
from riverhead_emitter.hand_over import as_environment
from riverhead_emitter.host_signals import let_through
from riverhead_emitter.lineage.endings import facets_after, state_after
from riverhead_emitter.lineage.gaps import Gaps
from riverhead_emitter.lineage.learning import note_trained
from riverhead_emitter.lineage.nesting import CURRENT, Active, leave, parentage_of
from riverhead_emitter.lineage.notebook import table_of
from riverhead_emitter.lineage.notes import Notes
from riverhead_emitter.lineage.outboxes import failures_of, namespace_of, process_outbox, redaction_of
from riverhead_emitter.lineage.telling import Telling
from riverhead_emitter.loading import loading
from riverhead_emitter.model import Job, Lineage, Run, RunState, Unresolved
from riverhead_emitter.redaction import REDACTION
from riverhead_emitter.run_ids import new_run_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextvars import Token
    from types import TracebackType

    from riverhead_emitter.emitter import Outbox
    from riverhead_emitter.event import Event
    from riverhead_emitter.facets.facet import Facet
    from riverhead_emitter.model import Parentage

_LONGEST_NAME = 500
_WHO = ("run", "state", "_parentage", "_own_facets", "_has_namespace")


class TracedRun(Telling):
    """A run that tells what it reads, writes and learns; enter it with `with` or `async with`."""

    def __init__(
        self,
        name: object = "",
        *,
        namespace: object = None,
        parent: object = None,
        outbox: Outbox | None = None,
        job_facets: Mapping[str, Facet] | None = None,
    ) -> None:
        self._outbox = outbox
        self._failures = FailureLog() if outbox is None else failures_of(outbox)
        self._parent = parent
        self._own_facets = dict(job_facets or {})
        self._tokens: list[Token[TracedRun | None]] = []
        self._pid = 0
        self._depth = 0
        self.told_too_late = 0
        self._parentage: Parentage | None = None
        self.events: list[Event] = []
        self.state: RunState | None = None
        self.run = Run(new_run_id(), Job(_text(namespace) or "default", _text(name) or "unnamed"))
        self._has_namespace = bool(_text(namespace))
        self._take_notes(Notes())

    @property
    def id(self) -> str:
        """The run's id."""
        return self.run.id

    @property
    def is_over(self) -> bool:
        """True of a run that has ended."""
        return self.state not in {None, RunState.START}

    @property
    def root(self) -> Run:
        """The run at the root of all runs around this one; itself, if there is none."""
        return self.run if self._parentage is None else self._parentage.root

    def begin(self) -> None:
        """Say that the run has begun; what was begun before begins anew, as a run of its own."""
        with guard("beginning a run", self._failures):
            if self._outbox is None:
                with loading():  # all threads share one
                    self._outbox = process_outbox()
                self._failures = self._outbox.failures
            # What was told before a run began is told of it.
            self._take_notes(self._notes if self.state is None else Notes())
            if self.state is not None:
                self.run, self.events, self.told_too_late = Run(new_run_id(), self.run.job), [], 0
            if not self._has_namespace:
                self.run = Run(self.run.id, Job(namespace_of(self._outbox), self.run.job.name))
            self.state, self._pid = RunState.START, os.getpid()
            self._parentage = parentage_of(self._parent)
            if self._parent is not None and self._parentage is None:
                self._gaps.name("parent", "it is no run: give one, or its name as in 'namespace/job/run id'")
            self._say(RunState.START, {})

    def end(self, error: BaseException | None = None) -> None:
        """Say how the run ended, with everything that it told; a process that was forked off says nothing of it."""
        with guard("ending a run", self._failures):
            if self.state is not RunState.START or self._pid != os.getpid():
                return
            self.state = state_after(error)
            facets: dict[str, Facet] = {}
            with guard("reading an error", self._failures):
                facets = facets_after(error, redaction_of(self._outbox))
            with guard("telling of a run", self._failures):
                self._say(self.state, facets)
            if self.events and self.events[-1]["eventType"] != self.state.value:
                # Whatever it told cannot be said: that it has ended can.
                self._take_notes(Notes((Unresolved("run", "what it told could not be put into an event"),)))
                self._say(self.state, facets)

    def as_environment(self) -> dict[str, str]:
        """Return the environment variables that make a child process's runs children of this one."""
        return as_environment(self.run, self.root)

    def active(self) -> Active:
        """Return a context in which this is the run around all others."""
        return Active(self)

    def __enter__(self) -> TracedRun:
        self._depth += 1
        if self._depth == 1:
            self.begin()
        self._tokens.append(CURRENT.set(self))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if self._tokens:
            leave(self._tokens.pop())
        if self._depth == 0:
            self.end(error)

    async def __aenter__(self) -> TracedRun:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)

    def __copy__(self) -> TracedRun:
        """Return the run itself: there is one of it, however many hold it."""
        return self

    def __deepcopy__(self, _: object) -> TracedRun:
        return self

    def __getstate__(self) -> dict[str, Any]:
        """Return who the run is, for another process, in which it can be a parent; what it was told stays here.

        One that is yet to begin takes along what it was told.
        """
        state = {name: getattr(self, name) for name in _WHO}
        with guard("pickling a run's parent", self._failures):
            state["_parent"] = None if self._parent is None else parentage_of(self._parent)
        return state if self.state is not None else {**state, "_notes": self._notes}

    def __setstate__(self, state: dict[str, Any]) -> None:
        TracedRun.__init__(self)
        own_id = self.run.id
        self.__dict__.update(state)
        if self.state is None:
            # Each of several copies may begin, and is a run of its own then.
            self.run = Run(own_id, self.run.job)
        self._take_notes(self._notes)

    def __repr__(self) -> str:
        state = "not begun" if self.state is None else self.state.value
        return f"<run {self.run.job.namespace}/{self.run.job.name} {self.run.id}: {state}>"

    def _repr_html_(self) -> str:
        return table_of(self, self._notes)

    def _take_notes(self, notes: Notes) -> None:
        self._notes, self._gaps = notes, Gaps(notes, self.run.job.name, self._failures)

    def _say(self, state: RunState, run_facets: dict[str, Facet]) -> None:
        job_facets = {"jobType": job_type("PYTHON", "JOB"), **self._own_facets, **self._notes.job_facets}
        if self._notes.trainings:
            note_trained(self._notes, self.run)
        lineage = self._notes.lineage()
        if state is not RunState.START:
            for gap in lineage.unresolved:
                self._gaps.name(gap.what, gap.why)
        event = run_event(
            state,
            datetime.now(timezone.utc),
            self.run,
            # Which column came from which is told once, at the end.
            Lineage(lineage.inputs, lineage.outputs) if state is RunState.START else lineage,
            parentage=self._parentage,
            run_facets={**_engine(), **self._notes.run_facets(), **run_facets},
            job_facets=job_facets,
        )
        self.events.append(event)
        if self._outbox is not None:
            self._outbox.emit(event)


def _engine() -> dict[str, Facet]:
    return {"processing_engine": processing_engine("Python", ".".join(map(str, sys.version_info[:3])))}


def _text(thing: object) -> str:
    if thing is None:
        return ""
    try:
        found = str(thing).strip()
        return found if len(found) <= _LONGEST_NAME else REDACTION.beginning(found, _LONGEST_NAME)
    except Exception as error:  # noqa: BLE001 - a name that has no text must not keep a job from running
        let_through(error)
        return ""
