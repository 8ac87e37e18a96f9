"""When a process sends what it kept: at its own end, once, within bounds, and on the right side of a fork."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from endpoint import Reply
from riverhead_emitter.delivery.breaker import note_down, note_up
from riverhead_emitter.draining import EPHEMERAL_END_SECONDS, Draining
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.spool.locks import is_drained_by_another, only_drainer

if TYPE_CHECKING:
    from collections.abc import Callable

    import endpoint as endpoints
    from riverhead_emitter.settings import Settings

    MakeEvent = Callable[..., dict[str, Any]]


@pytest.fixture
def at_exit(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """Collect what would be called when this process ends."""
    asked: list[Callable[[], None]] = []
    monkeypatch.setattr("atexit.register", asked.append)
    return asked


def test_a_plain_process_drains_once_at_its_end_what_it_kept(
    settings: Settings, endpoint: endpoints.Endpoint, event: MakeEvent, at_exit: list[Callable[[], None]]
) -> None:
    emitter = Emitter(settings, drains_at_end=True)
    assert at_exit == []
    assert emitter.emit(event("1"))
    assert emitter.emit(event("2"))
    (at_end,) = at_exit

    at_end()
    at_end()

    assert endpoint.names() == ["1", "2"]


def test_a_host_that_drains_by_itself_is_not_kept_at_its_end(
    settings: Settings, event: MakeEvent, at_exit: list[Callable[[], None]]
) -> None:
    assert Emitter(settings).emit(event("theirs"))
    assert Emitter(replace(settings, sinks=()), drains_at_end=True).emit(event("for nobody yet"))

    assert at_exit == []


def test_a_spool_that_ends_with_its_host_is_drained_whoever_the_host_is(
    settings: Settings, endpoint: endpoints.Endpoint, event: MakeEvent, at_exit: list[Callable[[], None]]
) -> None:
    assert Emitter(replace(settings, is_ephemeral=True)).emit(event("last"))

    at_exit[0]()

    assert endpoint.names() == ["last"]


def test_a_host_with_an_ephemeral_spool_waits_for_its_turn_to_drain(
    settings: Settings, endpoint: endpoints.Endpoint, event: MakeEvent, at_exit: list[Callable[[], None]]
) -> None:
    emitter = Emitter(replace(settings, is_ephemeral=True))
    assert emitter.emit(event("late"))
    with only_drainer(emitter.directory):
        draining = threading.Thread(target=emitter.drain_at_end, args=(0.0,))
        draining.start()
        assert endpoint.requests == []
    draining.join(10)

    assert endpoint.names() == ["late"]
    assert len(at_exit) == 1


def test_a_host_that_lives_shortly_does_not_try_what_is_known_to_be_down(
    settings: Settings, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    emitter = Emitter(settings)
    assert emitter.emit(event("patient"))
    note_down(emitter.directory, "refused")

    emitter.drain(5)
    emitter.drain_at_end(5)
    assert endpoint.requests == []

    note_up(emitter.directory)
    emitter.drain_at_end(5)
    assert endpoint.names() == ["patient"]


def test_a_host_whose_spool_ends_with_it_tries_even_what_is_known_to_be_down(
    settings: Settings, endpoint: endpoints.Endpoint, event: MakeEvent, at_exit: list[Callable[[], None]]
) -> None:
    emitter = Emitter(replace(settings, is_ephemeral=True))
    assert emitter.emit(event("last chance"))
    note_down(emitter.directory, "refused")

    at_exit[0]()

    assert endpoint.names() == ["last chance"]


class Clock:
    """Time that passes only while somebody drains in vain, and what each was allowed to take of it."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.allowed: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def drain(self, seconds: float) -> None:
        self.allowed.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("riverhead_emitter.draining.time", clock)
    monkeypatch.setattr(Draining, "drain", clock.drain)
    return clock


def test_a_host_that_drained_as_its_last_act_is_not_kept_again_at_its_own_end(
    settings: Settings, event: MakeEvent, at_exit: list[Callable[[], None]], clock: Clock
) -> None:
    emitter = Emitter(replace(settings, is_ephemeral=True))
    assert emitter.emit(event("of a task"))
    emitter.drain_at_end(0.1)
    at_exit[-1]()
    assert clock.allowed == [EPHEMERAL_END_SECONDS]

    assert emitter.emit(event("of the next one"))
    at_exit[-1]()
    assert clock.allowed == [EPHEMERAL_END_SECONDS] * 2


