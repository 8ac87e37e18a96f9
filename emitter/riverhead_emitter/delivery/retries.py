"""Another try of the runs that are set apart for a sink, once the others have had their turn."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from riverhead_emitter.delivery.consignment import Consignment, consigned
from riverhead_emitter.delivery.quarantine import Apart, advance, apart_in, failed, put_off
from riverhead_emitter.delivery.sender import NotNow
from riverhead_emitter.errors import UnreadableRecord
from riverhead_emitter.spool import segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riverhead_emitter.delivery.account import Account
    from riverhead_emitter.delivery.ahead import Ahead
    from riverhead_emitter.delivery.consignment import Understanding

# So many runs refused one after the other: that is no matter of single runs any more.
MOST_REFUSED_RUNS = 20


@dataclass(slots=True)
class _Try:
    apart: Apart
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    of: _Try
    record: segment.Record
    end: int

    @property
    def place(self) -> str:
        """What tells it from every other: a file that was thrown away may begin anew under its name."""
        return f"{self.of.apart.path.name}:{self.end}:{self.record.time}"


class Retries:
    """One round of tries; a failure counts only where the sink takes other records."""

    def __init__(self, account: Account, understanding: Understanding, ahead: Ahead) -> None:
        self.is_any_refused = False
        self._account = account
        self._understanding = understanding
        self._ahead = ahead
        self._refused_in_a_row = 0

    def consignments(self, names: set[str], *, is_eager: bool) -> Iterator[Consignment[_Line]]:
        """Yield what is due of these files; `is_eager` does not wait until it is due."""
        now = time.time()
        for apart in apart_in(self._account.directory):
            if apart.path.name in names and not apart.is_poisoned:
                # What is not due waits, and somebody may want to know.
                self.is_any_refused = self.is_any_refused or not (is_eager or apart.is_due(now))
                if is_eager or apart.is_due(now):
                    yield from self._of(_Try(apart))

    def _of(self, one: _Try) -> Iterator[Consignment[_Line]]:
        is_empty = True
        for end, line in one.apart.lines():
            if one.is_refused:
                return
            try:
                record = segment.record_of(line)
            except UnreadableRecord:
                continue  # its drainer was killed within it, and has copied it again
            is_empty = False
            source = _Line(one, record, end)
            yield consigned(source, record, self._understanding, self._ahead.had_of(source.place))
        if is_empty:
            advance(one.apart, one.apart.path.stat().st_size if one.apart.path.exists() else 0)

    def settle(self, consignment: Consignment[_Line], /) -> NotNow | None:
        """Note what the sink said to a record of a run."""
        one = consignment.source.of
        self._ahead.note(consignment.source.place, consignment.done)
        if one.is_refused:
            return None
        if consignment.is_left_out:
            one.is_refused = self.is_any_refused = True
            self._account.tally.last_refusal = consignment.reason or self._account.tally.last_refusal
            return self._put_back(one.apart, consignment)
        if consignment.is_dead:
            refusal = self.reject(consignment, consignment.reason)
            if refusal is not None:
                return refusal
        one.apart = advance(one.apart, consignment.source.end)
        self._ahead.forget(consignment.source.place)
        if consignment.events:
            self._account.note_delivered()
        self._refused_in_a_row = 0
        self._account.tally.records += 1
        return None

    def _put_back(self, apart: Apart, consignment: Consignment[_Line]) -> NotNow | None:
        reason, redaction = consignment.reason, self._account.redaction
        if consignment.is_unknown:
            put_off(apart, reason, redaction)
            return None
        failed(apart, reason, redaction, is_counted=self._account.has_delivered)
        self._refused_in_a_row += 1
        return NotNow(reason) if self._refused_in_a_row >= MOST_REFUSED_RUNS else None

    def end(self, left: Iterable[Consignment[_Line]]) -> None:
        """Keep in mind what the sink has had of records that come again; `left` was never settled."""
        for consignment in left:
            self._ahead.note(consignment.source.place, consignment.done)

    def reject(self, consignment: Consignment[_Line], reason: str, /) -> NotNow | None:
        """Bury what the sink will never take."""
        record = consignment.source.record
        line = segment.line_of(record) if consignment.is_dead else consignment.line_of(record)
        return self._account.bury(line, reason)
