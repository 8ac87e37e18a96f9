"""Runs that a sink fails at by themselves: set apart, so that no other run waits for them.

A run whose record the sink cannot answer (5xx), while it takes others, gets a file of its own for that sink. Its
records are copied there before the spool's offset passes them, and so are those that come later, in their order. It
is tried again, longer and longer apart, and goes back to normal once all of it was taken. One that has failed so
often and for so long that it must be poisoned is left alone until a person has looked at it. A run of which nobody
here understands a record is set apart, too, and never poisoned. Above a bound whole runs leave, poisoned ones and
then the oldest first, and are counted with what the spool's own bound has cost.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from riverhead_emitter.errors import Unavailable
from riverhead_emitter.host_log import warn
from riverhead_emitter.redaction import REDACTION
from riverhead_emitter.spool import segment
from riverhead_emitter.spool.cap import count_dropped
from riverhead_emitter.spool.locks import closed, lock_patiently

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from riverhead_emitter.redaction import Redaction

QUARANTINE = "quarantine"
SUFFIX = ".run"
# Poisoned: failed so often, and for so long, while others succeeded. A server's bad minute is no poison.
MOST_FAILURES, LEAST_SECONDS = 8, 300.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.4, 60.0
_HEAD_LENGTH = 4096
_LONGEST_TEXT = 200
_FLAGS = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


@dataclass(frozen=True, slots=True)
class Apart:
    """One run that is set apart for one sink, and how it stands with it."""

    path: Path
    sink: str
    run_id: str
    reason: str
    since: float
    offset: int = _HEAD_LENGTH
    failures: int = 0
    next_try: float = 0.0

    @property
    def is_poisoned(self) -> bool:
        """True if it is tried no more until somebody replays it."""
        return self.failures >= MOST_FAILURES and time.time() - self.since >= LEAST_SECONDS

    def is_due(self, now: float) -> bool:
        """True if it is time for another try; also if somebody has set the clock back."""
        return not self.is_poisoned and not 0 < self.next_try - now <= LONGEST_PAUSE_SECONDS

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield the lines that the sink has not had, each with where it ends."""
        end = self.offset
        with contextlib.suppress(FileNotFoundError), self.path.open("rb") as file:
            file.seek(end)
            for line in file:
                end += len(line)
                yield end, line


def apart_in(directory: Path) -> Iterator[Apart]:
    """Yield the runs that are set apart for some sink of this destination."""
    for path in _files_in(directory):
        found = read(path) if path.suffix == SUFFIX else None
        if found is not None:
            yield found


def replay_run(apart: Apart) -> None:
    """Have the next drainer try this run again, from its first record that was not taken."""
    _rewrite(apart.path, failures=0, next_try=0.0, since=time.time())


def purge_run(apart: Apart) -> None:
    """Throw away what is set apart of this run."""
    apart.path.unlink(missing_ok=True)


def names_for(directory: Path, sink: str) -> set[str]:
    """Return the names of the files of runs that are set apart for a sink."""
    beginning = segment.sink_key(sink).decode()
    try:
        return {name for name in os.listdir(directory / QUARANTINE) if name.startswith(beginning)}  # noqa: PTH208 - names are all that is asked for
    except OSError:
        return set()


def path_for(directory: Path, sink: str, run_id: str) -> Path:
    """Return where a run is set apart for a sink; the name is bounded, whatever the run's is."""
    run = hashlib.sha256(run_id.encode()).hexdigest()[:32]
    return directory / QUARANTINE / f"{segment.sink_key(sink).decode()}-{run}{SUFFIX}"


def set_apart(
    path: Path, sink: str, run_id: str, line: bytes, reason: str, *, redaction: Redaction = REDACTION
) -> None:
    """Add a record to a run's file, beginning it if need be; raise Unavailable if there is no room."""
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        now, text = time.time(), redaction.scrubbed(reason)[:_LONGEST_TEXT]
        next_try = now + FIRST_PAUSE_SECONDS
        head = Apart(path, sink[:_LONGEST_TEXT], run_id[:_LONGEST_TEXT], text, now, next_try=next_try)
        _append(path, _head(head), line)
    except OSError as error:
        raise Unavailable(f"cannot set a run apart in {path.parent}: {error.strerror}") from error


