"""What is done for one sink of a directory: how much so far, whether it takes anything, and what it will never take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from riverhead_emitter.delivery.breaker import note_up
from riverhead_emitter.delivery.letters import bury
from riverhead_emitter.delivery.sender import NotNow
from riverhead_emitter.errors import Unavailable
from riverhead_emitter.host_log import warn
from riverhead_emitter.redaction import REDACTION
from riverhead_emitter.spool.cap import LARGEST_ASIDE

if TYPE_CHECKING:
    from pathlib import Path

    from riverhead_emitter.redaction import Redaction


@dataclass
class Tally:
    """What a drainer has done so far."""

    records: int = 0
    events: int = 0
    dead: int = 0
    # Lines within which a writer was killed; they had not been accepted.
    torn: int = 0
    last_refusal: str = ""


class Account:
    """One sink's side of a directory, which is kept while records go there from the spool and from quarantine."""

    def __init__(
        self,
        directory: Path,
        address: str,
        *,
        redaction: Redaction = REDACTION,
        largest_aside: int = LARGEST_ASIDE,
    ) -> None:
        self.directory = directory
        self.address = address
        self.redaction = redaction
        self.largest_aside = largest_aside
        self.tally = Tally()
        # In this tour.
        self.has_delivered = False

    def note_delivered(self) -> None:
        """Note that the sink takes something, as whoever waits for it may know."""
        if not self.has_delivered:
            self.has_delivered = True
            note_up(self.directory)

    def bury(self, line: bytes, reason: str) -> NotNow | None:
        """Keep a line of what the sink will never take; a refusal if even that cannot be done."""
        try:
            bury(self.directory, self.address, line, reason, redaction=self.redaction, largest=self.largest_aside)
        except Unavailable as error:
            return NotNow(str(error))
        self.tally.dead += 1
        warn(__name__, "lineage: one record became a dead letter in %s: %s", self.directory, reason[:300])
        return None
