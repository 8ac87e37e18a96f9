"""How long an answer may take. Looked at between passes and while parsing: other compiled passes end first.

It is the time that this thread works: where it has to wait for a processor, a text has the same answer as elsewhere.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class DeadlinePassed(Exception):  # noqa: N818 - an event, not an error: it never leaves the room
    """The time for columns is over; datasets are still answered."""


class Deadline:
    """A moment after which no more columns are traced; `glance` costs a tenth of `clock`, and never runs behind it."""

    def __init__(
        self,
        seconds: float,
        clock: Callable[[], float] = time.thread_time,
        glance: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock, self._glance = clock, glance
        now = clock()
        self._end, self._hard_end = now + seconds, now + 2 * seconds
        self._first_look = glance() + seconds

    def check(self) -> None:
        """Raise if the moment has passed."""
        if self.is_over:
            raise DeadlinePassed

    def share(self) -> Deadline:
        """Return a deadline for one statement: half of what is left, so that none takes the time of all others."""
        now = self._clock()
        end = self._end if now < self._end else self._hard_end
        return Deadline((end - now) / 2, self._clock, self._glance)

    @property
    def is_over(self) -> bool:
        """True if no more columns are traced."""
        return self._glance() > self._first_look and self._clock() > self._end

    @property
    def is_exhausted(self) -> bool:
        """True if even naming the datasets would take too long now."""
        return self._glance() > self._first_look and self._clock() > self._hard_end
