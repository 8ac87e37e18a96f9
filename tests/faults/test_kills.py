"""kill -9 of writers and drainers at any moment: whatever was accepted is delivered, in the order of each run."""

from __future__ import annotations

import collections
import json
import os
import subprocess
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest

import endpoint as endpoints
from riverhead_emitter.delivery.drainer import Drainer, dead_letters_in, drainer_for
from riverhead_emitter.delivery.letters import letters_in
from riverhead_emitter.delivery.quarantine import apart_in
from riverhead_emitter.settings import Settings, settings_from
from riverhead_emitter.spool.places import directory_for
from riverhead_emitter.spool.reader import segments_in
from riverhead_emitter.spool.segment import record_of

TAKEN = 201
SHORT_LIVES = Path(__file__).parents[1] / "support" / "short_lives.py"


@dataclass(frozen=True)
class Trial:
    """What became of many writers and drainers, and of what they had been told."""

    writers: int
    drainers: int
    accepted: list[str]
    refused: list[str]
    delivered: list[str]
    beside: frozenset[str] = frozenset()  # dead letters, or set apart

    @property
    def kills(self) -> int:
        return self.writers + self.drainers

    @property
    def repeated(self) -> int:
        """How many deliveries were not the first."""
        return len(self.delivered) - len(set(self.delivered))

    @property
    def sentence(self) -> str:
        """What people ask for; shown by `pytest -rP`."""
        unique = set(self.delivered)
        return (
            f"{self.writers} writers and {self.drainers} drainers killed; {len(self.accepted)} known as accepted, "
            f"{len(self.refused)} refused, {len(unique)} delivered, {self.repeated} of them twice, "
            f"{len(self.beside)} dead letters, {len(set(self.accepted) - unique - self.beside)} lost, "
            f"{inversions(self.delivered)} inversions"
        )


def directory_of(settings: Settings) -> Path:
    return directory_for(settings.spool_root, settings.destination)


def drain_the_rest(settings: Settings) -> Drainer:
    """Drain to the end, as the next drainer would."""
    drainer = drainer_for(directory_of(settings), settings)
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


def lives(folder: Path, values: dict[str, str], kills: int, seconds: float, seed: int = 4) -> dict[str, int]:
    """Have writers and drainers forked and killed; return how many of each."""
    command = [sys.executable, str(SHORT_LIVES), str(folder), str(kills), str(seconds), str(seed)]
    done = subprocess.run(command, env={**os.environ, **values}, capture_output=True, timeout=seconds + 60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    killed: dict[str, int] = json.loads(done.stdout)
    return killed


def noted(folder: Path, kind: str) -> list[str]:
    """Return the names that writers noted; one without its line's end was cut short, but noted all the same."""
    return [name for path in folder.glob(f"*.{kind}") for name in path.read_text().splitlines()]


def tried(tmp_path: Path, kills: int, seconds: float) -> Trial:
    values = {"RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool")}
    with endpoints.serving() as endpoint:
        values["OPENLINEAGE_URL"] = endpoint.url
        killed = lives(tmp_path, values, kills, seconds)
        settings = settings_from(values)
        drain_the_rest(settings)
        accepted, refused = noted(tmp_path, "accepted"), noted(tmp_path, "refused")
        trial = Trial(killed["writers"], killed["drainers"], accepted, refused, endpoint.names())
        print(trial.sentence)  # noqa: T201 - the figures that people ask for
        assert dead_letters_in(directory_of(settings)) == 0
        assert segments_in(directory_of(settings)) == []
    return trial


def check(trial: Trial) -> None:
    assert set(trial.accepted) - set(trial.delivered) == set()
    assert set(trial.refused) & set(trial.delivered) == set()
    assert inversions(trial.delivered) == 0
    # Each writer may have been killed between accepting a record and noting so.
    assert len(set(trial.delivered) - set(trial.accepted)) <= trial.writers
    assert len(trial.accepted) > trial.writers / 2
    # Four are under way at once, and as many may be answered and not yet acknowledged, when a drainer is killed.
    assert trial.repeated <= 2 * 4 * (trial.drainers + 1)


@pytest.mark.fault
def test_what_killed_writers_had_accepted_is_delivered_in_spite_of_killed_drainers(tmp_path: Path) -> None:
    trial = tried(tmp_path, kills=120, seconds=20)

    check(trial)
    assert trial.writers > 30
    assert trial.drainers > 3


@pytest.mark.fault
@pytest.mark.matrix
def test_twelve_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    trial = tried(tmp_path, kills=1_200, seconds=150)

    check(trial)
    assert trial.kills >= 1_000


