"""kill -9 of writers whose runs are open, and of drainers while they say so: each run ends exactly once."""

from __future__ import annotations

import collections
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import endpoint as endpoints
import silent_deaths
from riverhead_emitter.delivery.drainer import dead_letters_in, drainer_for
from riverhead_emitter.settings import settings_from
from riverhead_emitter.spool.locks import is_drained_by_another
from riverhead_emitter.spool.places import directory_for
from riverhead_emitter.spool.reader import segments_in

if TYPE_CHECKING:
    from collections.abc import Iterable

SCRIPT = Path(silent_deaths.__file__)


@dataclass(frozen=True)
class Told:
    """What one sink was told of runs, what their writers know of them, and how many were killed."""

    killed: dict[str, int]
    begun: frozenset[str]
    ended: frozenset[str]
    events: list[tuple[str, str, str | None]]  # run, state, and when it ended

    @property
    def ends(self) -> dict[str, set[tuple[str, str | None]]]:
        """By run, how it is told to have ended; what only came again is told once."""
        found: dict[str, set[tuple[str, str | None]]] = collections.defaultdict(set)
        for run, state, moment in self.events:
            if state in {"COMPLETE", "FAIL"}:
                found[run].add((state, moment))
        return found

    @property
    def sentence(self) -> str:
        """What people ask for; shown by `pytest -rP`."""
        states = collections.Counter(state for ends in self.ends.values() for state, _ in ends)
        repeated = len(self.events) - len(set(self.events))
        return (
            f"{self.killed['writers']} writers and {self.killed['drainers']} drainers killed; {len(self.begun)} runs "
            f"known as begun, {len(self.ended)} as ended; told: {states['COMPLETE']} complete, {states['FAIL']} by "
            f"their last words; {sum(1 for ends in self.ends.values() if len(ends) > 1)} ended twice, "
            f"{len(self.begun - self.ends.keys())} never; {repeated} records came again"
        )


def noted(folder: Path, kind: str) -> frozenset[str]:
    return frozenset(name for path in folder.glob(f"*.{kind}") for name in path.read_text().splitlines())


def tried(tmp_path: Path, kills: int, seconds: float, sinks: int = 1, seed: int = 7) -> list[Told]:
    """Kill, drain what is left, and return what each sink was told."""
    values = {"RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"), "OPENLINEAGE__TRANSPORT__TYPE": "composite"}
    with endpoints.serving() as first, endpoints.serving() as second:
        served = [first, second][:sinks]
        for at, endpoint in enumerate(served):
            values[f"OPENLINEAGE__TRANSPORT__TRANSPORTS__N{at}__TYPE"] = "http"
            values[f"OPENLINEAGE__TRANSPORT__TRANSPORTS__N{at}__URL"] = endpoint.url
        command = [sys.executable, str(SCRIPT), str(tmp_path), str(kills), str(seconds), str(seed)]
        done = subprocess.run(
            command, env={**os.environ, **values}, capture_output=True, timeout=seconds + 60, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        settings = settings_from(values)
        directory = directory_for(settings.spool_root, settings.destination)
        drainer = drainer_for(directory, settings)
        # A child that outlives its writer has let go of everything.
        assert drainer.drain(120)
        drainer.close()
        assert dead_letters_in(directory) == 0
        assert segments_in(directory) == []
        begun, ended = noted(tmp_path, "begun"), noted(tmp_path, "ended")
        told = [Told(json.loads(done.stdout), begun, ended, events_of(endpoint)) for endpoint in served]
    for one in told:
        print(one.sentence)  # noqa: T201 - the figures that people ask for
    return told


def events_of(endpoint: endpoints.Endpoint) -> list[tuple[str, str, str | None]]:
    named = [(event["job"]["name"].rpartition("."), event["ended"]) for event in endpoint.events()]
    return [(run, state, ended) for (run, _, state), ended in named]


def check(told: Iterable[Told]) -> None:
    for one in told:
        assert one.begun - one.ends.keys() == set()
        assert {run: ends for run, ends in one.ends.items() if len(ends) != 1} == {}
        assert {run for run in one.ended if one.ends[run] != {("COMPLETE", None)}} == set()
        # Each writer may have been killed between an end, or a beginning, and noting so.
        complete = {run for run, ends in one.ends.items() if ("COMPLETE", None) in ends}
        assert len(complete - one.ended) <= one.killed["writers"]
        assert len(one.ends.keys() - one.begun) <= one.killed["writers"]
        assert len(one.ends) - len(complete) > one.killed["writers"] / 4
        for run, ends in one.ends.items():
            assert next(state for name, state, _ in one.events if name == run) == "START", ends


@pytest.fixture(autouse=True)
def understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riverhead_emitter.understand.interpreter_of", silent_deaths.interpreter_of)


@pytest.mark.fault
def test_every_run_of_a_killed_writer_ends_once_in_spite_of_killed_drainers(tmp_path: Path) -> None:
    told = tried(tmp_path, kills=80, seconds=20)

    check(told)


@pytest.mark.fault
def test_two_sinks_are_told_the_same_ends(tmp_path: Path) -> None:
    told = tried(tmp_path, kills=60, seconds=20, sinks=2, seed=8)

    check(told)
    assert told[0].ends == told[1].ends


WRITER = """
import os, signal
from riverhead_emitter import Emitter, Observation, settings_from
import silent_deaths
emitter = Emitter(settings_from(os.environ))
assert emitter.observe(Observation("tests.run", 1, "run", {"state": "START"}, will=silent_deaths.WILL))
emitter.start_drainer(idle_seconds=1)
print("begun", flush=True)
signal.pause()
"""


@pytest.mark.fault
def test_a_drainer_that_a_process_leaves_behind_outlasts_it_and_tells_of_its_death(tmp_path: Path) -> None:
    room = tmp_path / "room" / "room-1.dist-info"
    room.mkdir(parents=True)
    (room / "METADATA").write_text("Metadata-Version: 2.1\nName: room\nVersion: 1\n")
    (room / "entry_points.txt").write_text("[riverhead.interpreters]\ntests.run = silent_deaths:interpret\n")
    path = os.pathsep.join([str(room.parent), str(SCRIPT.parent), *sys.path])
    with endpoints.serving() as endpoint:
        values = {"RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"), "OPENLINEAGE_URL": endpoint.url, "PYTHONPATH": path}
        settings = settings_from(values)
        directory = directory_for(settings.spool_root, settings.destination)
        with subprocess.Popen([sys.executable, "-c", WRITER], env={**os.environ, **values}, stdout=-1) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"begun\n"
            assert endpoint.wait_for(1)
            with pytest.raises(subprocess.TimeoutExpired):
                writer.wait(3)  # longer than the drainer would stay for nobody
            assert is_drained_by_another(directory)
            writer.kill()
            assert endpoint.wait_for(2)
        assert endpoint.names() == ["run.START", "run.FAIL"]
        until = time.monotonic() + 20
        while is_drained_by_another(directory) and time.monotonic() < until:
            time.sleep(0.05)
        assert not is_drained_by_another(directory)
        assert segments_in(directory) == []


@pytest.mark.fault
@pytest.mark.matrix
def test_a_thousand_kills_leave_no_run_open(tmp_path: Path) -> None:
    check(tried(tmp_path, kills=1_000, seconds=200, seed=9))
