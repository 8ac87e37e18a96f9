"""Servers that misbehave in every way: nothing is lost, and runs keep their order."""

from __future__ import annotations

import collections
import json
import os
import socket
import time
from typing import TYPE_CHECKING

import pytest

import endpoint as endpoints
from endpoint import Reply
from riverhead_emitter.delivery.drainer import dead_letters_in, drainer_for
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.settings import FileSink, Settings, settings_from
from riverhead_emitter.spool.reader import segments_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RUNS, EVENTS = 4, 24
# Each in turn for the first requests, or for every third one; afterwards the server is well.
PASSING = {
    "hangs": Reply(manner="never"),
    "drips": Reply(manner="drip"),
    "500": Reply(500),
    "429": Reply(429),
    "429 with Retry-After": Reply(429, {"Retry-After": "1"}),
    "503 with Retry-After": Reply(503, {"Retry-After": "1"}),
    "RST after receiving": Reply(manner="reset"),
    "hangs up after receiving": Reply(manner="hang up"),
    "half an answer": Reply(body=b"x" * 1_000, manner="cut off"),
    "401": Reply(401),
}


def names() -> list[str]:
    return [f"r{at % RUNS}.{at // RUNS}" for at in range(EVENTS)]


def emitted(emitter: Emitter) -> list[str]:
    assert all(emitter.emit({"run": {"runId": name.partition(".")[0]}, "job": {"name": name}}) for name in names())
    emitter.close()
    return names()


@pytest.fixture
def endpoint() -> Iterator[endpoints.Endpoint]:
    with endpoints.serving() as served:
        yield served


def emitter_to(tmp_path: Path, url: str) -> Emitter:
    values = {"RIVERHEAD_SPOOL_DIR": str(tmp_path), "OPENLINEAGE_URL": url, "RIVERHEAD_TIMEOUT_SECONDS": "0.5"}
    return Emitter(settings_from(values))


def drain_to_the_end(emitter: Emitter) -> None:
    drainer = drainer_for(emitter.directory, emitter.settings)
    deadline = time.monotonic() + 60
    while not drainer.drain(10):
        assert time.monotonic() < deadline
    drainer.close()


def check_order(delivered: list[str]) -> None:
    """First deliveries of each run come in its order."""
    by_run = collections.defaultdict(list)
    for name in dict.fromkeys(delivered):
        run, _, number = name.partition(".")
        by_run[run].append(int(number))
    assert all(numbers == sorted(numbers) for numbers in by_run.values())


@pytest.mark.fault
@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize("when", ["at first", "now and then"])
def test_a_server_that_fails_gets_everything_in_order_in_the_end(
    tmp_path: Path, endpoint: endpoints.Endpoint, fault: str, when: str
) -> None:
    taken: list[int] = []

    def answer(number: int, _body: bytes) -> Reply:
        is_bad = number < 3 if when == "at first" else number % 7 == 3 and number < 30
        if not is_bad:
            taken.append(number)
        return PASSING[fault] if is_bad else Reply()

    endpoint.replies = answer
    emitter = emitter_to(tmp_path, endpoint.url)
    sent = emitted(emitter)

    drain_to_the_end(emitter)

    received = endpoint.names()
    answered = [received[number] for number in sorted(taken)]
    assert sorted(set(answered)) == sorted(sent)
    check_order(answered)
    # What was taken with a whole answer comes again only if it was abandoned beside one that was not.
    assert len(answered) - len(set(answered)) <= len(received) - len(taken)
    assert dead_letters_in(emitter.directory) == 0
    assert segments_in(emitter.directory) == []


@pytest.mark.fault
@pytest.mark.parametrize("status", [413, 422])
def test_what_a_server_will_never_take_is_set_aside_and_the_rest_arrives(
    tmp_path: Path, endpoint: endpoints.Endpoint, status: int
) -> None:
    endpoint.replies = lambda _number, body: Reply(status if b".2" in body else 201)
    emitter = emitter_to(tmp_path, endpoint.url)
    sent = emitted(emitter)

    drain_to_the_end(emitter)

    assert sorted(endpoint.names()) == sorted(sent)
    assert dead_letters_in(emitter.directory) == sum(".2" in name for name in sent)


