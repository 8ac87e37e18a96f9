"""A sink in memory that answers as a test asks, and keeps what a sender promises."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

from riverhead_emitter.delivery.sender import Answer, Delivered, NotNow, Parcel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class ListSender:
    """Remembers events; answers the first ones as told (None: delivered), then as `decide` says."""

    def __init__(
        self,
        address: str,
        *answers: Answer | None,
        decide: Callable[[Parcel], Answer] = lambda _parcel: Delivered(),
        hangs_until: threading.Event | None = None,
        look_ahead: int = 1,
    ) -> None:
        self.address = address
        self.events: list[bytes] = []
        self.arrived = threading.Condition()
        self._answers = list(answers)
        self._decide = decide
        self._hangs_until = hangs_until
        self._look_ahead = look_ahead

    def names(self) -> list[str]:
        """Return the job's name of each event it took."""
        return [json.loads(event)["job"]["name"] for event in self.events]

    def wait_for(self, number: int, seconds: float = 20.0) -> bool:
        """Wait until it has taken so many."""
        with self.arrived:
            return self.arrived.wait_for(lambda: len(self.events) >= number, seconds)

    def send(self, parcels: Iterable[Parcel], seconds: float) -> Iterator[Answer]:
        """Answer each, some being pulled ahead."""
        assert seconds > 0
        refused: dict[str, NotNow] = {}
        ahead: list[Parcel] = []
        for parcel in parcels:
            ahead.append(parcel)
            if len(ahead) >= self._look_ahead:
                yield self._answer(ahead.pop(0), refused)
        for parcel in ahead:
            yield self._answer(parcel, refused)

    def close(self) -> None:
        """Nothing is open."""

    def _answer(self, parcel: Parcel, refused: dict[str, NotNow]) -> Answer:
        if self._hangs_until is not None:
            self._hangs_until.wait(30)
        if parcel.run_id in refused:
            return refused[parcel.run_id]
        answer = (self._answers.pop(0) if self._answers else None) or self._decide(parcel)
        if isinstance(answer, NotNow):
            refused[parcel.run_id] = answer
        elif answer == Delivered():
            with self.arrived:
                self.events.append(parcel.event)
                self.arrived.notify_all()
        return answer
