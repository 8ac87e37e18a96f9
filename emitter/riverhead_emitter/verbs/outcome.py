"""What draining has come to: what was sent, what waits, what was refused, and which runs are set apart."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from riverhead_emitter.delivery.quarantine import apart_in
from riverhead_emitter.errors import RiverheadError
from riverhead_emitter.printable import counted, printable
from riverhead_emitter.spool.places import directory_for
from riverhead_emitter.spool.reader import waiting_in
from riverhead_emitter.verbs.destinations import known_destinations, standing_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from riverhead_emitter.delivery.account import Tally
    from riverhead_emitter.settings import Sink

# What a command that somebody types does not know of a host.
NOT_READ = (
    "airflow.cfg and Spark's conf are not read here, and may name another spool or destination: "
    "`riverhead doctor` says which Airflow's tasks use"
)
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of `drain` has done, and what it leaves."""

    events: int = 0
    refused: int = 0
    waiting: int = 0
    apart: int = 0

    @property
    def is_nothing(self) -> bool:
        """True if there was nothing to be done at all."""
        return not self.events and self.is_all_sent

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


def nothing_found(directories: Iterable[Path], environment: Mapping[str, str]) -> str:
    """Return where somebody looked in vain, what waits elsewhere, and whose configuration was not read."""
    looked = list(directories)
    places = ", ".join(printable(str(directory), _LONGEST) for directory in looked) or "any spool of this user"
    return "\n".join((f"nothing waited in {places}; {NOT_READ}", *_elsewhere(looked, environment)))


def _elsewhere(looked: list[Path], environment: Mapping[str, str]) -> Iterator[str]:
    for directory in known_destinations(environment):
        with contextlib.suppress(OSError, RiverheadError):
            standing = standing_of(directory)
            if directory not in looked and standing.records:
                waiting = counted(standing.records, "record waits", "records wait")
                yield f"{waiting} in {printable(str(directory), _LONGEST)} for {standing.goal}"


def stranded(roots: Iterable[Path]) -> str:
    """Return a sentence about records that were kept before anything was configured; nothing if there are none."""
    records = 0
    for root in {os.path.realpath(root): root for root in roots}.values():
        # What cannot be read is another user's, or a finding of its own.
        with contextlib.suppress(OSError, RiverheadError):
            records += waiting_in(directory_for(root, []), []).records
    if not records:
        return ""
    kept = counted(records, "record was", "records were")
    return f"{kept} kept before anything was configured; `riverhead drain --waiting-to URL` sends what is there"
