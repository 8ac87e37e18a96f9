"""What becomes of the spool's records once one sink has answered: passed, held, set apart, or buried."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from riverhead_emitter.delivery import quarantine
from riverhead_emitter.delivery.retries import MOST_REFUSED_RUNS
from riverhead_emitter.delivery.sender import NotNow
from riverhead_emitter.errors import Unavailable
from riverhead_emitter.spool.reader import remove_finished

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from riverhead_emitter.delivery.account import Account
    from riverhead_emitter.delivery.ahead import Ahead
    from riverhead_emitter.delivery.consignment import Consignment
    from riverhead_emitter.spool.sink_reader import Pending, SinkReader
    from riverhead_emitter.spool.watching import Watch

# What is held in mind behind a run that was refused, until it is known whether the sink takes anything else.
_MOST_HELD, _MOST_HELD_BYTES = 1_000, 16 << 20
# A little less than a drainer that is idle waits between its tours: a death is noticed in the next one.
_LEAST_BETWEEN_TIDYINGS_SECONDS, _SECONDS_PER_SEGMENT = 0.9, 0.005


class SpoolLedger:
    """Keeps one sink's account of a directory; what it only holds in mind is not acknowledged yet."""

    def __init__(
        self, account: Account, addresses: Sequence[str], reader: SinkReader, ahead: Ahead, watch: Watch
    ) -> None:
        self.apart: set[str] = set()
        self.refused: dict[str, str] = {}  # runs that this tour leaves out, and why
        self._account = account
        self._directory = account.directory
        self._address = account.address
        self._addresses = addresses
        self._reader = reader
        self._ahead = ahead
        self._has_set_apart = False
        self._held: list[Consignment[Pending]] = []
        self._held_bytes = 0
        self._pauses: dict[str, tuple[float, float, str]] = {}  # run → its pause, when that is over, and why
        self._tidy_at = 0.0
        self._watch = watch

    def begin(self) -> None:
        """Begin afresh: another drainer may have been at work."""
        self._reader.forget()
        self._pauses.clear()

    def begin_tour(self) -> None:
        """Begin at what is not acknowledged."""
        self.apart = quarantine.names_for(self._directory, self._address)
        self._account.has_delivered = False
        self.refused.clear()

    def end_tour(self, left: Iterable[Consignment[Pending]]) -> None:
        """Keep in mind only what the sink has had of records that come again; `left` was never settled."""
        for consignment in [*self._held, *left]:
            self._ahead.note(_place(consignment.source), consignment.done)
        self._held, self._held_bytes = [], 0

    def done_of(self, pending: Pending) -> int:
        """Return how many of a record's events the sink has had already."""
        return self._ahead.had_of(_place(pending))

    def waits(self, run_id: str) -> bool:
        """True if nothing of this run is sent in this tour."""
        if run_id in self.refused or self._is_apart(run_id):
            return True
        return run_id in self._pauses and time.monotonic() < self._pauses[run_id][1]

    def _is_apart(self, run_id: str) -> bool:
        return bool(self.apart) and self._path_of(run_id).name in self.apart

    def _path_of(self, run_id: str) -> Path:
        return quarantine.path_for(self._directory, self._address, run_id)

    def settle(self, consignment: Consignment[Pending], /) -> NotNow | None:
        """Note what has become of a record, all before it being noted."""
        is_refused = consignment.is_left_out and not consignment.is_unknown
        if is_refused and not self._is_apart(consignment.run_id):
            return self._hold(consignment)
        if consignment.events and not consignment.is_left_out:
            self._pauses.pop(consignment.run_id, None)
            refusal = self._flush()
            if refusal is not None:
                return refusal
        if self._held:
            return self._hold(consignment)
        return self._pass(consignment)

    def reject(self, consignment: Consignment[Pending], reason: str, /) -> NotNow | None:
        """Bury an event that the sink will never take; if even that fails, its record stays where it is."""
        pending = consignment.source
        is_whole = len(consignment.events) <= 1 or pending.record is None
        line = pending.line if is_whole or pending.record is None else consignment.line_of(pending.record)
        return self._account.bury(line, reason)

    def _hold(self, consignment: Consignment[Pending]) -> NotNow | None:
        """Hold a record in mind until the sink has taken something behind it."""
        run_id = consignment.run_id
        if consignment.is_left_out and not consignment.is_unknown and run_id not in self.refused:
            self.refused[run_id] = consignment.reason
            last, _, reason = self._pauses.get(run_id, (quarantine.FIRST_PAUSE_SECONDS / 2, 0.0, ""))
            if consignment.reason:
                pause = min(last * 2, quarantine.LONGEST_PAUSE_SECONDS)
                self._pauses[run_id] = (pause, time.monotonic() + pause, consignment.reason)
            consignment.reason = consignment.reason or reason
        self._held.append(consignment)
        self._held_bytes += len(consignment.source.line)
        refused = sum(1 for reason in self.refused.values() if reason)
        if refused >= MOST_REFUSED_RUNS:
            return NotNow(consignment.reason)
        if len(self._held) >= _MOST_HELD or self._held_bytes >= _MOST_HELD_BYTES:
            return NotNow("too much waits behind what the sink refuses")
        return None

    def _flush(self) -> NotNow | None:
        """The sink takes something: what it refused before that is a matter of single runs, which are set apart."""
        self._account.note_delivered()
        if self._held:
            held, self._held, self._held_bytes = self._held, [], 0
            for at, consignment in enumerate(held):
                refusal = self._pass(consignment)
                if refusal is not None:
                    self._held = held[at:]
                    return refusal
            self.refused.clear()
        return None

    def _pass(self, consignment: Consignment[Pending]) -> NotNow | None:
        """Let the spool's offset pass a record that was delivered, or is kept somewhere else now."""
        pending = consignment.source
        if pending.is_torn:
            self._account.tally.torn += 1
        elif consignment.is_dead:
            refusal = self._account.bury(pending.line, consignment.reason)
            if refusal is not None:
                return refusal
        elif consignment.is_left_out and pending.record is not None:
            refusal = self._set_apart(consignment)
            if refusal is not None:
                return refusal
        self._ahead.forget(_place(pending))
        self._reader.acknowledge(pending)
        if not pending.is_torn:
            self._account.tally.records += 1
        self.tidy()
        return None

    def _set_apart(self, consignment: Consignment[Pending]) -> NotNow | None:
        pending, path = consignment.source, self._path_of(consignment.run_id)
        lines = [pending.line]
        if consignment.done and pending.record is not None:
            lines = consignment.rest_of(pending.record)
        try:
            for line in lines:
                quarantine.set_apart(
                    path, self._address, consignment.run_id, line, consignment.reason, redaction=self._account.redaction
                )
        except Unavailable as error:
            return NotNow(str(error))
        self.apart.add(path.name)
        self._has_set_apart = True
        self._account.tally.last_refusal = consignment.reason or self._account.tally.last_refusal
        self._pauses.pop(consignment.run_id, None)
        return None

    def tidy(self, *, is_now: bool = False) -> None:
        """Remove segments that all sinks have whole, and too much that is set apart; often enough for a full disk.

        For whoever has died without a word, the last words are said.
        """
        if not is_now and time.monotonic() < self._tidy_at:
            return
        if self._has_set_apart:
            self._has_set_apart = False
            quarantine.keep_within(self._directory, self._account.largest_aside)
        finished = set(self._reader.finished)
        self._reader.dismiss(finished - remove_finished(self._directory, self._addresses, finished, self._watch))
        seconds = max(_LEAST_BETWEEN_TIDYINGS_SECONDS, len(self._reader.finished) * _SECONDS_PER_SEGMENT)
        self._tidy_at = time.monotonic() + seconds


def _place(pending: Pending) -> str:
    return f"{pending.name}:{pending.start}"