def keep_within(directory: Path, largest: int) -> int:
    """Drop runs until the rest takes no more than so many bytes; return how many records left with them."""
    paths = [path for path in _files_in(directory) if path.suffix == SUFFIX]
    sizes = {path: path.stat().st_size for path in paths if path.exists()}
    excess, records = sum(sizes.values()) - largest, 0
    if excess <= 0:
        return 0
    runs = [read(path) or Apart(path, "", "", "", 0.0, failures=MOST_FAILURES) for path in sizes]
    for apart in sorted(runs, key=lambda run: (not run.is_poisoned, run.since)):
        if excess > 0:
            with contextlib.suppress(OSError):
                records += _dropped(directory, apart)
                excess -= 0 if apart.path.exists() else sizes[apart.path]
    if records:
        warn(
            __name__,
            "lineage: too much is set apart in %s; %s records were dropped with their runs",
            directory,
            records,
        )
    return records


def _dropped(directory: Path, apart: Apart) -> int:
    with _locked(apart.path) as fd:
        records = sum(1 for _ in apart.lines())
        if not count_dropped(directory, records, max(os.fstat(fd).st_size - apart.offset, 0)):
            return 0
        apart.path.unlink()
    return records


def _files_in(directory: Path) -> list[Path]:
    try:
        return sorted((directory / QUARANTINE).iterdir())
    except OSError:
        return []


def advance(apart: Apart, offset: int) -> Apart:
    """Note that the sink has everything up to here; once that is all, the run is back to normal."""
    with contextlib.suppress(OSError), _locked(apart.path) as fd:
        if offset >= os.fstat(fd).st_size:
            apart.path.unlink(missing_ok=True)
    return _rewrite(apart.path, offset=offset, failures=0) or replace(apart, offset=offset)


def failed(apart: Apart, reason: str, redaction: Redaction = REDACTION, *, is_counted: bool) -> None:
    """Note another failure; it is counted only if the sink took something else meanwhile."""
    failures = apart.failures + is_counted
    pause = min(FIRST_PAUSE_SECONDS * 2 ** min(apart.failures + 1, 20), LONGEST_PAUSE_SECONDS)
    told = redaction.scrubbed(reason)[:_LONGEST_TEXT]
    _rewrite(apart.path, failures=failures, next_try=time.time() + pause, reason=told)


def put_off(apart: Apart, reason: str, redaction: Redaction = REDACTION) -> None:
    """Note that nobody here understands it, which is no failure; whoever drains next may, and asks at once."""
    told = redaction.scrubbed(reason)[:_LONGEST_TEXT]
    _rewrite(apart.path, next_try=time.time() + LONGEST_PAUSE_SECONDS, reason=told)


def read(path: Path) -> Apart | None:
    """Return how a run stands, or None if it is not apart, or its head is damaged."""
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(_HEAD_LENGTH))
        return Apart(
            path, str(found["sink"]), str(found["run_id"]), str(found["reason"]), float(found["since"]),
            max(int(found["offset"]), _HEAD_LENGTH), int(found["failures"]), float(found["next_try"]),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _head(apart: Apart) -> bytes:
    names = ("sink", "run_id", "reason", "since", "offset", "failures", "next_try")
    text = json.dumps({name: getattr(apart, name) for name in names}).encode()
    return text.ljust(_HEAD_LENGTH - 1) + b"\n"


def _rewrite(path: Path, **changes: float | str) -> Apart | None:
    """Change a run's head in place, which needs no room."""
    with contextlib.suppress(OSError), _locked(path) as fd:
        found = read(path)
        if found is not None:
            changed = replace(found, **changes)  # type: ignore[arg-type]  # each of its field's type
            os.pwrite(fd, _head(changed), 0)
            return changed
    return None


@contextlib.contextmanager
def _locked(path: Path, flags: int = 0) -> Iterator[int]:
    fd = os.open(path, _FLAGS | flags, 0o600)
    try:
        lock_patiently(fd)
        yield fd
    finally:
        closed(fd)


def _append(path: Path, head: bytes, line: bytes) -> None:
    with _locked(path, os.O_CREAT | os.O_APPEND) as fd:
        found = os.fstat(fd)
        if found.st_nlink:
            size = found.st_size
            if size < _HEAD_LENGTH:
                os.ftruncate(fd, 0)  # a drainer was killed within the head
                size = 0
            # A drainer that was killed between this and its acknowledgement comes again with the same line.
            tail = os.pread(fd, len(line) + 1, max(size - len(line) - 1, 0))
            if tail == b"\n" + line:
                return
            text = line if size >= _HEAD_LENGTH else head + line
            if size > _HEAD_LENGTH and not tail.endswith(b"\n"):
                text = b"\n" + text
            if os.write(fd, text) != len(text):
                os.ftruncate(fd, size)
                raise Unavailable(f"no room to set a run apart in {path.parent}")
            return
    _append(path, head, line)  # somebody purged it between our opening and locking it
