"""Which writers live, which have died, and whether some living one has a will that somebody should wait for."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from riverhead_emitter.errors import Unavailable
from riverhead_emitter.spool.last_words import say, standing_in
from riverhead_emitter.spool.listing import sizes_in
from riverhead_emitter.spool.locks import let_go, only_one_looks, take

if TYPE_CHECKING:
    from pathlib import Path


class Watch:
    """One drainer's: when each writer was last found alive, and for how many runs it has said the last words."""

    def __init__(self) -> None:
        self.said = 0
        self._alive: dict[str, float] = {}
        self._unsaid: dict[str, str] = {}

    @property
    def unsaid(self) -> str:
        """Why the last words of somebody could not be said when that was last tried; nothing if none wait."""
        return next(iter(self._unsaid.values()), "")

    def finds_alive(self, name: str) -> None:
        """Note that the writer of this segment lives."""
        self._alive[name] = time.time()

    def finds_dead(self, name: str, fd: int) -> bool:
        """Say the last words in the segment of a dead writer, whose lock is held; True if there were any."""
        try:
            said = say(fd, self._alive.get(name, 0.0))
        except Unavailable as error:
            self._unsaid[name] = str(error)
            raise
        self.said += said
        self.forget(name)
        return bool(said)

    def forget(self, name: str) -> None:
        """Forget a segment that is gone, or whose last words are said."""
        self._alive.pop(name, None)
        self._unsaid.pop(name, None)


class OpenWills:
    """Whether a living process has an open will in a directory; a segment that has not grown is not read again."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._read: dict[str, tuple[int, bool]] = {}

    def are_any(self) -> bool:
        """True if somebody may still die without a word here."""
        before, self._read = self._read, {}
        is_any = False
        for name, size in sizes_in(self._directory).items():
            known = before.get(name)
            has_will = known[1] if known and known[0] == size else self._has_will(name)
            self._read[name] = size, has_will
            is_any = is_any or (has_will and self._is_alive(name))
        return is_any

    def _has_will(self, name: str) -> bool:
        with contextlib.suppress(OSError), (self._directory / name).open("rb", buffering=0) as file:
            return bool(standing_in(file.fileno()).wills)
        return False

    def _is_alive(self, name: str) -> bool:
        path = self._directory / name
        with contextlib.suppress(OSError), path.open("rb", buffering=0) as file, only_one_looks():
            if not take(file.fileno()):
                return True
            let_go(file.fileno())
        return False
