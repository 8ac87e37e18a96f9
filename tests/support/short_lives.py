"""A process that forks writers and drainers and kills them at any moment; one that has imported everything forks fast.

Run as a script: `short_lives.py FOLDER KILLS SECONDS SEED`, with the emitter's settings in the environment. Several
writers share each run: they take its numbers one after the other under a lock, so that the order of all is known.
"""

from __future__ import annotations

import fcntl
import json
import os
import random
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from riverhead_emitter.delivery.drainer import Drainer
from riverhead_emitter.delivery.senders import sender_for
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.settings import settings_from
from riverhead_emitter.spool.places import make_private

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = 4
WRITERS_AT_ONCE = 6


def write(folder: Path, run: str, seed: int) -> None:
    """Emit the run's next numbers until killed, and note each that was accepted once it was."""
    chance, emitter = random.Random(seed), Emitter(settings_from(os.environ))  # noqa: S311 - a seed, no secret
    turn = os.open(folder / f"{run}.turn", os.O_RDWR | os.O_CREAT, 0o600)
    notes = os.open(folder / f"{run}.accepted", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    refusals = os.open(folder / f"{run}.refused", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    while True:
        fcntl.flock(turn, fcntl.LOCK_EX)
        number = int(os.pread(turn, 20, 0) or b"0")
        os.pwrite(turn, b"%020d" % (number + 1), 0)
        name = f"{run}.{number}"
        event = {"run": {"runId": run}, "job": {"name": name}, "pad": "x" * chance.choice([0, 300, 9_000])}
        is_accepted = emitter.emit(event)
        os.write(notes if is_accepted else refusals, name.encode() + b"\n")
        fcntl.flock(turn, fcntl.LOCK_UN)
        time.sleep(chance.uniform(0, 0.004))  # leaves the others their turn; nothing is awaited
        if chance.random() < 0.02:
            emitter.close()


def drain() -> None:
    """Follow until killed."""
    settings = settings_from(os.environ)
    senders = [sender_for(sink) for sink in settings.sinks]
    directory = Emitter(settings).directory
    # It may come before the first writer, which would make it; so does the command.
    make_private(directory)
    Drainer(directory, senders, settings.timeout_seconds).follow(lambda: False)


def forked(work: Callable[[], None]) -> int:
    """Start a child that does this until it is killed."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - whatever it is, it is told before the child is gone
            traceback.print_exc()
        finally:
            os._exit(1)
    return pid


def kill(pid: int) -> None:
    """Kill a child at once; it must not have ended by itself."""
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    if not os.WIFSIGNALED(status):
        raise RuntimeError("a child ended before it was killed")


def main(folder: Path, kills: int, seconds: float, seed: int) -> dict[str, int]:
    """Kill as many, or for as long, as asked; drainers take their turn with every few writers."""
    chance, deadline = random.Random(seed), time.monotonic() + seconds  # noqa: S311 - a seed, no secret
    killed = {"writers": 0, "drainers": 0}
    drainer = forked(drain)
    while sum(killed.values()) < kills - 1 and time.monotonic() < deadline:
        first = killed["writers"]
        writers = [
            forked(lambda at=first + at: write(folder, f"r{at % RUNS}", at))  # type: ignore[misc]  # its default is an int
            for at in range(WRITERS_AT_ONCE)
        ]
        for pid in writers:
            time.sleep(chance.uniform(0, 0.012))  # any moment will do: nothing is awaited
            kill(pid)
            killed["writers"] += 1
        if chance.random() < 0.7:
            kill(drainer)
            killed["drainers"] += 1
            drainer = forked(drain)
    kill(drainer)
    killed["drainers"] += 1
    return killed


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))))  # noqa: T201 - its answer
