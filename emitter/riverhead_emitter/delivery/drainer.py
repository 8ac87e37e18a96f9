"""Empties one destination's directory: a courier for each of its sinks, so that none waits for another.

One drainer per directory at a time, by lock.
"""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING

from riverhead_emitter.delivery.account import Account, Tally
from riverhead_emitter.delivery.breaker import note_down, wait_for
from riverhead_emitter.delivery.consignment import Understanding
from riverhead_emitter.delivery.courier import Courier
from riverhead_emitter.delivery.ending import Ending
from riverhead_emitter.delivery.letters import DEAD_LETTERS, dead_letters_in
from riverhead_emitter.delivery.senders import sender_or_reason
from riverhead_emitter.delivery.shipment import TIME_IS_UP
from riverhead_emitter.delivery.together import together
from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.host_log import note
from riverhead_emitter.plain_values import LARGEST_EVENT
from riverhead_emitter.redaction import REDACTION
from riverhead_emitter.spool.cap import LARGEST_ASIDE, SHARE_ASIDE
from riverhead_emitter.spool.locks import only_drainer
from riverhead_emitter.spool.reader import is_anything_waiting, remove_left_behind
from riverhead_emitter.spool.segment import SLOTS
from riverhead_emitter.spool.watching import OpenWills, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from riverhead_emitter.delivery.sender import NotNow, Sender
    from riverhead_emitter.filters import Filter
    from riverhead_emitter.redaction import Redaction
    from riverhead_emitter.settings import Settings, Sink

    # A sink's address, and why it takes nothing; no reason: it does take.
    Tell = Callable[[str, str | None], object]

__all__ = ["DEAD_LETTERS", "Drainer", "Tally", "dead_letters_in", "drainer_for"]

_LOOK_SECONDS = 0.2
_LONGEST_IDLE_PAUSE_SECONDS = 1.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.2, 30.0
_BETWEEN_TURNS_SECONDS = 1.0
# A run that holds up only itself: what is behind it is read again in each tour, so not as often as an empty spool.
_BESIDE_A_GAP_SECONDS = 1.0
# So long a drainer that is idle stays for whoever may die without a word.
_LONGEST_VIGIL_SECONDS = 24 * 3600.0


def _unsaid(_address: str, _reason: str | None) -> None:
    """Say nothing."""


