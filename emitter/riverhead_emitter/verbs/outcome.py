"""What draining has come to: what was sent, what waits, what was refused, and which runs are set apart."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from riverhead_emitter.delivery.quarantine import apart_in
from riverhead_emitter.errors import RiverheadError
from riverhead_emitter.printable import counted
from riverhead_emitter.spool.places import directory_for, known_roots
from riverhead_emitter.spool.reader import waiting_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from riverhead_emitter.delivery.account import Tally
    from riverhead_emitter.settings import Sink


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of `drain` has done, and what it leaves."""

    events: int = 0
    refused: int = 0
    waiting: int = 0
    apart: int = 0

    @property
    def is_all_sent(self) -> bool:
        """True if nothing is left, and nothing was refused."""
        return not (self.refused or self.waiting or self.apart)

    def told(self) -> str:
        """Return it as a person reads it."""
        waiting = counted(self.waiting, "record waits", "records wait")
        apart = counted(self.apart, "run is set apart", "runs are set apart")
        return f"sent {counted(self.events, 'event')}; {waiting}; {self.refused:,} refused; {apart}"

    def hint(self) -> str:
        """Return where a person looks further; nothing where there is nothing to see."""
        return "`riverhead spool list` shows what was refused or set apart" if self.refused or self.apart else ""

    def with_(self, tally: Tally) -> Outcome:
        """Add what one drainer has done."""
        return replace(self, events=self.events + tally.events, refused=self.refused + tally.dead)

    def leaving(self, directories: Iterable[Path], sinks: Sequence[Sink]) -> Outcome:
        """Add what these directories hold now."""
        listed = list(directories)
        apart = sum(1 for directory in listed for _ in apart_in(directory))
        return replace(self, waiting=self.waiting + waiting(listed, sinks), apart=self.apart + apart)


def waiting(directories: Iterable[Path], sinks: Sequence[Sink]) -> int:
    """Count what some of these sinks has not had."""
    addresses = [sink.address for sink in sinks]
    return sum(waiting_in(directory, addresses).records for directory in directories)


def stranded(environment: Mapping[str, str]) -> str:
    """Return a sentence about records that were kept before anything was configured; nothing if there are none."""
    records = 0
    for root in known_roots(environment):
        # What cannot be read is another user's, or a finding of its own.
        with contextlib.suppress(OSError, RiverheadError):
            records += waiting_in(directory_for(root, []), []).records
    if not records:
        return ""
    kept = counted(records, "record was", "records were")
    return f"{kept} kept before anything was configured; `riverhead drain --waiting-to URL` sends what is there"
