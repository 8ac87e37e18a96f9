"""A process that forks writers and drainers and kills them at any moment; its writers' runs have wills.

Run as a script: `silent_deaths.py FOLDER KILLS SECONDS SEED`, with the emitter's settings in the environment. Segments
are small, so that runs outlast them; each writer notes which runs it has begun, and which it has ended.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riverhead_emitter import understand
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.observation import Observation, Will
from riverhead_emitter.settings import settings_from
from riverhead_emitter.spool import writer
from short_lives import drain, forked, kill

if TYPE_CHECKING:
    from riverhead_emitter.observation import Interpreter

WILL = Will({"state": "FAIL"}, ("end_time",))
WRITERS_AT_ONCE = 4
SMALL_SEGMENT = 6_000


def interpreter_of(_kind: str) -> Interpreter:
    """Return what makes an event of what a writer here observes."""
    return interpret


def interpret(observation: Observation) -> list[dict[str, Any]]:
    """Return the event of a run's state, with the time at which it is said to have ended."""
    state, ended = observation.payload["state"], observation.payload.get("end_time")
    return [{"run": {"runId": observation.run_id}, "job": {"name": f"{observation.run_id}.{state}"}, "ended": ended}]


def write(folder: Path, name: str, seed: int) -> None:
    """Begin runs, go on with them and end them, in any order, until killed."""
    chance, emitter = random.Random(seed), Emitter(settings_from(os.environ))  # noqa: S311 - a seed, no secret
    begun = os.open(folder / f"{name}.begun", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    ended = os.open(folder / f"{name}.ended", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    runs: list[str] = []
    number = 0
    while True:
        pad = "x" * chance.choice([0, 300, 3_000, 9_000])
        what = chance.choice(["begin", "go on", "end", "end"]) if runs else "begin"
        if what == "begin":
            run, number = f"{name}-{number}", number + 1
            if emitter.observe(Observation("tests.run", 1, run, {"state": "START", "pad": pad}, will=WILL)):
                os.write(begun, run.encode() + b"\n")
                runs.append(run)
        elif what == "end":
            run = runs.pop(chance.randrange(len(runs)))
            if emitter.observe(Observation("tests.run", 1, run, {"state": "COMPLETE", "pad": pad}, is_last=True)):
                os.write(ended, run.encode() + b"\n")
        else:
            emitter.observe(Observation("tests.run", 1, chance.choice(runs), {"state": "RUNNING", "pad": pad}))
        if chance.random() < 0.03:
            emitter.close()
        if chance.random() < 0.02 and os.fork() == 0:
            time.sleep(chance.uniform(0, 0.2))  # outlives its parent, or does not
            os._exit(0)
        time.sleep(chance.uniform(0, 0.003))  # leaves the others their turn; nothing is awaited


def main(folder: Path, kills: int, seconds: float, seed: int) -> dict[str, int]:
    """Kill as many, or for as long, as asked; drainers take their turn with every few writers."""
    chance, deadline = random.Random(seed), time.monotonic() + seconds  # noqa: S311 - a seed, no secret
    writer.LARGEST_SEGMENT = SMALL_SEGMENT
    understand.interpreter_of = interpreter_of  # type: ignore[assignment]  # without the cache
    killed = {"writers": 0, "drainers": 0}
    drainer = forked(drain)
    while sum(killed.values()) < kills - 1 and time.monotonic() < deadline:
        first = killed["writers"]
        writers = [
            forked(lambda at=first + at: write(folder, f"w{at}", at))  # type: ignore[misc]  # its default is an int
            for at in range(WRITERS_AT_ONCE)
        ]
        for pid in writers:
            time.sleep(chance.uniform(0, 0.06))  # any moment will do: nothing is awaited
            kill(pid)
            killed["writers"] += 1
        # A drainer looks for the dead after a second, and may be killed then or before.
        if chance.random() < 0.2:
            time.sleep(chance.uniform(0.8, 1.6))
        if chance.random() < 0.5:
            kill(drainer)
            killed["drainers"] += 1
            drainer = forked(drain)
    kill(drainer)
    killed["drainers"] += 1
    return killed


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))))  # noqa: T201 - its answer
