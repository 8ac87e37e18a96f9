"""Empties one destination's directory: understands each record and sends its events, in order, to every sink.

One drainer per directory at a time. 2xx acknowledges; what a sink will never take, or nobody can understand, goes
to the dead letters with the reason beside it; everything else backs off and is tried again. A sink that is there but
fails at one record holds up that record's run, and no other: order only matters within a run.
"""

from __future__ import annotations

import json
import logging
import os
import random
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from riverhead_emitter.delivery.gaps import Gaps, OnePass
from riverhead_emitter.delivery.sender import Answer, Delivered, NotNow, Rejected
from riverhead_emitter.errors import Unavailable
from riverhead_emitter.guard import described
from riverhead_emitter.spool.locks import only_drainer
from riverhead_emitter.spool.reader import SinkReader, is_anything_waiting, remove_finished
from riverhead_emitter.understand import events_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from riverhead_emitter.delivery.sender import Sender
    from riverhead_emitter.event import Event
    from riverhead_emitter.spool.reader import Pending

log = logging.getLogger(__name__)

DEAD_LETTERS = "dead.ndjson"
_IDLE_SECONDS = 0.2
_LEAST_SECONDS = 0.05
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.2, 30.0
_BETWEEN_TURNS_SECONDS = 1.0
# A run that holds up only itself: what is behind it is read again in each pass, so not as often as an empty spool.
_BESIDE_A_GAP_SECONDS = 1.0


@dataclass
class Tally:
    """What a drainer has done so far."""

    records: int = 0
    events: int = 0
    dead: int = 0
    last_refusal: str = ""


