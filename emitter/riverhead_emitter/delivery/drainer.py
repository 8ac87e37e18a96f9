"""Empties one destination's directory: understands each record and sends its events, in order, to every sink.

One drainer per directory at a time. 2xx acknowledges; what a sink will never take, or nobody can understand, goes
to the dead letters with the reason beside it; everything else backs off and is tried again.
"""

from __future__ import annotations

import json
import logging
import os
import random
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from riverhead_emitter.delivery.sender import Answer, Delivered, NotNow, Rejected
from riverhead_emitter.errors import Unavailable
from riverhead_emitter.guard import described
from riverhead_emitter.spool.locks import only_drainer
from riverhead_emitter.spool.reader import SinkReader, remove_finished
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

    def drain(self, seconds: float) -> bool:
        """Send what is there, for so long at most; True if nothing is left, False if time or a sink gave out.

        Returns False at once when another drainer is at work.
        """
        with only_drainer(self._directory) as is_ours:
            return is_ours and self._pass(time.monotonic() + seconds) is None

    def follow(self, is_over: Callable[[], bool], wake: threading.Event | None = None) -> bool:
        """Keep sending until `is_over`, then once more; False, at once, when another drainer is at work."""
        wake = wake or threading.Event()
        pause = _FIRST_PAUSE_SECONDS
        with only_drainer(self._directory) as is_ours:
            if not is_ours:
                return False
            while not is_over():
                refusal = self._pass(None, is_over)
                if refusal is None:
                    pause = _FIRST_PAUSE_SECONDS
                    wake.wait(_IDLE_SECONDS)
                    continue
                log.debug("lineage waits: %s", refusal.reason)
                wait = max(refusal.after_seconds or 0.0, pause * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
                _wait(wait, is_over, wake)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            self._pass(time.monotonic() + self._timeout_seconds)
        return True

    def close(self) -> None:
        """Close every sender's connections."""
        for sender in self._senders:
            sender.close()

    def _pass(self, deadline: float | None, is_over: Callable[[], bool] | None = None) -> NotNow | None:
        refusals = [self._pass_to(sender, deadline, is_over) for sender in self._senders]
        remove_finished(self._directory, [sender.address for sender in self._senders])
        return next((refusal for refusal in refusals if refusal is not None), None)

    def _pass_to(self, sender: Sender, deadline: float | None, is_over: Callable[[], bool] | None) -> NotNow | None:
        reader = SinkReader(self._directory, sender.address)
        try:
            for pending in reader.pending():
                seconds = self._timeout_seconds if deadline is None else deadline - time.monotonic()
                if seconds <= 0 or (is_over is not None and is_over()):
                    return NotNow("time is up")
                answer = self._deliver(sender, pending, min(seconds, self._timeout_seconds))
                if isinstance(answer, NotNow):
                    self.tally.last_refusal = answer.reason
                    return answer
                reader.acknowledge(pending)
                self.tally.records += 1
        except OSError as error:
            return NotNow(f"cannot read {self._directory}: {error.strerror}")
        finally:
            reader.close()
        return None

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
