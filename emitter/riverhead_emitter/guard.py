"""Lineage never breaks a pipeline: the one place that swallows, and the log of what it swallowed."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from typing import TYPE_CHECKING

from riverhead_emitter.redaction import scrubbed
from riverhead_emitter.spool.places import directory_for, spool_root

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

log = logging.getLogger(__name__)

FAILURES = "failures.log"
_LARGEST_LOG = 256 << 10
_LONGEST_LINE = 500


class FailureLog:
    """Counts what went wrong inside guards and keeps a bounded file of it for `riverhead doctor`."""

    def __init__(self, path: Path | None = None, *, is_strict: bool = False) -> None:
        self.counts: dict[str, int] = {}
        self.is_strict = is_strict
        self._path = path

    def record(self, doing: str, error: BaseException) -> bool:
        """Count one failure; True if it is the first of its kind in this process."""
        self.counts[doing] = self.counts.get(doing, 0) + 1
        self._write(f"{time.time():.3f} {os.getpid()} {doing}: {described(error)}")
        return self.counts[doing] == 1

    def _write(self, line: str) -> None:
        if self._path is None:
            return
        text = " ".join(line.split())[:_LONGEST_LINE] + "\n"
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._path.exists() and self._path.stat().st_size > _LARGEST_LOG:
                self._path.replace(self._path.with_suffix(".old"))
            # For its owner alone, as the spool is; O_NOFOLLOW, because a link could lead to any file of the user's.
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
            fd = os.open(self._path, flags, 0o600)
            try:
                os.write(fd, text.encode("utf-8", "replace"))
            finally:
                os.close(fd)


def failures_here(values: Mapping[str, str]) -> FailureLog:
    """Return the log for a host's first guard, before there are settings: where `riverhead doctor` looks for it."""
    try:
        return FailureLog(directory_for(spool_root(values), []).parent / FAILURES)
    except OSError:
        return FailureLog()  # not even a temporary directory: failures are counted and logged, and not kept


def described(error: BaseException) -> str:
    """Return an error in a line without secrets, even one that fails when it is asked for its text."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - a host's exception may do anything, and nothing may get past a guard
        text = "(it has no text)"
    return f"{type(error).__name__}: {scrubbed(text)}"


class guard:  # noqa: N801 - reads as the statement it is: `with guard("observing a task", failures):`
    """Keep a lineage failure away from the pipeline that hosts us; what is not an Exception passes through."""

    __slots__ = ("_doing", "_failures")

    def __init__(self, doing: str, failures: FailureLog) -> None:
        self._doing = doing
        self._failures = failures

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Swallow an Exception, once it is counted and, the first of its kind, logged."""
        if not isinstance(error, Exception) or self._failures.is_strict:
            return False
        if self._failures.record(self._doing, error):
            log.warning("lineage: %s failed; the pipeline is not affected\n%s", self._doing, _traced(error))
        return True


def _traced(error: BaseException) -> str:
    # Not `exc_info`: it would print the message with whatever a URL in it carries.
    import traceback

    return scrubbed("".join(traceback.format_exception(type(error), error, error.__traceback__)))
