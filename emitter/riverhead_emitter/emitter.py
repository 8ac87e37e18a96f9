"""The host's hand: facts, an observation or an event → one line in the spool, without ever raising or waiting."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Protocol

from riverhead_emitter.draining import Draining
from riverhead_emitter.encoding import encoded_event, encoded_observation
from riverhead_emitter.errors import UnreadableRecord
from riverhead_emitter.guard import FAILURES, FailureLog, guard
from riverhead_emitter.loading import loading
from riverhead_emitter.spool.places import directory_for
from riverhead_emitter.spool.writer import SpoolWriter

if TYPE_CHECKING:
    from riverhead_emitter.event import Event
    from riverhead_emitter.model import Lineage, Parentage, Run, RunState
    from riverhead_emitter.observation import Observation
    from riverhead_emitter.settings import Settings


class Outbox(Protocol):
    """Where a host puts what it saw; True means that it is kept."""

    def observe(self, observation: Observation, /) -> bool:
        """Keep an observation."""
        ...

    def emit(self, event: Event, /) -> bool:
        """Keep a ready event."""
        ...


class Emitter:
    """The outbox of one process. Opens nothing until the first record, and is safe to use after a fork.

    With `drains_at_end` a process that kept records sends what it can, within two seconds, when it ends by itself.
    """

    def __init__(self, settings: Settings, failures: FailureLog | None = None, *, drains_at_end: bool = False) -> None:
        self.settings = settings
        self.directory = directory_for(settings.spool_root, settings.destination)
        self.failures = failures or FailureLog(self.directory.parent / FAILURES)
        # A host's log may be older than its settings.
        self.failures.redaction = settings.redaction
        self._writer = SpoolWriter(
            self.directory,
            settings.destination,
            largest_spool_bytes=settings.largest_spool_bytes,
            is_synced=settings.is_synced,
        )
        self._shown = None if settings.shown_in is None else SpoolWriter(directory_for(settings.shown_in, ()))
        self._draining = Draining(settings, self.directory, self.failures)
        # Nobody calls a plain process's end; and a spool that ends with its process must not be left full.
        self._drains_at_end = bool(settings.sinks) and (drains_at_end or settings.is_ephemeral)
        self._added: dict[str, dict[str, Any]] | None = None

    def tell(
        self,
        state: RunState,
        run: Run,
        lineage: Lineage | None = None,
        *,
        time: datetime | None = None,
        parentage: Parentage | None = None,
        run_facets: Mapping[str, Any] | None = None,
        job_facets: Mapping[str, Any] | None = None,
    ) -> bool:
        """Keep the event of these facts, by default of now; True means that it survives the end of this process."""
        with guard("building an event", self.failures):
            with loading():
                from riverhead_emitter.event import run_event
                from riverhead_emitter.model import NO_LINEAGE

            event = run_event(
                state,
                time or datetime.now(timezone.utc),
                run,
                NO_LINEAGE if lineage is None else lineage,
                parentage=parentage,
                run_facets=run_facets,
                job_facets=job_facets,
            )
            return self.emit(event)
        return False

    def observe(self, observation: Observation) -> bool:
        """Keep an observation; True means that it survives the end of this process."""
        if self.settings.is_disabled:
            return False
        with guard("keeping an observation", self.failures):
            largest, added = self.settings.largest_event_bytes, self._added_facets()
            body = encoded_observation(observation, largest, self.settings.redaction, added)
            is_open = False if observation.is_last else None if observation.will is None else True
            return self._append(observation.run_id, body, is_open=is_open)
        return False

    def emit(self, event: Event) -> bool:
        """Keep a ready event; True means that it survives the end of this process."""
        if self.settings.is_disabled:
            return False
        with guard("keeping a record", self.failures):
            order = _order_of(event)
            wanted = self._wanted(event)
            if wanted is None:
                return False
            body = encoded_event(wanted, self.settings.largest_event_bytes, self.settings.redaction)
            return self._append(order, body)
        return False

    def drain(self, seconds: float) -> None:
        """Send what waits here, for so long at most; nothing if no sink is there or up, or a drainer works."""
        self._draining.drain(seconds)

    def drain_at_end(self, seconds: float) -> None:
        """Drain as this host's last act, for so long at most; longer where the spool's directory ends with the host."""
        self._draining.at_end(seconds)

    def drain_in_background(self) -> None:
        """Send from a thread of this process for as long as it lives; it waits while another drainer is at work."""
        self._draining.in_background()

    def stop_background(self, seconds: float) -> None:
        """Ask the background drainer to end, and wait so long at most."""
        self._draining.stop_background(seconds)

    def start_drainer(self, *, idle_seconds: float | None = None) -> None:
        """Leave a detached drainer behind that lives as long as this process; one is at work, by lock, others wait.

        With `idle_seconds` it is not tied to this process, and ends when nothing has come for so long.
        """
        self._draining.leave_behind(idle_seconds)

    def close(self) -> None:
        """Let go of the segment; the next record opens another. One with an open will stays this process's own."""
        self._writer.close()
        if self._shown is not None:
            self._shown.close()

    def _wanted(self, event: Event) -> Event | None:
        """Return the event as it is to be kept; None if the configuration leaves it out."""
        added = self._added_facets()
        if added:
            with loading():
                from riverhead_emitter.added_facets import with_added

            event = with_added(event, added)
        filters = self.settings.filters
        # How long a regular expression takes nobody knows, and a host does not wait: a drainer asks it.
        if not filters or not self.settings.sinks or any(found.is_regex for found in filters):
            return event
        with loading():
            from riverhead_emitter.filters import filtered

        return filtered(event, self.settings.filters)

    def _added_facets(self) -> dict[str, dict[str, Any]]:
        settings = self.settings
        if self._added is None and (settings.environment_variables or settings.job_tags or settings.run_tags):
            with loading():
                from riverhead_emitter.added_facets import added_facets

            chosen = {name: os.environ[name] for name in settings.environment_variables if name in os.environ}
            self._added = added_facets(chosen, settings.job_tags, settings.run_tags)
        return self._added or {}

    def _append(self, order: str, body: bytes, *, is_open: bool | None = None) -> bool:
        if self._shown is not None:
            with guard("keeping what is to be shown", self.failures):
                self._shown.append(order, body, is_open=is_open)
            # Who only looks leaves nothing behind that nobody asked to be sent.
            if not self.settings.sinks:
                return True
        self._writer.append(order, body, is_open=is_open)
        if self._drains_at_end:
            self._draining.once_at_end()
        return True


def _order_of(event: Event) -> str:
    """Return what orders an event among others: its run, or, of a job or dataset by itself, that."""
    if not isinstance(event, Mapping):
        raise UnreadableRecord("an event is a JSON object")
    if "run" in event:
        return _text(event["run"], "runId")
    owner = event["job"] if "job" in event else event["dataset"]
    return f"{_text(owner, 'namespace')}/{_text(owner, 'name')}"


def _text(owner: Any, key: str) -> str:
    found = owner[key]
    if not isinstance(found, str) or not found:
        raise UnreadableRecord(f"an event's {key} is a text")
    return found
