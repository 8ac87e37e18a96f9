"""What a run was told and nobody could understand: named in its events, and once in a warning where it was told."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, TypeVar

from riverhead_emitter.errors import RiverheadError
from riverhead_emitter.guard import described, guard
from riverhead_emitter.host_log import warn
from riverhead_emitter.lineage.places import line_of_caller
from riverhead_emitter.model import Unresolved
from riverhead_emitter.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from riverhead_emitter.guard import FailureLog
    from riverhead_emitter.lineage.notes import Notes

Found = TypeVar("Found")
# Of each kind, of what a run is told; an event has hardly room for more, and looking at more takes a host's time.
MOST = 5_000
_MOST_GAPS = 1_000
_LONGEST_WARNING, _LONGEST_FAILURE = 1_000, 500


class MisunderstoodError(RiverheadError):
    """What was handed over means nothing here, and why."""


class Gaps:
    """Keeps what is not understood of one run's notes."""

    def __init__(self, notes: Notes, job: str, failures: FailureLog) -> None:
        self._notes = notes
        self._job = job
        self._failures = failures

    def understood(self, doing: str, meant: Callable[[object], Found], things: Iterable[object]) -> list[Found]:
        """Return what the first of these things mean; what means nothing is named, and the others are kept."""
        found = (self.understood_one(doing, meant, thing) for thing in self.first(doing, things))
        return [one for one in found if one is not None]

    def first(self, doing: str, things: Iterable[Found]) -> list[Found]:
        """Return so many of these things as a run keeps; that there are more, be it without end, is named."""
        found = list(itertools.islice(things, MOST + 1))
        if len(found) > MOST:
            self.name(doing, f"only the first {MOST:,} are looked at")
        return found[:MOST]

    def understood_one(self, doing: str, meant: Callable[[object], Found], thing: object) -> Found | None:
        """Return what a thing means; None, once it is named, if it means nothing."""
        try:
            return meant(thing)
        except MisunderstoodError as misunderstood:
            self.name(doing, str(misunderstood))
            return None

    def name(self, what: str, why: str) -> None:
        """Name what was not understood, in the run's events and, the first time, in a warning."""
        if self._is_new(what, why):
            self.warn(what, why)

    def name_failure(self, doing: str, error: Exception) -> None:
        """Name in the run's events what a verb failed at; the guard logs it, with its trace."""
        self._is_new(doing, described(error, self._failures.redaction)[:_LONGEST_FAILURE])

    def warn(self, what: str, why: str) -> None:
        """Say it to whoever reads the log of this process, with the line to look at."""
        with guard("warning of a gap", self._failures):
            sentence = printable(
                self._failures.redaction.beginning(f"{what}: {why}", _LONGEST_WARNING), _LONGEST_WARNING
            )
            warn(__name__, "lineage: run %r: %s (%s)", self._job, sentence, line_of_caller())

    def _is_new(self, what: str, why: str) -> bool:
        gap = Unresolved(what, why)
        if gap in self._notes.gaps or len(self._notes.gaps) >= _MOST_GAPS:
            return False
        self._notes.gaps[gap] = None
        return True
