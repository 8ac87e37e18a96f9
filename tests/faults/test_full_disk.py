"""A disk without room: nothing is accepted that is not kept, and what was kept can be drained."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import endpoint as endpoints
import silent_deaths
from riverhead_emitter.delivery.drainer import drainer_for
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.observation import Observation
from riverhead_emitter.settings import settings_from
from riverhead_emitter.spool.reader import segments_in
from small_disks import small_disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIMITED = """
import os, resource, sys
from riverhead_emitter import Emitter, settings_from
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
emitter = Emitter(settings_from(os.environ))
for at in range(40):
    if emitter.emit({"run": {"runId": "r"}, "job": {"name": str(at)}, "pad": "x" * 900}):
        print(at)
emitter.drain(20)
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte, where root may mount one."""
    with small_disk(tmp_path / "small", "1m", "the limit on a file's size stands in for it") as place:
        yield place


def fill(path: Path) -> None:
    """Take what is left of a disk, to the last byte."""
    with path.open("wb", buffering=0) as rest, contextlib.suppress(OSError):
        while rest.write(b"x" * 100):
            pass


@pytest.mark.fault
def test_a_full_disk_refuses_what_it_cannot_keep_and_is_drained_in_place(disk: Path) -> None:
    with endpoints.serving() as endpoint:
        emitter = Emitter(settings_from({"RIVERHEAD_SPOOL_DIR": str(disk), "OPENLINEAGE_URL": endpoint.url}))
        others = Emitter(settings_from({"RIVERHEAD_SPOOL_DIR": str(disk), "OPENLINEAGE_URL": endpoint.url}))
        answers = {
            str(at): (emitter if at % 2 else others).emit(
                {"run": {"runId": "r"}, "job": {"name": str(at)}, "pad": "x" * 9_000}
            )
            for at in range(200)
        }
        accepted = [name for name, is_kept in answers.items() if is_kept]
        assert 50 < len(accepted) < 150
        assert not emitter.emit({"run": {"runId": "r"}, "job": {"name": "?"}, "pad": "x" * 9_000})
        fill(disk / "the rest")

        emitter.drain(20)

        assert endpoint.names() == accepted
        emitter.drain(20)
        assert len(endpoint.requests) == len(accepted)
        emitter.close()
        others.close()
        emitter.drain(20)
        assert segments_in(emitter.directory) == []
        assert emitter.emit({"run": {"runId": "r"}, "job": {"name": "room again"}})
        emitter.close()


@pytest.mark.fault
def test_a_disk_that_became_read_only_refuses_records_and_keeps_what_it_has(disk: Path) -> None:
    with endpoints.serving() as endpoint:
        emitter = Emitter(settings_from({"RIVERHEAD_SPOOL_DIR": str(disk), "OPENLINEAGE_URL": endpoint.url}))
        assert emitter.emit({"run": {"runId": "r"}, "job": {"name": "before"}})
        emitter.close()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)

        assert not emitter.emit({"run": {"runId": "r"}, "job": {"name": "meanwhile"}})
        emitter.drain(5)
        assert endpoint.requests == []

        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        assert emitter.emit({"run": {"runId": "r"}, "job": {"name": "after"}})
        emitter.drain(5)
        emitter.close()
        assert endpoint.names() == ["before", "after"]


@pytest.mark.fault
def test_last_words_wait_for_room_on_a_full_disk(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riverhead_emitter.understand.interpreter_of", silent_deaths.interpreter_of)
    with endpoints.serving() as endpoint:
        settings = settings_from({"RIVERHEAD_SPOOL_DIR": str(disk), "OPENLINEAGE_URL": endpoint.url})
        emitter = Emitter(settings)
        # What a page has left may take the words all the same.
        child = os.fork()
        if child == 0:
            for at in range(40):
                emitter.observe(Observation("k", 1, f"r{at}", {"state": "START"}, will=silent_deaths.WILL))
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)
        fill(disk / "the rest")

        drainer = drainer_for(emitter.directory, settings)
        assert not drainer.drain(20)
        assert "last words" in drainer.tally.last_refusal
        assert len(segments_in(emitter.directory)) == 1
        (disk / "the rest").unlink()
        assert drainer.drain(20)
        drainer.close()

        assert sorted(endpoint.names()) == sorted(f"r{at}.{state}" for at in range(40) for state in ("START", "FAIL"))
        assert segments_in(emitter.directory) == []


@pytest.mark.fault
def test_a_limit_on_files_refuses_what_it_cannot_keep(tmp_path: Path) -> None:
    with endpoints.serving() as endpoint:
        values = {"RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"), "OPENLINEAGE_URL": endpoint.url}
        done = subprocess.run(
            [sys.executable, "-c", LIMITED], env={**os.environ, **values}, capture_output=True, timeout=60, check=True
        )
        accepted = [json.loads(line) for line in done.stdout.splitlines()]

        assert [int(name) for name in endpoint.names()] == accepted
        assert 10 < len(accepted) < 40
