"""Brings one sink what it has not had of a directory, tour after tour, and notes in the spool what it has.

2xx acknowledges; what a sink will never take, or nobody can understand, goes to the dead letters with the reason beside
it. A sink that is there but fails at one record holds up that record's run and no other: as soon as the sink has taken
something behind it, the run is set apart (see `quarantine`). Everything else ends the tour, and is tried again.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from riverhead_emitter.delivery.ahead import Ahead
from riverhead_emitter.delivery.consignment import Consignment, consigned
from riverhead_emitter.delivery.ledger import SpoolLedger
from riverhead_emitter.delivery.retries import Retries
from riverhead_emitter.delivery.sender import NotNow
from riverhead_emitter.delivery.shipment import Shipment
from riverhead_emitter.spool.sink_reader import SinkReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from riverhead_emitter.delivery.account import Account
    from riverhead_emitter.delivery.consignment import Understanding
    from riverhead_emitter.delivery.sender import Sender
    from riverhead_emitter.spool.sink_reader import Pending
    from riverhead_emitter.spool.watching import Watch


class Courier:
    """Serves one sink of a directory; one thread at a time uses it."""

    def __init__(
        self,
        account: Account,
        sender: Sender,
        addresses: Sequence[str],
        timeout_seconds: float,
        understanding: Understanding,
        *,
        watch: Watch,
    ) -> None:
        self.account = account
        self.tally = account.tally
        self._sender = sender
        self._timeout_seconds = timeout_seconds
        self._understanding = understanding
        self._reader = SinkReader(account.directory, account.address)
        self._ahead = Ahead(account.directory, account.address)
        self._ledger = SpoolLedger(account, addresses, self._reader, self._ahead, watch)
        self._watch = watch
        # True if the last tour left nothing else behind.
        self.waits_for_what_is_apart = False

    def begin(self) -> None:
        """Begin afresh: another drainer may have been at work."""
        self._ledger.begin()
        self._ahead.begin()

    def rest(self) -> None:
        """Close the files that are open; the connections stay."""
        self._reader.close()

    def close(self) -> None:
        """Close what is open."""
        self._reader.close()
        self._sender.close()

    def drain(self, deadline: float, is_over: Callable[[], bool] = bool) -> NotNow | None:
        """Send all that is there; None if nothing is left, else what stood in the way."""
        is_eager = True
        while True:
            records, said = self.tally.records, self._watch.said
            refusal = self.tour(deadline, is_over, is_eager=is_eager)
            is_eager = False
            if refusal is not None and not refusal.is_of_one_record:
                return refusal
            if self.tally.records != records or not self._reader.is_all_seen:
                continue
            self.look_for_the_dead()
            if self._watch.said == said:
                return refusal or self._unsaid()

    def look_for_the_dead(self) -> None:
        """Say the last words of whoever has died by now without one; the next tour brings them."""
        self._ledger.tidy(is_now=True)

    def _unsaid(self) -> NotNow | None:
        """Return why the last words of some run could not be said."""
        reason = self._watch.unsaid
        if not reason:
            return None
        self.tally.last_refusal = reason
        return NotNow(reason, is_of_one_record=True)

    def tour(self, deadline: float | None, is_over: Callable[[], bool], *, is_eager: bool = False) -> NotNow | None:
        """Go once through what is there, then try again what is set apart (`is_eager`: whether it is due or not)."""
        self._ledger.begin_tour()
        self.waits_for_what_is_apart = False
        names = set(self._ledger.apart)
        try:
            refusal = self._tour(deadline, is_over)
            if refusal is None and names:
                refusal = self._retry(names, deadline, is_over, is_eager=is_eager)
        except OSError as error:
            refusal = NotNow(f"cannot acknowledge in {self.account.directory}: {error.strerror}")
        self._ahead.keep()
        self._ledger.tidy()
        if refusal is not None and not refusal.is_of_one_record:
            self.tally.last_refusal = refusal.reason
        elif self._ledger.refused:
            self.tally.last_refusal = next(reversed(self._ledger.refused.values())) or self.tally.last_refusal
            refusal = NotNow("runs wait for another try", is_of_one_record=True)
        else:
            self.waits_for_what_is_apart = refusal is not None
        return refusal

    def _tour(self, deadline: float | None, is_over: Callable[[], bool]) -> NotNow | None:
        shipment = Shipment(self._sender, self._ledger, self._timeout_seconds)
        try:
            return shipment.run(self._consignments(), deadline, is_over)
        finally:
            self._ledger.end_tour(shipment.left)
            self.tally.events += shipment.events

    def _consignments(self) -> Iterator[Consignment[Pending]]:
        for pending in self._reader.pending(time.time_ns()):
            run_id = pending.record.run_id if pending.record else ""
            if pending.is_torn:
                yield Consignment(pending, run_id)
            elif pending.record and self._ledger.waits(run_id):
                yield Consignment(pending, run_id, is_left_out=True)
            else:
                yield consigned(pending, pending.record, self._understanding, self._ledger.done_of(pending))

    def _retry(
        self, names: set[str], deadline: float | None, is_over: Callable[[], bool], *, is_eager: bool
    ) -> NotNow | None:
        retries = Retries(self.account, self._understanding, self._ahead)
        shipment = Shipment(self._sender, retries, self._timeout_seconds)
        refusal = shipment.run(retries.consignments(names, is_eager=is_eager), deadline, is_over)
        retries.end(shipment.left)
        self.tally.events += shipment.events
        if refusal is None and retries.is_any_refused:
            refusal = NotNow("runs wait for another try", is_of_one_record=True)
        return refusal
