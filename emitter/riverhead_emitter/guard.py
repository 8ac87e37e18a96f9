"""Lineage never breaks a pipeline: the one place that swallows, and the log of what it swallowed."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from typing import TYPE_CHECKING

from riverhead_emitter.errors import RiverheadError
from riverhead_emitter.host_log import warn
from riverhead_emitter.host_signals import is_of_a_signal, let_through
from riverhead_emitter.loading import loading
from riverhead_emitter.redaction import REDACTION
from riverhead_emitter.spool.locks import take
from riverhead_emitter.spool.places import directory_for, spool_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

    from riverhead_emitter.redaction import Redaction

FAILURES = "failures.log"
_LARGEST_LOG = 256 << 10
_LONGEST_LINE = 500
_LONGEST_TEXT, _LONGEST_TRACE = 2_000, 8_000  # an exception's text may hold a whole file
_LONGEST_NAME = 100
_MOST_KINDS = 200
_MOST_CAUSES, _MOST_FRAMES = 4, 20
_OTHERS = "something else"

_counting = threading.RLock()


def _count_anew() -> None:
    """Another thread may have been counting while this process was forked off, and would never let go here."""
    global _counting  # noqa: PLW0603 - a lock cannot be taken back from a thread that is not there
    _counting = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_count_anew)


class FailureLog:
    """Counts what went wrong inside guards and keeps a bounded file of it for `riverhead doctor`."""

    def __init__(self, path: Path | None = None, *, is_strict: bool = False, redaction: Redaction = REDACTION) -> None:
        self.counts: dict[str, int] = {}
        self.is_strict = is_strict
        self.redaction = redaction
        self._path = path

    def record(self, doing: str, error: BaseException) -> bool:
        """Count one failure; True if it is the first of its kind in this process."""
        with _counting:
            kind = doing if doing in self.counts or len(self.counts) < _MOST_KINDS else _OTHERS
            number = self.counts[kind] = self.counts.get(kind, 0) + 1
        self._write(f"{time.time():.3f} {os.getpid()} {doing}: {described(error, self.redaction)}")
        return number == 1

    def _write(self, line: str) -> None:
        if self._path is None:
            return
        text = " ".join(line.split())[:_LONGEST_LINE] + "\n"
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fd = self._opened()
            try:
                if os.fstat(fd).st_size > _LARGEST_LOG and self._set_aside(fd):
                    os.close(fd)
                    fd = self._opened()
                os.write(fd, text.encode("utf-8", "replace"))
            finally:
                os.close(fd)

    def _opened(self) -> int:
        # For its owner alone, as the spool is; O_NOFOLLOW, because a link could lead to any file of the user's.
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        return os.open(str(self._path), flags, 0o600)

    def _set_aside(self, fd: int) -> bool:
        """Rename the full file; of several processes one does, and none the new file that another has just begun."""
        if self._path is None or not take(fd):
            return False  # another is about to; what is written meanwhile goes with the full one
        if os.path.samestat(os.fstat(fd), os.lstat(self._path)):
            self._path.replace(self._path.with_suffix(".old"))
        return True


def failures_here(values: Mapping[str, str]) -> FailureLog:
    """Return the log for a host's first guard, before there are settings: where `riverhead doctor` looks for it."""
    try:
        return FailureLog(directory_for(spool_root(values), []).parent / FAILURES)
    except OSError:
        return FailureLog()  # not even a temporary directory: failures are counted and logged, and not kept


def described(error: BaseException, redaction: Redaction = REDACTION) -> str:
    """Return an error in a printable line without secrets, even one that fails when it is asked for its text."""
    try:
        text = str(error)
    except Exception as failed:  # noqa: BLE001 - a host's exception may do anything, and nothing may get past a guard
        let_through(failed)
        text = "(it has no text)"
    return _printable(f"{type(error).__name__[:_LONGEST_NAME]}: {_scrubbed(text, redaction, _LONGEST_TEXT)}")


def _scrubbed(text: str, redaction: Redaction, longest: int) -> str:
    try:
        return redaction.beginning(text, longest)
    except Exception as failed:  # noqa: BLE001 - what hides a host's secrets is the host's, and where it fails nothing is shown
        let_through(failed)
        return "(it could not be searched for secrets)"


def _printable(text: str, kept: str = "") -> str:
    """Return the text without what a terminal would obey."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character in kept else " " if character.isspace() else "\ufffd"
        for character in text
    )


class guard:  # noqa: N801 - reads as the statement it is: `with guard("observing a task", failures):`
    """Keep a lineage failure away from the pipeline that hosts us; what is not an Exception passes through.

    Our own errors are a sentence of what to do, which is told without a traceback; so is, where `is_brief`, what is
    likelier a mistake in somebody's configuration than one of ours.
    """

    __slots__ = ("_doing", "_failures", "_is_brief")

    def __init__(self, doing: str, failures: FailureLog, *, is_brief: bool = False) -> None:
        self._doing = doing
        self._failures = failures
        self._is_brief = is_brief

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Swallow an Exception, once it is counted and, the first of its kind, logged; but not the host's time-out."""
        if not isinstance(error, Exception) or self._failures.is_strict or is_of_a_signal(error):
            return False
        if self._failures.record(self._doing, error) and not sys.is_finalizing():
            is_brief = self._is_brief or isinstance(error, RiverheadError)
            tell, between = (described, ": ") if is_brief else (traced, "\n")
            told = tell(error, self._failures.redaction)
            warn(__name__, "lineage: %s failed; the pipeline is not affected%s%s", self._doing, between, told)
        return True


def traced(error: BaseException, redaction: Redaction = REDACTION) -> str:
    """Return an error's last frames and those of its causes, without secrets and within bounds."""
    # Not `exc_info`: it would print the message with whatever a URL in it carries.
    with loading():
        import traceback

    parts: list[str] = []
    for cause in causes(error):
        frames = "".join(traceback.format_tb(cause.__traceback__, limit=-_MOST_FRAMES))
        parts.append(
            f"{_printable(_scrubbed(frames, redaction, _LONGEST_TRACE), kept=chr(10))}{described(cause, redaction)}"
        )
    return "\nwhich came from\n".join(parts)


def causes(error: BaseException) -> Iterator[BaseException]:
    """Return an error and what it came from, the last few of a chain."""
    cause: BaseException | None = error
    for _ in range(_MOST_CAUSES):
        if cause is None:
            return
        yield cause
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
