"""Everything the emitter may be told, as one frozen value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.redaction import REDACTION, Redaction

if TYPE_CHECKING:
    from dataclasses import dataclass
    from pathlib import Path

    from riverhead_emitter.filters import Filter
    from riverhead_emitter.settings.sinks import Sink
else:
    from riverhead_emitter.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the emitter may be told."""

    spool_root: Path
    namespace: str = "default"
    sinks: tuple[Sink, ...] = ()
    is_disabled: bool = False
    start_drainer: bool = True
    timeout_seconds: float = 10.0
    # A record whose events are larger is trimmed, and says so.
    largest_event_bytes: int = 2 << 20
    # Above it the oldest closed segment leaves, counted.
    largest_spool_bytes: int = 1 << 30
    # True: a record is on the disk itself before it counts as accepted.
    is_synced: bool = False
    # True: the spool's directory ends with this host, so it is drained before the host does.
    is_ephemeral: bool = False
    # Jobs and datasets that no sink hears of; where nothing is configured, records wait whole.
    filters: tuple[Filter, ...] = ()
    # Names of variables whose values go into a facet of each run.
    environment_variables: tuple[str, ...] = ()
    job_tags: tuple[tuple[str, str], ...] = ()
    run_tags: tuple[tuple[str, str], ...] = ()
    redaction: Redaction = REDACTION
    # What is kept is kept there, too, for whoever started this process to show.
    shown_in: Path | None = None

    @property
    def destination(self) -> tuple[str, ...]:
        """What tells the directory of these records from others: the sinks' addresses and what they do not hear of."""
        if not self.sinks:
            return ()
        return (*(sink.address for sink in self.sinks), *(found.line for found in self.filters))
