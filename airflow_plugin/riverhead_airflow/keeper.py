"""Snapshots → the spool, and who sends them from there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_airflow.snapshot import VERSION
from riverhead_emitter.observation import Observation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverhead_airflow.texts import Masker
    from riverhead_emitter.emitter import Emitter
    from riverhead_emitter.observation import Will

# A task's drainer serves the tasks that end soon after it; understanding SQL takes longer to load than to do.
IDLE_SECONDS = 60.0
_DRAIN_SECONDS = 0.1


class Keeper:
    """Keeps what one process sees, and sees that it is sent."""

    def __init__(self, emitter: Emitter, masker: Masker) -> None:
        self._emitter = emitter
        self._masker = masker
        self._has_drainer = False

    def keep(
        self, kind: str, run_id: str, facts: Mapping[str, Any], will: Will | None = None, *, is_last: bool = False
    ) -> None:
        """Keep one snapshot; what names its run and its database stays as it is, whatever Airflow masks."""
        self._masker.spare(facts, kind, run_id)
        self._emitter.observe(Observation(kind, VERSION, run_id, facts, will, is_last))

    def lean_on_drainer(self) -> None:
        """Leave a drainer behind that lives as long as this process."""
        self._emitter.start_drainer()
        self._has_drainer = True

    def leave_drainer(self) -> bool:
        """Leave a drainer behind unless one is at work, which costs nothing to ask; False where none may be left."""
        settings = self._emitter.settings
        if not settings.start_drainer or settings.is_ephemeral:
            return False
        self._emitter.start_drainer(idle_seconds=IDLE_SECONDS)
        return True

    def see_sent(self) -> None:
        """Where this process leans on no drainer, as an API server, leave one for what has been kept."""
        if not self._has_drainer:
            self.leave_drainer()

    def see_sent_at_end(self) -> None:
        """See that what is kept is sent when this process ends: by a drainer, or else in one short try.

        What is left behind ends with an ephemeral machine: there the process itself sends, for as long as that allows.
        """
        if not self.leave_drainer():
            self._emitter.drain_at_end(_DRAIN_SECONDS)
