"""A sink that is there but fails at one record: its run waits, longer each time, and others go on without it.

Nothing is given up: a record that is refused for ever is tried for ever, about once a minute.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from riverhead_emitter.delivery.sender import NotNow
    from riverhead_emitter.spool.reader import Pending, SinkReader

_FIRST_PAUSE_OF_A_RUN_SECONDS, _LONGEST_PAUSE_OF_A_RUN_SECONDS = 0.4, 60.0
# So many runs refused and none taken: that is no matter of single records any more.
_MOST_REFUSED_RUNS = 20


@dataclass
class Gaps:
    """What one sink refused by itself: runs that wait for their next try, and what it had of others behind them.

    An acknowledgement is an offset, so behind a gap it is only remembered here. A drainer that is killed forgets, and
    those records are sent twice.
    """

    pauses: dict[str, tuple[float, float]] = field(default_factory=dict)  # run → its pause, and when that is over
    delivered: set[tuple[Path, int]] = field(default_factory=set)

    def holds(self, run_id: str) -> bool:
        """True if it is too early for another try of this run."""
        return run_id in self.pauses and time.monotonic() < self.pauses[run_id][1]

    def refuse(self, run_id: str) -> None:
        """Let the run wait, longer each time."""
        last = self.pauses.get(run_id, (_FIRST_PAUSE_OF_A_RUN_SECONDS / 2, 0.0))[0]
        pause = min(last * 2, _LONGEST_PAUSE_OF_A_RUN_SECONDS)
        self.pauses[run_id] = (pause, time.monotonic() + pause)


class OnePass:
    """One way through what one sink has not had: which runs it leaves out, and which segments so have a gap."""

    def __init__(self, reader: SinkReader, gaps: Gaps) -> None:
        self.gapped: set[Path] = set()
        self._reader = reader
        self._gaps = gaps
        self._left_out: set[str] = set()
        self._refused = 0
        self._has_delivered = False

    def has_had(self, pending: Pending) -> bool:
        """True if the sink took this behind a gap; then it is acknowledged as soon as the gap is closed."""
        if (pending.path, pending.end) not in self._gaps.delivered:
            return False
        self._note(pending)
        return True

    def leaves_out(self, pending: Pending) -> bool:
        """True if the run of this record waits for its next try, or something of it was left out before."""
        run_id = _run_id(pending)
        if run_id not in self._left_out and not self._gaps.holds(run_id):
            return False
        self._leave_out(pending)
        return True

    def goes_on_without(self, pending: Pending, refusal: NotNow) -> bool:
        """True if the sink refused only this, and the pass goes on without its run."""
        if not refusal.is_of_one_record:
            return False
        self._gaps.refuse(_run_id(pending))
        self._leave_out(pending)
        self._refused += 1
        return self._has_delivered or self._refused < _MOST_REFUSED_RUNS

    def acknowledge(self, pending: Pending) -> None:
        """Note that the sink took this, now."""
        self._has_delivered = True
        self._gaps.pauses.pop(_run_id(pending), None)
        self._note(pending)

    def _note(self, pending: Pending) -> None:
        place = (pending.path, pending.end)
        if pending.path in self.gapped:
            self._gaps.delivered.add(place)
        else:
            self._reader.acknowledge(pending)
            self._gaps.delivered.discard(place)

    def _leave_out(self, pending: Pending) -> None:
        self._left_out.add(_run_id(pending))
        self.gapped.add(pending.path)


def _run_id(pending: Pending) -> str:
    return pending.record.run_id if pending.record else ""