def test_all_last_acts_of_a_process_that_ends_share_one_time(
    settings: Settings, event: MakeEvent, at_exit: list[Callable[[], None]], clock: Clock
) -> None:
    emitter = Emitter(replace(settings, is_ephemeral=True))
    assert emitter.emit(event("of a driver"))
    at_exit[-1]()
    emitter.drain_at_end(2.0)

    assert sum(clock.allowed) == EPHEMERAL_END_SECONDS


def test_a_task_with_an_ephemeral_spool_leaves_no_drainer_behind(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Any] = []
    monkeypatch.setattr(subprocess, "run", lambda *facts, **_: started.append(facts))
    emitter = Emitter(replace(settings, is_ephemeral=True))

    emitter.start_drainer(idle_seconds=60)
    assert started == []

    emitter.start_drainer()
    assert len(started) == 1


def test_a_forked_child_that_kept_nothing_leaves_the_draining_to_its_parent(
    settings: Settings, endpoint: endpoints.Endpoint, event: MakeEvent, at_exit: list[Callable[[], None]]
) -> None:
    emitter = Emitter(settings, drains_at_end=True)
    assert emitter.emit(event("parent's"))
    child = os.fork()
    if child == 0:
        at_exit[0]()
        os._exit(0)
    os.waitpid(child, 0)

    assert endpoint.requests == []
    at_exit[0]()
    assert endpoint.names() == ["parent's"]


def test_a_forked_child_that_kept_something_drains_at_its_own_end(
    settings: Settings, endpoint: endpoints.Endpoint, event: MakeEvent, at_exit: list[Callable[[], None]]
) -> None:
    emitter = Emitter(settings, drains_at_end=True)
    assert emitter.emit(event("parent's"))
    child = os.fork()
    if child == 0:
        emitter.emit(event("child's"))
        at_exit[-1]()
        os._exit(len(at_exit))

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2
    assert endpoint.names() == ["parent's", "child's"]


def test_a_forked_child_starts_a_background_of_its_own_even_if_its_parent_was_just_starting_one(
    settings: Settings, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    emitter = Emitter(settings)
    assert emitter.emit(event("kept"))
    with emitter._draining._background.starting:
        child = os.fork()
        if child == 0:
            emitter.drain_in_background()
            os._exit(0 if endpoint_has_it(emitter) else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert endpoint.names() == ["kept"]


def endpoint_has_it(emitter: Emitter) -> bool:
    emitter.stop_background(10)
    return not is_drained_by_another(emitter.directory)


def test_threads_that_start_the_background_together_start_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed: list[object] = []
    both = threading.Barrier(2)

    def follow(_self: Draining, here: Any) -> None:
        followed.append(here)
        here.is_over.wait(10)

    monkeypatch.setattr(Draining, "_follow", follow)
    emitter = Emitter(settings)

    def start() -> None:
        both.wait(10)
        emitter.drain_in_background()

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    emitter.stop_background(10)

    assert len(followed) == 1


PLAIN = """
import os
from riverhead_emitter import Emitter, settings_from
emitter = Emitter(settings_from(os.environ), drains_at_end=True)
emitter.emit({"run": {"runId": "r"}, "job": {"name": "from a script"}})
"""


@pytest.mark.fault
def test_a_script_delivers_what_it_kept_before_it_is_gone(settings: Settings, endpoint: endpoints.Endpoint) -> None:
    environment = {**os.environ, "RIVERHEAD_SPOOL_DIR": str(settings.spool_root), "OPENLINEAGE_URL": endpoint.url}

    subprocess.run([sys.executable, "-c", PLAIN], env=environment, check=True, timeout=20)

    assert endpoint.names() == ["from a script"]


@pytest.mark.fault
def test_a_script_ends_in_time_although_its_server_hangs(settings: Settings, endpoint: endpoints.Endpoint) -> None:
    endpoint.replies = lambda _number, _body: Reply(manner="never")
    environment = {**os.environ, "RIVERHEAD_SPOOL_DIR": str(settings.spool_root), "OPENLINEAGE_URL": endpoint.url}
    began = time.monotonic()

    subprocess.run([sys.executable, "-c", PLAIN], env=environment, check=True, timeout=20)

    assert time.monotonic() - began < 8
