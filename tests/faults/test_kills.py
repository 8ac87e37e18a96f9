"""kill -9 of writers and drainers at any moment: whatever was accepted is delivered."""

from __future__ import annotations

import collections
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

import endpoint as endpoints
from riverhead_emitter.delivery.drainer import Drainer, dead_letters_in
from riverhead_emitter.delivery.senders import sender_for
from riverhead_emitter.settings import Settings, settings_from
from riverhead_emitter.spool.places import directory_for
from riverhead_emitter.spool.reader import segments_in

if TYPE_CHECKING:
    from pathlib import Path

# It says what was accepted only after that, so what the test knows of is the least that must arrive.
WRITER = """
import os, sys
from riverhead_emitter import Emitter, settings_from
emitter, who = Emitter(settings_from(os.environ)), sys.argv[1]
for at in range(100_000):
    name = f"{who}.{at}"
    event = {"run": {"runId": who}, "job": {"name": name}, "pad": "x" * (at % 7 * 3_000)}
    if emitter.emit(event):
        os.write(1, name.encode() + b"\\n")
    if at % 50 == 49:
        emitter.close()
"""
DRAIN = [sys.executable, "-m", "riverhead", "drain", "--follow"]


@dataclass
class Trial:
    """Writers and drainers that live for an instant each, and what they had accepted."""

    environment: dict[str, str]
    chance: random.Random
    writers: int = 0
    drainers: int = 0
    accepted: list[str] = field(default_factory=list)

    def kill_a_writer(self) -> None:
        """Start a writer, kill it within a few records, and note what it had been promised."""
        command = [sys.executable, "-c", WRITER, f"w{self.writers}"]
        with subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, bufsize=0) as writer:
            assert writer.stdout is not None
            said = os.read(writer.stdout.fileno(), 1)
            time.sleep(self.chance.uniform(0, 0.02))  # any moment will do: nothing is awaited
            writer.kill()
            said += writer.stdout.read()
        # A name without its line's end was cut short by the pipe, but it had been accepted all the same.
        self.accepted += [name for name in said.decode().split("\n")[:-1] if name]
        self.writers += 1

    def kill_a_drainer(self, drainer: subprocess.Popen[bytes]) -> None:
        """Kill a drainer wherever it is."""
        drainer.kill()
        drainer.wait()
        self.drainers += 1

    def run(self, endpoint: endpoints.Endpoint, kills: int, seconds: float) -> None:
        """Kill as many, or for as long, as was asked; a drainer is killed with every third writer."""
        deadline = time.monotonic() + seconds
        drainer = subprocess.Popen(DRAIN, env=self.environment)
        try:
            while self.writers + self.drainers < kills and time.monotonic() < deadline:
                self.kill_a_writer()
                if self.writers % 3 == 0:
                    endpoint.wait_for(len(endpoint.requests) + self.chance.randrange(8), 1.0)
                    self.kill_a_drainer(drainer)
                    drainer = subprocess.Popen(DRAIN, env=self.environment)
        finally:
            self.kill_a_drainer(drainer)


def drain_the_rest(settings: Settings) -> Drainer:
    """Drain to the end, as the next drainer would."""
    directory = directory_for(settings.spool_root, [sink.address for sink in settings.sinks])
    drainer = Drainer(directory, [sender_for(sink) for sink in settings.sinks], 5.0)
    assert drainer.drain(120)
    drainer.close()
    return drainer


def inversions(names: list[str]) -> int:
    """How often a first delivery came after that of a later record of its run."""
    latest: dict[str, int] = collections.defaultdict(lambda: -1)
    found = 0
    for name in dict.fromkeys(names):
        run, _, at = name.partition(".")
        found += int(at) < latest[run]
        latest[run] = max(latest[run], int(at))
    return found


def check_kills(tmp_path: Path, kills: int, seconds: float) -> Trial:
    with endpoints.serving() as endpoint:
        values = {"RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"), "OPENLINEAGE_URL": endpoint.url}
        settings, trial = settings_from(values), Trial({**os.environ, **values}, random.Random(4))  # noqa: S311 - a seed, no secret
        trial.run(endpoint, kills, seconds)
        drain_the_rest(settings)
        delivered = endpoint.names()
        directory = directory_for(settings.spool_root, [sink.address for sink in settings.sinks])

        print(  # noqa: T201 - the figures that people ask for; shown by `pytest -rP`
            f"{trial.writers} writers and {trial.drainers} drainers killed; {len(trial.accepted)} known as accepted, "
            f"{len(set(delivered))} delivered, {len(delivered) - len(set(delivered))} twice, "
            f"{dead_letters_in(directory)} torn lines set aside"
        )
        assert set(trial.accepted) - set(delivered) == set()
        assert inversions(delivered) == 0
        # Each writer may have been killed between accepting a record and saying so, and within one line.
        assert len(set(delivered)) - len(set(trial.accepted)) <= trial.writers
        assert dead_letters_in(directory) <= trial.writers
        assert segments_in(directory) == []
        return trial


@pytest.mark.fault
def test_what_killed_writers_had_accepted_is_delivered_in_spite_of_killed_drainers(tmp_path: Path) -> None:
    trial = check_kills(tmp_path, kills=60, seconds=25)

    assert trial.writers > 3
    assert trial.drainers > 1


@pytest.mark.fault
@pytest.mark.matrix
def test_three_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    trial = check_kills(tmp_path, kills=360, seconds=170)

    assert trial.writers + trial.drainers >= 300


@pytest.mark.fault
def test_a_backend_that_comes_and_goes_gets_everything_in_the_end(tmp_path: Path) -> None:
    with endpoints.serving() as endpoint:
        values = {"RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"), "OPENLINEAGE_URL": endpoint.url}
        trial = Trial({**os.environ, **values}, random.Random(5))  # noqa: S311 - a seed, no secret
        trial.kill_a_writer()
    port, first = int(endpoint.url.rpartition(":")[2]), endpoint
    for _ in range(3):
        trial.kill_a_writer()
    settings = settings_from({**values, "RIVERHEAD_TIMEOUT_SECONDS": "1"})
    directory = directory_for(settings.spool_root, [sink.address for sink in settings.sinks])
    refused = Drainer(directory, [sender_for(sink) for sink in settings.sinks], 1.0)
    assert not refused.drain(1)
    refused.close()
    with endpoints.serving(port=port) as second:
        second.replies = lambda number, _: endpoints.Reply(503 if number % 7 == 3 else 201)
        drainer = Drainer(directory, [sender_for(sink) for sink in settings.sinks], 1.0)
        while not drainer.drain(30):
            pass
        drainer.close()
        delivered = set(first.names()) | set(second.names())

    assert set(trial.accepted) <= delivered