@pytest.mark.fault
def test_a_redirect_to_another_origin_keeps_everything_here(tmp_path: Path, endpoint: endpoints.Endpoint) -> None:
    with endpoints.serving() as thief:
        endpoint.replies = lambda _number, _body: Reply(307, {"Location": f"{thief.url}/api/v1/lineage"})
        emitter = emitter_to(tmp_path, endpoint.url)
        sent = emitted(emitter)
        drainer = drainer_for(emitter.directory, emitter.settings)
        assert not drainer.drain(5)
        drainer.close()
        assert thief.requests == []

        endpoint.replies = lambda _number, _body: Reply()
        first = len(endpoint.requests)
        drain_to_the_end(emitter)

        assert sorted(endpoint.names()[first:]) == sorted(sent)


@pytest.mark.fault
def test_a_server_that_comes_late_gets_everything(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    emitter = emitter_to(tmp_path, f"http://127.0.0.1:{port}")
    sent = emitted(emitter)
    drainer = drainer_for(emitter.directory, emitter.settings)
    assert not drainer.drain(1)
    drainer.close()

    with endpoints.serving(port=port) as endpoint:
        drain_to_the_end(emitter)
        assert sorted(endpoint.names()) == sorted(sent)


@pytest.mark.fault
def test_two_configurations_on_one_root_get_their_own(tmp_path: Path, endpoint: endpoints.Endpoint) -> None:
    with endpoints.serving() as other:
        first, second = emitter_to(tmp_path, endpoint.url), emitter_to(tmp_path, other.url)
        for at in range(10):
            for name, emitter in (("first", first), ("second", second)):
                assert emitter.emit({"run": {"runId": "r"}, "job": {"name": f"{name} {at}"}})
        drain_to_the_end(first)
        assert other.requests == []
        drain_to_the_end(second)
        first.close()
        second.close()

        assert endpoint.names() == [f"first {at}" for at in range(10)]
        assert other.names() == [f"second {at}" for at in range(10)]


@pytest.mark.fault
def test_a_fork_per_event_loses_none(tmp_path: Path) -> None:
    target = tmp_path / "events.ndjson"
    emitter = Emitter(Settings(tmp_path / "spool", sinks=(FileSink(str(target)),)))
    for at in range(60):
        child = os.fork()
        if child == 0:
            is_kept = emitter.emit({"run": {"runId": f"r{at}"}, "job": {"name": f"child {at}"}})
            os._exit(0 if is_kept else 1)
        assert emitter.emit({"run": {"runId": "parent"}, "job": {"name": f"parent {at}"}})
        assert os.waitpid(child, 0)[1] == 0
    emitter.close()

    drain_to_the_end(emitter)

    delivered = [json.loads(line)["job"]["name"] for line in target.read_text().splitlines()]
    assert sorted(delivered) == sorted(f"{who} {at}" for at in range(60) for who in ("child", "parent"))
    assert [name for name in delivered if name.startswith("parent")] == [f"parent {at}" for at in range(60)]


@pytest.mark.fault
def test_a_clock_that_is_set_back_loses_nothing_and_turns_no_process_round(
    tmp_path: Path, endpoint: endpoints.Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    emitter = emitter_to(tmp_path, endpoint.url)
    real = time.time_ns
    for at, offset in enumerate([0, 3_600, 1_800, -3_600, 0, -7_200]):
        monkeypatch.setattr(time, "time_ns", lambda offset=offset: real() + offset * 10**9)
        assert emitter.emit({"run": {"runId": "r"}, "job": {"name": f"{at}"}})
        if at % 2:
            emitter.close()
    monkeypatch.undo()

    drain_to_the_end(emitter)

    assert endpoint.names() == [f"{at}" for at in range(6)]