class Drainer:
    """Drains `directory` to `senders`, each of which acknowledges for itself."""

    def __init__(self, directory: Path, senders: Sequence[Sender], timeout_seconds: float = 10.0) -> None:
        self.tally = Tally()
        self._directory = directory
        self._senders = senders
        self._timeout_seconds = timeout_seconds
        self._gaps = {sender.address: Gaps() for sender in senders}

    def drain(self, seconds: float) -> bool:
        """Send what is there, for so long at most; True if nothing is left, False if time or a sink gave out.

        Returns False at once when another drainer is at work.
        """
        for gaps in self._gaps.values():
            gaps.pauses.clear()
        with only_drainer(self._directory) as is_ours:
            return is_ours and self._pass(time.monotonic() + seconds) is None

    def follow(
        self, is_over: Callable[[], bool], wake: threading.Event | None = None, *, idle_seconds: float | None = None
    ) -> bool:
        """Keep sending until `is_over`, then once more; False if it ends while the turn is another's.

        It waits for its turn, as another drainer may be about to end. With `idle_seconds` it does not, and ends by
        itself when nothing has waited for so long: whoever leaves such a drainer behind leaves many.
        """
        wake = wake or threading.Event()
        deadline: float | None = None
        while True:
            refusal = None
            with only_drainer(self._directory) as is_ours:
                if is_ours:
                    self._send_until(is_over, wake, idle_seconds)
                if is_ours and is_over():
                    deadline = deadline or time.monotonic() + self._timeout_seconds
                    refusal = self._pass(deadline)
            if not is_ours and (is_over() or idle_seconds is not None):
                return False
            if not is_ours:
                _wait(_BETWEEN_TURNS_SECONDS, is_over, wake)
            # Whoever kept a record and then saw our lock left it to us, and it may have come behind our last pass.
            elif refusal is not None or not is_anything_waiting(self._directory, self._gaps):
                return True

    def _send_until(self, is_over: Callable[[], bool], wake: threading.Event, idle_seconds: float | None) -> None:
        pause, busy_at = _FIRST_PAUSE_SECONDS, time.monotonic()
        while not is_over():
            records = self.tally.records
            refusal = self._pass(None, is_over)
            if refusal is not None or self.tally.records > records:
                busy_at = time.monotonic()
            elif idle_seconds is not None and time.monotonic() - busy_at >= idle_seconds:
                return
            if refusal is None or refusal.is_of_one_record:
                pause = _FIRST_PAUSE_SECONDS
                _wait(_IDLE_SECONDS if refusal is None else _BESIDE_A_GAP_SECONDS, is_over, wake)
                continue
            log.debug("lineage waits: %s", refusal.reason)
            wait = max(refusal.after_seconds or 0.0, pause * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
            _wait(wait, is_over, wake)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def close(self) -> None:
        """Close every sender's connections."""
        for sender in self._senders:
            sender.close()

    def _pass(self, deadline: float | None, is_over: Callable[[], bool] | None = None) -> NotNow | None:
        refusals = [self._pass_to(sender, deadline, is_over) for sender in self._senders]
        remove_finished(self._directory, [sender.address for sender in self._senders])
        found = [refusal for refusal in refusals if refusal is not None]
        return min(found, key=lambda refusal: refusal.is_of_one_record, default=None)

    def _pass_to(self, sender: Sender, deadline: float | None, is_over: Callable[[], bool] | None) -> NotNow | None:
        reader = SinkReader(self._directory, sender.address)
        one_pass = OnePass(reader, self._gaps[sender.address])
        try:
            for pending in reader.pending():
                if one_pass.has_had(pending) or one_pass.leaves_out(pending):
                    continue
                seconds = self._timeout_seconds if deadline is None else deadline - time.monotonic()
                if seconds <= 0 or (is_over is not None and is_over()):
                    return NotNow("time is up")
                answer = self._deliver(sender, pending, min(seconds, self._timeout_seconds))
                if isinstance(answer, NotNow):
                    self.tally.last_refusal = answer.reason
                    if not one_pass.goes_on_without(pending, answer):
                        return replace(answer, is_of_one_record=False)
                    continue
                one_pass.acknowledge(pending)
                self.tally.records += 1
        except OSError as error:
            return NotNow(f"cannot read {self._directory}: {error.strerror}")
        finally:
            reader.close()
        return NotNow("runs wait for another try", is_of_one_record=True) if one_pass.gapped else None

    def _deliver(self, sender: Sender, pending: Pending, seconds: float) -> Answer:
        try:
            events = [json.dumps(event, separators=(",", ":")).encode() for event in _events(pending)]
        except (ImportError, SyntaxError) as error:
            # A broken installation says nothing about the record: wait until it is mended.
            return NotNow(f"records cannot be understood here: {described(error)}")
        except Exception as error:  # noqa: BLE001 - a record that cannot be understood must not hold up those behind it
            return self._bury(sender, pending, described(error))
        deadline = time.monotonic() + seconds
        for event in events:
            answer = sender.send(event, max(deadline - time.monotonic(), _LEAST_SECONDS))
            if isinstance(answer, Rejected):
                answer = self._bury(sender, pending, answer.reason)
            if isinstance(answer, NotNow):
                return answer
            self.tally.events += 1
        return Delivered()

    def _bury(self, sender: Sender, pending: Pending, reason: str) -> Answer:
        """Keep what cannot be delivered; if even that fails, it stays where it is."""
        letter = {
            "time": time.time(),
            "sink": sender.address,
            "reason": reason,
            "line": pending.line.decode("utf-8", "replace"),
        }
        try:
            fd = os.open(self._directory / DEAD_LETTERS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                text = json.dumps(letter).encode() + b"\n"
                written = os.write(fd, text)
                if written != len(text):
                    os.ftruncate(fd, os.fstat(fd).st_size - written)
                    return NotNow("no room for a dead letter")
            finally:
                os.close(fd)
        except OSError as error:
            return NotNow(f"cannot keep a dead letter: {error.strerror}")
        self.tally.dead += 1
        log.warning("lineage: one record became a dead letter in %s: %s", self._directory, reason[:300])
        return Delivered()


def dead_letters_in(directory: Path) -> int:
    """Return how many records nobody would take."""
    try:
        with (directory / DEAD_LETTERS).open("rb") as file:
            return sum(1 for _ in file)
    except OSError:
        return 0


def _events(pending: Pending) -> list[Event]:
    if pending.record is None:
        raise Unavailable("the spool line is damaged")
    return events_of(pending.record.run_id, pending.record.body)


def _wait(seconds: float, is_over: Callable[[], bool], wake: threading.Event) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and not is_over():
        if wake.wait(min(left, _IDLE_SECONDS)):
            return
