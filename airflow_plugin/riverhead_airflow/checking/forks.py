"""Each file in a process of its own, a few at a time, none for longer than it may take; knows no Airflow.

Whatever a file does – an endless loop, `os._exit`, gigabytes of output, a child that stays – ends with its process, and
only a file of JSON comes back.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Read = Callable[[str], dict[str, Any]]

# What a file started keeps its process's end of the pipe open.
_LOOK_AGAIN_SECONDS = 0.5
_GRACE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the process that read a file; its result is there if it was read."""

    file: str
    fate: Literal["read", "time-out", "ended"]
    code: int
    result: Path


@dataclass(frozen=True, slots=True)
class _Reading:
    file: str
    pid: int
    alive: int
    """The end of a pipe that can be read when the process, which holds the other end, is no more."""
    deadline: float
    result: Path


def outcomes(files: Sequence[str], read: Read, folder: Path, seconds: float, at_once: int) -> list[Outcome]:
    """Read each file in a fork of this process, and return what became of them, in their order."""
    parent = os.getppid()
    waiting, running, ended = list(reversed(list(enumerate(files)))), list[_Reading](), dict[str, Outcome]()
    try:
        # Where nobody waits for the answer any more, nothing more is read.
        while (waiting or running) and os.getppid() == parent:
            while waiting and len(running) < at_once:
                index, file = waiting.pop()
                running.append(_started(file, read, folder / f"{index}.json", seconds))
            _wait(running)
            for reading in [reading for reading in running if _is_over(reading)]:
                running.remove(reading)
                ended[reading.file] = _outcome(reading)
    finally:
        for reading in running:
            _end(reading)
    return [ended[file] for file in files if file in ended]


def _started(file: str, read: Read, result: Path, seconds: float) -> _Reading:
    alive, held = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            # Should this process be gone when the time is over, its forks end by themselves.
            signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE_SECONDS)
            _read(file, read, result)
        finally:
            os._exit(1)  # whatever it was: this process must not go on with the work of the one that it was forked from
    os.close(held)
    return _Reading(file, pid, alive, time.monotonic() + seconds, result)


def _read(file: str, read: Read, result: Path) -> None:
    """Run in the fork: leave the result, and end without a word to whoever has registered for the end."""
    # A session of its own makes one group of this process and of all that the file may start.
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _be_silent()
    content = json.dumps(read(file)).encode()
    unfinished = result.with_suffix(".part")
    unfinished.write_bytes(content)
    unfinished.replace(result)
    os._exit(0)


def _be_silent() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)


def _wait(running: Sequence[_Reading]) -> None:
    left = min(reading.deadline for reading in running) - time.monotonic()
    select.select([reading.alive for reading in running], [], [], max(0.0, min(left, _LOOK_AGAIN_SECONDS)))


def _is_over(reading: _Reading) -> bool:
    return reading.deadline <= time.monotonic() or _has_ended(reading)


def _has_ended(reading: _Reading) -> bool:
    if not hasattr(os, "waitid"):  # macOS, before Python 3.13
        return bool(select.select([reading.alive], [], [], 0)[0])
    # Looked at without taking it away: until then nobody else gets its number, and its group can be ended safely.
    return os.waitid(os.P_PID, reading.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _outcome(reading: _Reading) -> Outcome:
    is_late = not _has_ended(reading)
    code = _end(reading)
    if reading.result.exists():
        return Outcome(reading.file, "read", code, reading.result)
    return Outcome(reading.file, "time-out" if is_late else "ended", code, reading.result)


def _end(reading: _Reading) -> int:
    """End a process and all that it started, and return its exit code."""
    # A process that has only just been made has no group yet.
    for end in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            end(reading.pid, signal.SIGKILL)
    os.close(reading.alive)
    return os.waitstatus_to_exitcode(os.waitpid(reading.pid, 0)[1])