def judged(number: int, body: bytes) -> endpoints.Reply:
    """Take most, refuse some for good, and fail now and then at whatever comes."""
    name = json.loads(body)["job"]["name"]
    if zlib.crc32(name.encode()) % 23 == 0:
        return endpoints.Reply(422)
    return endpoints.Reply({5: 500, 9: 503, 12: 429}.get(number % 31, TAKEN))


def kept_beside(settings: Settings, address: str) -> set[str]:
    """Return the names of what a sink refused for good, or is set apart for it."""
    directory = directory_of(settings)
    lines = [letter.line for letter in letters_in(directory) if letter.sink == address]
    lines += [line for apart in apart_in(directory) if apart.sink == address for _, line in apart.lines()]
    return {json.loads(record_of(line).body)["event"]["job"]["name"] for line in lines}


def tried_with_two(tmp_path: Path, kills: int, seconds: float) -> list[Trial]:
    """Kill while one sink takes all and another refuses and fails; return what became of it at each."""
    values = {"RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"), "OPENLINEAGE__TRANSPORT__TYPE": "composite"}
    with endpoints.serving() as willing, endpoints.serving() as moody:
        moody.replies = judged
        for name, endpoint in (("WILLING", willing), ("MOODY", moody)):
            values[f"OPENLINEAGE__TRANSPORT__TRANSPORTS__{name}__TYPE"] = "http"
            values[f"OPENLINEAGE__TRANSPORT__TRANSPORTS__{name}__URL"] = endpoint.url
        killed = lives(tmp_path, values, kills, seconds, seed=6)
        settings = settings_from(values)
        drainer = drainer_for(directory_of(settings), settings)
        # Each failure ends the turn of a run that is set apart.
        assert any(drainer.drain(20) for _ in range(2_000))
        drainer.close()
        accepted, refused = noted(tmp_path, "accepted"), noted(tmp_path, "refused")
        trials = []
        for sink in settings.sinks:
            there = willing if willing.url in sink.address else moody
            asked = enumerate(request.body for request in there.requests)
            taken = [json.loads(body)["job"]["name"] for at, body in asked if there.replies(at, body).status == TAKEN]
            beside = frozenset(kept_beside(settings, sink.address))
            trial = Trial(killed["writers"], killed["drainers"], accepted, refused, taken, beside)
            print(trial.sentence)  # noqa: T201 - the figures that people ask for
            assert set(accepted) - set(taken) == beside & set(accepted)
            assert {zlib.crc32(name.encode()) % 23 for name in beside} <= {0}
            trials.append(trial)
        assert segments_in(directory_of(settings)) == []
    return trials


def check_two(trials: list[Trial]) -> None:
    willing, moody = sorted(trials, key=lambda trial: -len(set(trial.delivered)))
    check(willing)
    assert len(set(moody.delivered)) < len(set(willing.delivered))
    assert inversions(moody.delivered) == 0
    assert set(moody.refused) & set(moody.delivered) == set()
    assert moody.repeated <= 2 * 4 * (moody.drainers + 1)


@pytest.mark.fault
def test_a_sink_that_refuses_and_fails_costs_neither_itself_nor_another_anything(tmp_path: Path) -> None:
    check_two(tried_with_two(tmp_path, kills=80, seconds=15))


@pytest.mark.fault
@pytest.mark.matrix
def test_six_hundred_kills_amid_refusals_lose_nothing(tmp_path: Path) -> None:
    check_two(tried_with_two(tmp_path, kills=600, seconds=100))


@pytest.mark.fault
def test_a_backend_that_comes_and_goes_gets_everything_in_the_end(tmp_path: Path) -> None:
    values = {"RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"), "RIVERHEAD_TIMEOUT_SECONDS": "1"}
    with endpoints.serving() as first:
        values["OPENLINEAGE_URL"] = first.url
        lives(tmp_path, values, 12, 10)
    lives(tmp_path, values, 12, 10, seed=5)
    settings = settings_from(values)
    refused = drainer_for(directory_of(settings), settings)
    assert not refused.drain(1)
    refused.close()
    with endpoints.serving(port=int(first.url.rpartition(":")[2])) as second:
        second.replies = lambda number, _: endpoints.Reply(503 if number % 7 == 3 else 201)
        drainer = drainer_for(directory_of(settings), settings)
        for _ in range(1_000):
            if drainer.drain(30):
                break
        drainer.close()
        delivered = set(first.names()) | set(second.names())

    assert set(noted(tmp_path, "accepted")) <= delivered
    assert segments_in(directory_of(settings)) == []
