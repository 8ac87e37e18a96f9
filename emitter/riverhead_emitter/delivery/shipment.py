"""Consignments on their way to one sink: sent as they come, settled one after the other in their order."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from riverhead_emitter.delivery.sender import Delivered, NotNow, Parcel, Rejected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from riverhead_emitter.delivery.consignment import Consignment
    from riverhead_emitter.delivery.sender import Answer, Sender

Source = TypeVar("Source")
TIME_IS_UP = NotNow("time is up")
_LEAST_SECONDS = 0.05


class Ledger(Protocol[Source]):
    """What is done about each record."""

    def settle(self, consignment: Consignment[Source], /) -> NotNow | None:
        """Take note of a record that was sent or left out, all before it being settled; a refusal ends the shipment."""
        ...

    def reject(self, consignment: Consignment[Source], reason: str, /) -> NotNow | None:
        """Keep the next event of a record, which the sink will never take; a refusal ends the shipment."""
        ...


class Shipment(Generic[Source]):
    """One way through records, for so long at most; the sender pulls them on the thread that asks for its answers."""

    def __init__(self, sender: Sender, ledger: Ledger[Source], timeout_seconds: float) -> None:
        self.events = 0
        # What was not settled when it ended.
        self.left: deque[Consignment[Source]] = deque()
        self._sender = sender
        self._ledger = ledger
        self._timeout_seconds = timeout_seconds
        self._refusal: NotNow | None = None
        self._is_cut = False

    def run(
        self, consignments: Iterable[Consignment[Source]], deadline: float | None, is_over: Callable[[], bool]
    ) -> NotNow | None:
        """Send them all; None when all are settled, else what ended it."""
        coming = iter(consignments)
        while True:
            left = self._timeout_seconds if deadline is None else deadline - time.monotonic()
            if left <= 0 or is_over():
                return TIME_IS_UP
            self._is_cut = False
            # What is under way when half of the time is over may take the other half.
            cut_at = None if deadline is None else time.monotonic() + left / 2
            parcels = self._parcels(coming, cut_at, is_over)
            self._send(parcels, max(min(left, self._timeout_seconds), _LEAST_SECONDS))
            if self._refusal is not None or not self._is_cut:
                return self._refusal

    def _send(self, parcels: Iterator[Parcel], seconds: float) -> None:
        answers = self._sender.send(parcels, seconds)
        try:
            for answer in answers:
                self._note(answer)
        finally:
            # What was not answered is abandoned, and comes again.
            close = getattr(answers, "close", None)
            if close is not None:
                close()
        self._settle()

    def _parcels(
        self, coming: Iterator[Consignment[Source]], cut_at: float | None, is_over: Callable[[], bool]
    ) -> Iterator[Parcel]:
        for consignment in coming:
            self.left.append(consignment)
            if consignment.problem is not None:
                return
            while self._goes_on_with(consignment):
                consignment.under_way += 1
                yield Parcel(consignment.run_id, consignment.events[consignment.done + consignment.under_way - 1])
            if consignment.is_answered:
                self._settle()  # at once: many may follow each other of which nothing is sent
            if self._refusal is not None:
                return
            if is_over() or (cut_at is not None and time.monotonic() >= cut_at):
                self._is_cut = True
                return

    def _goes_on_with(self, consignment: Consignment[Source]) -> bool:
        is_all_sent = consignment.done + consignment.under_way >= len(consignment.events)
        return self._refusal is None and not consignment.is_left_out and not is_all_sent

    def _note(self, answer: Answer) -> None:
        self._settle()
        if self._refusal is not None:
            self._note_late(answer)
            return
        consignment = self.left[0]
        consignment.under_way -= 1
        if isinstance(answer, NotNow):
            if not answer.is_of_one_record:
                self._refusal = answer
                return
            consignment.is_left_out, consignment.reason = True, consignment.reason or answer.reason
        else:
            if isinstance(answer, Rejected):
                self._refusal = self._ledger.reject(consignment, answer.reason)
                if self._refusal is not None:
                    return
            else:
                self.events += 1
            consignment.done += 1
        self._settle()

    def _note_late(self, answer: Answer) -> None:
        """Remember what the sink took beside what it refused, so that it does not come again."""
        consignment = next(one for one in self.left if one.under_way)
        consignment.under_way -= 1
        # What it will never take is buried now, too: what comes behind it in its run may have been taken already.
        if isinstance(answer, Rejected) and self._ledger.reject(consignment, answer.reason) is None:
            consignment.done += 1
        elif isinstance(answer, Delivered):
            consignment.done += 1
            self.events += 1

    def _settle(self) -> None:
        while self._refusal is None and self.left and (self.left[0].is_answered or self.left[0].problem):
            self._refusal = self.left[0].problem or self._ledger.settle(self.left[0])
            if self._refusal is None:
                self.left.popleft()
