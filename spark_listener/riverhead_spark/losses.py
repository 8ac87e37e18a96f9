"""What the listener could not take of an application: named in its events, and kept for `riverhead doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_emitter.errors import Unavailable
from riverhead_emitter.model import Unresolved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverhead_emitter.guard import FailureLog

_FULL = "records of this application were lost: the queue was full"
_BROKEN = "of Spark's messages could not be written down, the first because of"


def losses_of(record: Mapping[str, Any]) -> tuple[Unresolved, ...]:
    """Return what was lost of an application until this record; what is missing in it may have been in that. Pure."""
    lost = []
    if record.get("dropped"):
        lost.append(Unresolved("PlanTap", f"{record['dropped']} {_FULL}"))
    if record.get("failed"):
        lost.append(Unresolved("PlanTap", f"{record['failed']} {_BROKEN} {record.get('failure')}"))
    return tuple(lost)


class Losses:
    """The losses of one application that its failure log knows of."""

    def __init__(self, failures: FailureLog) -> None:
        self._failures = failures
        self._known: set[Unresolved] = set()

    def see(self, record: Mapping[str, Any]) -> None:
        """Keep what is lost by this record and was not by the one before."""
        for lost in losses_of(record):
            if lost not in self._known:
                self._failures.record("taking what Spark tells", Unavailable(lost.why))
                self._known.add(lost)