class Drainer:
    """Drains `directory` to `senders`, each of which acknowledges for itself.

    `tell` hears after each tour which sink took something, and which takes nothing, and why.
    """

    def __init__(
        self,
        directory: Path,
        senders: Sequence[Sender],
        timeout_seconds: float = 10.0,
        *,
        filters: Sequence[Filter] = (),
        largest_event_bytes: int = LARGEST_EVENT,
        redaction: Redaction = REDACTION,
        largest_aside: int = LARGEST_ASIDE,
        tell: Tell = _unsaid,
    ) -> None:
        self._senders = list({sender.address: sender for sender in senders}.values())
        if len(self._senders) > SLOTS:
            raise ConfigurationError(f"{len(self._senders)} sinks are configured and {SLOTS} can be; leave some out")
        self._directory = directory
        self._addresses = [sender.address for sender in self._senders]
        self._timeout_seconds = timeout_seconds
        self._redaction = redaction
        self._tell = tell
        understanding = Understanding(filters, largest_event_bytes, redaction)
        accounts = [
            Account(directory, address, redaction=redaction, largest_aside=largest_aside) for address in self._addresses
        ]
        self._watch = Watch()
        self._couriers = [
            Courier(account, sender, self._addresses, timeout_seconds, understanding, watch=self._watch)
            for account, sender in zip(accounts, self._senders, strict=True)
        ]
        self._down: dict[Courier, NotNow] = {}
        self._busy_at = 0.0
        self._open_wills = OpenWills(directory)

    @property
    def tally(self) -> Tally:
        """What was done so far, for all sinks together."""
        tallies = [courier.tally for courier in self._couriers]
        return Tally(
            records=sum(tally.records for tally in tallies),
            events=sum(tally.events for tally in tallies),
            dead=sum(tally.dead for tally in tallies),
            torn=max((tally.torn for tally in tallies), default=0),
            last_refusal=next((tally.last_refusal for tally in tallies if tally.last_refusal), ""),
        )

    def drain(self, seconds: float) -> bool:
        """Send what is there, for so long at most; True if nothing is left, False if time or a sink gave out.

        Returns False at once when another drainer is at work.
        """
        with only_drainer(self._directory) as is_ours:
            if not is_ours:
                return False
            self._begin()
            return self._drain(time.monotonic() + seconds) is None

    def follow(
        self, is_over: Callable[[], bool], wake: threading.Event | None = None, *, idle_seconds: float | None = None
    ) -> bool:
        """Keep sending until `is_over`, then once more; False if it ends while the turn is another's.

        It waits for its turn, as another drainer may be about to end. With `idle_seconds` it does not, and ends by
        itself when nothing has waited for so long: whoever leaves such a drainer behind leaves many. It stays while a
        living process has an open will, for a day at most: nobody else would hear of that one's death.
        """
        wake = wake or threading.Event()
        with Ending(is_over) as ending:
            return self._follow(ending, wake, idle_seconds)

    def _follow(self, ending: Ending, wake: threading.Event, idle_seconds: float | None) -> bool:
        while True:
            refusals: list[NotNow] = []
            with only_drainer(self._directory) as is_ours:
                if is_ours:
                    self._begin()
                    self._busy_at = time.monotonic()
                    together(partial(self._follow_with, ending, wake, idle_seconds, refusals), self._couriers)
                    self._rest()
            if not is_ours and (ending.is_over() or idle_seconds is not None):
                return False
            if not is_ours:
                _wait(_BETWEEN_TURNS_SECONDS, ending.is_over, wake)
            # Whoever kept a record and then saw our lock left it to us, and it may have come behind our last tour.
            elif refusals or not is_anything_waiting(self._directory, self._addresses):
                return True

    def close(self) -> None:
        """Close every sender's connections."""
        for courier in self._couriers:
            courier.close()

    def _begin(self) -> None:
        remove_left_behind(self._directory)
        self._down.clear()
        for courier in self._couriers:
            courier.begin()

    def _drain(self, deadline: float) -> NotNow | None:
        """Send all that is there; return what stood in the way, most of all what is no matter of single runs."""
        refusals: list[NotNow] = []
        said = -1
        # The last words that one courier says are for all the others, too.
        while said != (said := self._watch.said):
            refusals.clear()
            together(lambda courier: refusals.extend(self._noted(courier, courier.drain(deadline))), self._couriers)
        self._rest()
        return min(refusals, key=lambda refusal: refusal.is_of_one_record, default=None)

    def _follow_with(
        self,
        ending: Ending,
        wake: threading.Event,
        idle_seconds: float | None,
        refusals: list[NotNow],
        courier: Courier,
    ) -> None:
        self._send_until(courier, ending.is_over, wake, idle_seconds)
        if ending.is_over():
            # What came last, within one time-out in all: a sink that hangs has had its chance by then.
            refusal = courier.drain(ending.at + self._timeout_seconds)
            refusals.extend(self._noted(courier, refusal))

    def _rest(self) -> None:
        for courier in self._couriers:
            courier.rest()

    def _send_until(
        self, courier: Courier, is_over: Callable[[], bool], wake: threading.Event, idle_seconds: float | None
    ) -> None:
        pause, idle_pause = _FIRST_PAUSE_SECONDS, _LOOK_SECONDS
        while not is_over():
            records, said = courier.tally.records, self._watch.said
            found = self._noted(courier, courier.tour(None, is_over))
            is_needed = idle_seconds is None or self._is_needed_after(idle_seconds)
            if not is_needed:
                courier.look_for_the_dead()  # somebody may have died since the tour
            has_moved = courier.tally.records > records or self._watch.said > said
            # The next drainer tries again what is set apart; nobody waits for that.
            if has_moved or (found and not courier.waits_for_what_is_apart):
                self._busy_at = time.monotonic()
            elif not is_needed:
                return
            if not found or found[0].is_of_one_record:
                pause = _FIRST_PAUSE_SECONDS
                idle_pause = _LOOK_SECONDS if has_moved else min(idle_pause * 1.2, _LONGEST_IDLE_PAUSE_SECONDS)
                # What came while we sent is read at once.
                _wait((_BESIDE_A_GAP_SECONDS if found else idle_pause) if not has_moved else 0.0, is_over, wake)
                continue
            note(__name__, "lineage waits: %s", found[0].reason)
            _wait(wait_for(pause, found[0].after_seconds), is_over, wake)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _is_needed_after(self, idle_seconds: float) -> bool:
        """True if something has come in so long, or somebody lives who may die without a word."""
        idle = time.monotonic() - self._busy_at - idle_seconds
        return idle < 0 or (idle < _LONGEST_VIGIL_SECONDS and self._open_wills.are_any())

    def _noted(self, courier: Courier, refusal: NotNow | None) -> list[NotNow]:
        """Say how a sink stands, and note in the directory when none takes anything; couriers note when one does."""
        away = None if refusal is None or refusal.is_of_one_record or refusal is TIME_IS_UP else refusal
        if away is None:
            self._down.pop(courier, None)
        else:
            self._down[courier] = away
            if len(self._down) == len(self._couriers):
                note_down(self._directory, away.reason, away.after_seconds, self._redaction)
        if courier.account.has_delivered:
            self._tell(courier.account.address, None)
        elif away is not None:
            self._tell(courier.account.address, away.reason)
        return [refusal] if refusal else []


def drainer_for(
    directory: Path, settings: Settings, sinks: Sequence[Sink] | None = None, tell: Tell = _unsaid
) -> Drainer:
    """Return the drainer of a directory as the settings say, to their sinks or to these."""
    senders = [sender_or_reason(sink, settings.redaction) for sink in (settings.sinks if sinks is None else sinks)]
    return Drainer(
        directory,
        senders,
        settings.timeout_seconds,
        filters=settings.filters,
        largest_event_bytes=settings.largest_event_bytes,
        redaction=settings.redaction,
        largest_aside=settings.largest_spool_bytes // SHARE_ASIDE,
        tell=tell,
    )


def _wait(seconds: float, is_over: Callable[[], bool], wake: threading.Event) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and not is_over():
        if wake.wait(min(left, _LOOK_SECONDS)):
            return
