"""When a drainer that follows is told to end: noted at once, even while every courier waits for a server."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

_LOOK_SECONDS = 0.2


class Ending:
    """Asks whether it is over, again and again, for as long as it is entered; once over, it stays so."""

    def __init__(self, is_over: Callable[[], bool]) -> None:
        self._asked = is_over
        self._at: float | None = None
        self._is_left = threading.Event()

    @property
    def at(self) -> float:
        """When it was over; now, if it is not."""
        return time.monotonic() if self._at is None else self._at

    def is_over(self) -> bool:
        """True from when it is over."""
        if self._at is None and self._asked():
            self._at = time.monotonic()
        return self._at is not None

    def __enter__(self) -> Self:
        """Begin to ask."""
        # From Python 3.12 on no thread starts while the interpreter ends: then couriers alone ask.
        with contextlib.suppress(RuntimeError):
            threading.Thread(target=self._watch, name="riverhead-ending", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ask no more."""
        self._is_left.set()

    def _watch(self) -> None:
        while not self.is_over() and not self._is_left.wait(_LOOK_SECONDS):
            pass
