"""The drainer: order, acknowledgements, refusals, turns; what is sent comes from real spools."""

from __future__ import annotations

import contextlib
import json
import random
import socket
import threading
import time
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

import endpoint as endpoints
from endpoint import Reply
from list_sender import ListSender
from riverhead_emitter.delivery.ahead import AHEAD
from riverhead_emitter.delivery.breaker import down
from riverhead_emitter.delivery.drainer import DEAD_LETTERS, Drainer, dead_letters_in
from riverhead_emitter.delivery.http import HttpSender
from riverhead_emitter.delivery.quarantine import apart_in
from riverhead_emitter.delivery.reach import reach
from riverhead_emitter.delivery.sender import Answer, Delivered, NotNow, Parcel, Rejected
from riverhead_emitter.delivery.senders import sender_for
from riverhead_emitter.errors import ConfigurationError, Unavailable
from riverhead_emitter.observation import Observation
from riverhead_emitter.settings import HttpSink
from riverhead_emitter.spool.locks import only_drainer
from riverhead_emitter.spool.places import make_private
from riverhead_emitter.spool.reader import segments_in, waiting_in
from riverhead_emitter.spool.segment import sink_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from riverhead_emitter.emitter import Emitter

    MakeEvent = Callable[..., dict[str, Any]]


@pytest.fixture
def drainer(emitter: Emitter) -> Iterator[Drainer]:
    senders = [sender_for(sink) for sink in emitter.settings.sinks]
    made = Drainer(emitter.directory, senders, timeout_seconds=1.0)
    yield made
    made.close()


def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def run_id(at: int) -> str:
    return str(UUID(int=at))


def dead_letters(emitter: Emitter) -> list[dict[str, Any]]:
    text = (emitter.directory / DEAD_LETTERS).read_text()
    return [json.loads(line) for line in text.splitlines()]


def test_events_arrive_in_order_on_one_connection(
    emitter: Emitter, drainer: Drainer, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    names = [f"job {at}" for at in range(20)]
    assert all(emitter.emit(event(name)) for name in names)

    assert drainer.drain(5)

    assert endpoint.names() == names
    assert {request.path for request in endpoint.requests} == {"/api/v1/lineage"}
    assert drainer.tally.events == 20
    assert drainer.drain(5)
    assert len(endpoint.requests) == 20


@pytest.mark.parametrize("status", [400, 409, 413, 422])
def test_what_a_sink_will_never_take_becomes_a_dead_letter_with_the_answer(
    emitter: Emitter, drainer: Drainer, endpoint: endpoints.Endpoint, event: MakeEvent, status: int
) -> None:
    endpoint.replies = lambda number, _: Reply(status, body=b"too odd") if number == 0 else Reply()
    emitter.emit(event("odd"))
    emitter.emit(event("even"))

    assert drainer.drain(5)

    assert endpoint.names() == ["odd", "even"]
    (letter,) = dead_letters(emitter)
    assert letter["reason"] == f"HTTP {status} too odd"
    assert '"name":"odd"' in letter["line"]
    assert dead_letters_in(emitter.directory) == 1
    assert (drainer.tally.events, drainer.tally.dead) == (1, 1)


@pytest.mark.parametrize("status", [307, 401, 403, 404, 405, 408, 410, 425, 429, 500, 502, 503])
def test_what_a_sink_does_not_take_now_stays(
    emitter: Emitter, drainer: Drainer, endpoint: endpoints.Endpoint, event: MakeEvent, status: int
) -> None:
    endpoint.replies = lambda number, _: Reply(status) if number == 0 else Reply()
    emitter.emit(event("patient"))

    assert not drainer.drain(5)
    assert drainer.drain(5)

    assert endpoint.names() == ["patient", "patient"]
    assert dead_letters_in(emitter.directory) == 0


@pytest.mark.parametrize("manner", ["never", "hang up", "drip"])
def test_a_server_that_hangs_costs_no_more_than_the_time_given(
    emitter: Emitter, drainer: Drainer, endpoint: endpoints.Endpoint, event: MakeEvent, manner: str
) -> None:
    endpoint.replies = lambda number, _: Reply(manner=manner) if number < 2 else Reply()
    emitter.emit(event("late"))
    began = time.monotonic()

    assert not drainer.drain(0.3)

    assert time.monotonic() - began < 0.9
    endpoint.replies = lambda _number, _body: Reply()
    assert drainer.drain(5)


@pytest.mark.fault
def test_a_drip_behind_a_kept_connection_is_bounded_too(
    emitter: Emitter, drainer: Drainer, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    endpoint.replies = lambda number, _: Reply() if number == 0 else Reply(manner="drip")
    emitter.emit(event("first"))
    emitter.emit(event("second"))
    began = time.monotonic()

    assert not drainer.drain(0.4)

    assert time.monotonic() - began < 2


def test_a_kept_connection_that_the_server_closed_is_opened_anew(
    emitter: Emitter, drainer: Drainer, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    endpoint.replies = lambda _number, _body: Reply(manner="then hang up")
    for at in range(5):
        emitter.emit(event(f"job {at}"))

    assert drainer.drain(5)

    assert [request.body for request in endpoint.requests][-1]
    assert sorted(set(endpoint.names())) == [f"job {at}" for at in range(5)]


def test_nobody_at_the_port_means_that_records_stay(emitter: Emitter, event: MakeEvent) -> None:
    sink = HttpSink(f"http://127.0.0.1:{unused_port()}")
    drainer = Drainer(emitter.directory, [HttpSender(sink)], 1.0)
    emitter.emit(event("alone"))

    assert not drainer.drain(1)

    assert "refused" in drainer.tally.last_refusal
    assert reach(sink).level == "problem"
    assert len(segments_in(emitter.directory)) == 1


@pytest.mark.fault
def test_following_waits_for_as_long_as_the_server_asks(
    emitter: Emitter, drainer: Drainer, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    endpoint.replies = lambda number, _: Reply(429, {"Retry-After": "1"}) if number == 0 else Reply()
    emitter.emit(event("asked to wait"))
    began = time.monotonic()

    assert drainer.follow(lambda: len(endpoint.requests) == 2)

    assert time.monotonic() - began >= 1.0


class _Woken(threading.Event):
    """Notes how long somebody would wait, and wakes them at once."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        return True


def test_two_followers_of_a_sink_that_is_away_come_back_at_different_times(
    emitter: Emitter, event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    emitter.emit(event("waits"))
    waits = []
    for seed in (1, 2):
        monkeypatch.setattr(random, "SystemRandom", lambda seed=seed: random.Random(seed))  # noqa: S311 - a seed, no secret
        woken = _Woken()
        drainer = Drainer(emitter.directory, [ListSender("away", decide=lambda _: NotNow("away"))])
        assert not drainer.drain(1)
        drainer.follow(lambda woken=woken: bool(woken.waits), woken)  # type: ignore[misc]  # its default is its type
        drainer.close()
        waits.append(woken.waits[0])

    assert all(0.05 < wait <= 0.2 for wait in waits)
    assert abs(waits[0] - waits[1]) > 0.005


def test_following_ends_when_it_is_over_and_sends_what_came_last(
    emitter: Emitter, drainer: Drainer, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    make_private(emitter.directory)
    stop = threading.Event()
    follower = threading.Thread(target=drainer.follow, args=(stop.is_set, stop))
    follower.start()
    emitter.emit(event("first"))
    assert endpoint.wait_for(1)
    emitter.emit(event("last"))
    stop.set()
    follower.join(5)

    assert not follower.is_alive()
    assert endpoint.names() == ["first", "last"]


def test_only_one_drainer_is_at_work(emitter: Emitter, drainer: Drainer, event: MakeEvent) -> None:
    emitter.emit(event("mine"))
    with only_drainer(emitter.directory):
        assert not drainer.drain(1)
        assert not drainer.follow(lambda: True)
        assert not drainer.follow(lambda: False, idle_seconds=60)

    assert drainer.drain(1)


@pytest.mark.fault
def test_a_follower_waits_for_its_turn(
    emitter: Emitter, drainer: Drainer, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    emitter.emit(event("handed over"))
    is_asked = threading.Event()

    def is_over() -> bool:
        is_asked.set()
        return bool(endpoint.requests)

    with only_drainer(emitter.directory):
        follower = threading.Thread(target=drainer.follow, args=(is_over,), daemon=True)
        follower.start()
        assert is_asked.wait(5)
        assert endpoint.requests == []

    follower.join(10)
    assert endpoint.names() == ["handed over"]


@pytest.mark.fault
def test_a_drainer_that_is_left_behind_ends_when_nothing_has_come_for_so_long(
    emitter: Emitter, drainer: Drainer, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    emitter.emit(event("one"))
    began = time.monotonic()

    assert drainer.follow(lambda: False, idle_seconds=0.5)

    assert 0.5 <= time.monotonic() - began < 5
    assert endpoint.names() == ["one"]


@pytest.mark.fault
def test_a_drainer_that_is_left_behind_does_not_stay_for_a_run_that_is_set_apart(
    emitter: Emitter, drainer: Drainer, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    endpoint.replies = lambda _number, body: Reply(500 if b"poison" in body else 201)
    emitter.emit(event("poison", run_id(1)))
    emitter.emit(event("fine", run_id(2)))
    is_over = threading.Event()
    follower = threading.Thread(target=drainer.follow, args=(is_over.is_set,), kwargs={"idle_seconds": 0.5})
    follower.start()
    follower.join(10)

    is_alive = follower.is_alive()
    is_over.set()
    follower.join(10)
    assert not is_alive
    assert segments_in(emitter.directory) == [] or not drainer.drain(1)


@pytest.mark.fault
def test_a_drainer_that_is_left_behind_stays_for_a_run_that_waits_in_the_spool(
    emitter: Emitter, drainer: Drainer, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    endpoint.replies = lambda _number, _body: Reply(500)
    emitter.emit(event("alone", run_id(1)))
    is_over = threading.Event()
    follower = threading.Thread(target=drainer.follow, args=(is_over.is_set,), kwargs={"idle_seconds": 0.3})
    follower.start()
    assert endpoint.wait_for(3)

    is_alive = follower.is_alive()
    is_over.set()
    follower.join(10)
    assert is_alive


@pytest.mark.fault
def test_a_follower_whose_sinks_hang_ends_within_one_time_out(
    emitter: Emitter, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    endpoint.replies = lambda _number, _body: Reply(manner="never")
    senders = [HttpSender(HttpSink(f"{endpoint.url}{path}")) for path in ("/a/", "/b/")]
    drainer = Drainer(emitter.directory, senders, timeout_seconds=2.0)
    assert len(drainer._couriers) == 2
    for at in range(3):
        emitter.emit(event(f"{at}", run_id(at)))
    is_over = threading.Event()
    follower = threading.Thread(target=drainer.follow, args=(is_over.is_set, is_over))
    follower.start()
    # The second time, a sink that hangs is taken to fail at each run by itself.
    assert endpoint.wait_for(4)
    began = time.monotonic()
    is_over.set()
    follower.join(20)

    assert time.monotonic() - began < 3.5


def test_what_comes_last_is_sent_although_another_sink_hangs(emitter: Emitter, event: MakeEvent) -> None:
    is_free, is_over = threading.Event(), threading.Event()
    fast, hanging = ListSender("fast"), ListSender("hanging", hangs_until=is_free)
    emitter.emit(event("first"))
    drainer = Drainer(emitter.directory, [hanging, fast], timeout_seconds=5.0)
    follower = threading.Thread(target=drainer.follow, args=(is_over.is_set, is_over))
    follower.start()
    assert fast.wait_for(1)
    emitter.emit(event("last"))
    is_over.set()

    assert fast.wait_for(2)
    assert hanging.events == []
    is_free.set()
    follower.join(10)
    assert hanging.names() == ["first", "last"]


def test_what_came_behind_the_last_pass_is_sent_by_whoever_held_the_lock(
    emitter: Emitter, drainer: Drainer, endpoint: endpoints.Endpoint, event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_private(emitter.directory)
    names = ["behind the last pass"]

    @contextlib.contextmanager
    def with_a_late_record(directory: Path) -> Iterator[bool]:
        with only_drainer(directory) as is_ours:
            yield is_ours
            for _ in range(len(names)):
                emitter.emit(event(names.pop()))

    monkeypatch.setattr("riverhead_emitter.delivery.drainer.only_drainer", with_a_late_record)

    assert drainer.follow(lambda: True)

    assert endpoint.names() == ["behind the last pass"]


def test_a_record_that_always_fails_holds_up_its_own_run_and_no_other(
    emitter: Emitter, drainer: Drainer, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    endpoint.replies = lambda _number, body: Reply(500 if b"poison" in body else 201)
    for name, run in (("fine", 1), ("poison", 2), ("behind it", 2), ("other", 3), ("other", 1)):
        emitter.emit(event(name, run_id(run)))
    emitter.close()

    assert not drainer.drain(5)
    assert endpoint.names() == ["fine", "poison", "other", "other"]
    assert not drainer.drain(5)
    assert endpoint.names()[4:] == ["poison"]

    endpoint.replies = lambda _number, _body: Reply()
    assert drainer.drain(5)
    assert endpoint.names()[5:] == ["poison", "behind it"]
    assert segments_in(emitter.directory) == []
    assert dead_letters_in(emitter.directory) == 0


def test_what_was_delivered_behind_a_refused_record_does_not_come_again_after_a_crash(
    emitter: Emitter, event: MakeEvent
) -> None:
    sender = ListSender("a", NotNow("poison", is_of_one_record=True))
    for at, name in enumerate(("poison", "1", "2")):
        emitter.emit(event(name, run_id(at)))

    assert not Drainer(emitter.directory, [sender]).drain(5)
    assert Drainer(emitter.directory, [sender]).drain(5)

    assert sender.names() == ["1", "2", "poison"]


def test_of_a_record_with_several_events_only_what_was_refused_is_sent_again(
    emitter: Emitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = ListSender("a", *[None] * 2, NotNow("later"))
    events = [{"job": {"name": f"{at}"}} for at in range(5)]
    monkeypatch.setattr("riverhead_emitter.understand.interpreter_of", lambda _kind: lambda _: events)
    emitter.observe(Observation("many", 1, "run", {}))
    drainer = Drainer(emitter.directory, [sender])

    assert not drainer.drain(5)
    assert sender.names() == ["0", "1"]
    assert drainer.drain(5)

    assert sender.names() == ["0", "1", "2", "3", "4"]


def test_of_a_record_that_is_set_apart_only_the_rest_is_sent_again(
    emitter: Emitter, event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = ListSender("a", None, NotNow("poison", is_of_one_record=True))
    events = [{"job": {"name": f"{at}"}} for at in range(3)]
    monkeypatch.setattr("riverhead_emitter.understand.interpreter_of", lambda _kind: lambda _: events)
    emitter.observe(Observation("many", 1, run_id(1), {}))
    emitter.emit(event("other", run_id(2)))

    assert not Drainer(emitter.directory, [sender]).drain(5)
    assert Drainer(emitter.directory, [sender]).drain(5)

    assert sender.names() == ["0", "other", "1", "2"]


def test_of_a_record_that_is_tried_again_only_the_rest_is_sent_again(
    emitter: Emitter, event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = NotNow("poison", is_of_one_record=True)
    sender = ListSender("a", refused, None, None, refused, refused)
    events = [{"job": {"name": f"{at}"}} for at in range(3)]
    monkeypatch.setattr("riverhead_emitter.understand.interpreter_of", lambda _kind: lambda _: events)
    emitter.observe(Observation("many", 1, run_id(1), {}))
    emitter.emit(event("other", run_id(2)))
    drainer = Drainer(emitter.directory, [sender])

    assert [drainer.drain(5) for _ in range(4)] == [False, False, False, True]

    assert sender.names() == ["other", "0", "1", "2"]


def test_what_a_sink_took_beside_another_run_that_it_refused_again_does_not_come_again(
    emitter: Emitter, event: MakeEvent
) -> None:
    refused = NotNow("poison", is_of_one_record=True)
    sender = ListSender("a", refused, refused, None, NotNow("busy"), look_ahead=2)
    for at, name in enumerate(("1", "2", "other")):
        emitter.emit(event(name, run_id(at)))
    drainer = Drainer(emitter.directory, [sender])

    assert [drainer.drain(5) for _ in range(3)] == [False, False, True]

    assert sorted(sender.names()) == ["1", "2", "other"]


def test_a_record_that_means_nothing_takes_no_refused_one_along(
    emitter: Emitter, event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = ListSender("a", NotNow("poison", is_of_one_record=True))
    monkeypatch.setattr("riverhead_emitter.understand.interpreter_of", lambda _kind: lambda _: [])
    emitter.emit(event("poison", run_id(1)))
    emitter.observe(Observation("none", 1, run_id(2), {}))

    assert not Drainer(emitter.directory, [sender]).drain(5)
    assert Drainer(emitter.directory, [sender]).drain(5)

    assert sender.names() == ["poison"]


def test_a_rejected_event_does_not_take_the_others_of_its_record_along(
    emitter: Emitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = ListSender("a", None, Rejected("odd"))
    events = [{"job": {"name": f"{at}"}} for at in range(3)]
    monkeypatch.setattr("riverhead_emitter.understand.interpreter_of", lambda _kind: lambda _: events)
    emitter.observe(Observation("many", 1, "run", {}))

    assert Drainer(emitter.directory, [sender]).drain(5)

    assert sender.names() == ["0", "2"]
    (letter,) = dead_letters(emitter)
    assert '{"event":{"job":{"name":"1"}}}' in letter["line"]


@pytest.mark.fault
def test_a_follower_tries_a_poisoned_run_less_and_less_often_and_keeps_sending_others(
    emitter: Emitter, drainer: Drainer, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    endpoint.replies = lambda _number, body: Reply(500 if b"poison" in body else 201)
    emitter.emit(event("poison", run_id(1)))
    emitter.emit(event("first", run_id(2)))
    is_over = threading.Event()
    follower = threading.Thread(target=drainer.follow, args=(is_over.is_set, is_over))
    follower.start()
    assert endpoint.wait_for(4)
    emitter.emit(event("second", run_id(2)))
    deadline = time.monotonic() + 10
    while "second" not in endpoint.names() and time.monotonic() < deadline:
        endpoint.wait_for(len(endpoint.requests) + 1, 1.0)
    is_over.set()
    follower.join(10)

    names = endpoint.names()
    assert names.count("first") == names.count("second") == 1
    assert 2 <= names.count("poison") <= 8


def test_a_sink_that_refuses_run_after_run_is_left_in_peace(
    emitter: Emitter, drainer: Drainer, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    endpoint.replies = lambda _number, _body: Reply(503)
    for at in range(60):
        emitter.emit(event(f"job {at}", run_id(at)))

    assert not drainer.drain(5)

    # What was already under way on other connections comes on top.
    assert 20 <= len(endpoint.requests) <= 30


@pytest.mark.parametrize("look_ahead", [1, 4])
def test_what_a_sink_took_beside_what_it_refused_does_not_come_again(
    emitter: Emitter, event: MakeEvent, look_ahead: int
) -> None:
    asked: list[bytes] = []

    def every_seventh(parcel: Parcel) -> Answer:
        asked.append(parcel.event)
        return NotNow("HTTP 429") if len(asked) % 7 == 0 else Delivered()

    sender = ListSender("a", decide=every_seventh, look_ahead=look_ahead)
    for at in range(60):
        emitter.emit(event(f"{at}", run_id(at % 12)))
    drainer = Drainer(emitter.directory, [sender])
    while not drainer.drain(5):
        pass

    assert sorted(sender.names(), key=int) == [f"{at}" for at in range(60)]
    assert [[name for name in sender.names() if int(name) % 12 == run] for run in range(12)] == [
        [f"{at}" for at in range(run, 60, 12)] for run in range(12)
    ]
    assert drainer.tally.events == 60


def test_what_a_sink_took_beside_what_it_refused_does_not_come_again_from_the_next_process(
    emitter: Emitter, event: MakeEvent
) -> None:
    busy, poison = NotNow("busy"), NotNow("poison", is_of_one_record=True)
    sender = ListSender("a", busy, None, poison, None, busy, None, look_ahead=2)
    for at in range(4):
        emitter.emit(event(f"{at}", run_id(at)))
    emitter.close()
    drains = 0
    while not Drainer(emitter.directory, [sender]).drain(5):
        drains += 1
        assert drains < 10

    assert sorted(sender.names()) == ["0", "1", "2", "3"]
    assert [path.name for path in emitter.directory.iterdir() if "ahead" in path.name] == []


def test_what_a_sink_will_never_take_is_buried_although_it_refused_another_run(
    emitter: Emitter, event: MakeEvent
) -> None:
    sender = ListSender("a", NotNow("busy"), Rejected("odd"), look_ahead=3)
    for name, run in (("0", 1), ("odd", 2), ("behind it", 2)):
        emitter.emit(event(name, run_id(run)))

    assert not Drainer(emitter.directory, [sender]).drain(5)
    assert Drainer(emitter.directory, [sender]).drain(5)

    assert sender.names() == ["behind it", "0"]
    assert [letter["reason"] for letter in dead_letters(emitter)] == ["odd"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": "x"}', '{"../x:1": 1, "gone.seg:5": 1}'])
def test_damaged_notes_of_what_a_sink_has_had_stop_nothing(emitter: Emitter, event: MakeEvent, text: str) -> None:
    sender = ListSender("a")
    emitter.emit(event("1"))
    (emitter.directory / AHEAD.format(sink_key("a").decode())).write_text(text)

    assert Drainer(emitter.directory, [sender]).drain(5)

    assert sender.names() == ["1"]


@pytest.mark.fault
def test_a_server_that_is_busy_now_and_then_gets_nothing_twice(
    emitter: Emitter, drainer: Drainer, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    taken: list[str] = []

    def busy(number: int, body: bytes) -> Reply:
        if number % 50 == 49:
            return Reply(429, {"Retry-After": "0"})
        taken.append(json.loads(body)["job"]["name"])
        return Reply()

    endpoint.replies = busy
    for at in range(1_000):
        emitter.emit(event(f"{at}", run_id(at % 300)))
    while not drainer.drain(10):
        pass

    assert sorted(taken, key=int) == [f"{at}" for at in range(1_000)]
    assert drainer.tally.events == 1_000


def test_somebody_who_only_asks_keeps_no_drainer_away(
    emitter: Emitter, drainer: Drainer, event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    emitter.emit(event("mine"))
    asking = only_drainer(emitter.directory)
    asking.__enter__()
    monkeypatch.setattr(time, "sleep", lambda _seconds: asking.__exit__(None, None, None))

    assert drainer.drain(1)


def test_what_nobody_understands_becomes_a_dead_letter_and_the_next_goes_through(
    emitter: Emitter,
    drainer: Drainer,
    endpoint: endpoints.Endpoint,
    event: MakeEvent,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    interpreters: dict[str, Callable[[Observation], list[Any]]] = {
        "failing": lambda _: [1 / 0],
        "odd": lambda _: [object()],
        "none": lambda _: [],
    }
    monkeypatch.setattr("riverhead_emitter.understand.interpreter_of", interpreters.__getitem__)
    for kind in ("failing", "odd", "none", "unknown"):
        emitter.observe(Observation(kind, 1, "run", {"a": 1}))
    emitter.emit(event("fine"))

    assert drainer.drain(5)

    assert endpoint.names() == ["fine"]
    reasons = [letter["reason"].partition(":")[0] for letter in dead_letters(emitter)]
    assert reasons == ["ZeroDivisionError", "UnreadableRecord", "KeyError"]


def test_an_observation_that_no_room_knows_is_named(emitter: Emitter, drainer: Drainer) -> None:
    emitter.observe(Observation("martian.task", 1, "run", {}))

    assert not drainer.drain(1)

    (apart,) = apart_in(emitter.directory)
    assert "no installed room understands observations of kind 'martian.task'" in apart.reason
    assert apart.reason == drainer.tally.last_refusal


def test_a_wrong_address_costs_no_event(
    emitter: Emitter, drainer: Drainer, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    endpoint.replies = lambda _number, _body: Reply(404)
    for at in range(50):
        emitter.emit(event(f"{at}"))

    assert not drainer.drain(1)
    assert (
        drainer.tally.dead,
        waiting_in(emitter.directory, [sink.address for sink in emitter.settings.sinks]).records,
    ) == (0, 50)
    noted = down(emitter.directory)
    assert noted is not None
    assert "correct the URL" in noted.reason

    endpoint.replies = lambda _number, _body: Reply()
    assert drainer.drain(5)
    assert endpoint.names()[-50:] == [f"{at}" for at in range(50)]


def test_two_sinks_acknowledge_for_themselves(emitter: Emitter, event: MakeEvent) -> None:
    slow, fast = ListSender("slow", NotNow("later"), Rejected("never")), ListSender("fast")
    drainer = Drainer(emitter.directory, [slow, fast])
    for name in ("1", "2", "3"):
        emitter.emit(event(name))
    emitter.close()

    assert not drainer.drain(5)
    assert (len(slow.events), len(fast.events)) == (0, 3)
    assert len(segments_in(emitter.directory)) == 1
    assert drainer.drain(5)

    assert (len(slow.events), len(fast.events)) == (2, 3)
    assert [letter["sink"] for letter in dead_letters(emitter)] == ["slow"]
    assert segments_in(emitter.directory) == []


def test_without_room_for_a_dead_letter_the_record_stays(emitter: Emitter, event: MakeEvent) -> None:
    sender = ListSender("a", Rejected("no"), Rejected("no"))
    drainer = Drainer(emitter.directory, [sender])
    emitter.emit(event("1"))
    (emitter.directory / DEAD_LETTERS).mkdir()

    assert not drainer.drain(1)

    assert "cannot keep a dead letter" in drainer.tally.last_refusal
    (emitter.directory / DEAD_LETTERS).rmdir()
    assert drainer.drain(1)
    assert dead_letters_in(emitter.directory) == 1


def test_a_drainer_that_may_not_lock_says_so(emitter: Emitter, drainer: Drainer) -> None:
    make_private(emitter.directory)
    (emitter.directory / "drainer.lock").mkdir()

    with pytest.raises(Unavailable, match="cannot lock"):
        drainer.drain(1)


def test_a_sink_that_hangs_does_not_starve_the_others(emitter: Emitter, event: MakeEvent) -> None:
    is_over = threading.Event()
    fast = ListSender("fast")
    hanging = ListSender("hanging", hangs_until=is_over)
    for name in ("1", "2", "3"):
        emitter.emit(event(name))
    drainer = Drainer(emitter.directory, [hanging, fast])
    drain = threading.Thread(target=drainer.drain, args=(10,))
    drain.start()

    assert fast.wait_for(3)
    assert hanging.events == []
    is_over.set()
    drain.join(10)

    assert hanging.names() == ["1", "2", "3"]


def test_eight_sinks_keep_their_acknowledgements_apart_and_a_ninth_is_refused(
    emitter: Emitter, event: MakeEvent
) -> None:
    senders = [ListSender(f"sink {at}") for at in range(9)]
    for name in ("1", "2"):
        emitter.emit(event(name))
    emitter.close()

    with pytest.raises(ConfigurationError, match="9 sinks are configured and 8 can be"):
        Drainer(emitter.directory, senders)
    assert Drainer(emitter.directory, senders[:8]).drain(10)

    assert [sender.names() for sender in senders] == [["1", "2"]] * 8 + [[]]
    assert segments_in(emitter.directory) == []


def test_two_sinks_at_one_address_are_one(emitter: Emitter, event: MakeEvent) -> None:
    first, second = ListSender("same"), ListSender("same")
    emitter.emit(event("1"))

    assert Drainer(emitter.directory, [first, second]).drain(5)

    assert len(first.events) + len(second.events) == 1


def test_a_torn_tail_was_never_accepted_and_is_no_dead_letter(emitter: Emitter, event: MakeEvent) -> None:
    sender = ListSender("a")
    drainer = Drainer(emitter.directory, [sender])
    emitter.emit(event("1"))
    (path,) = segments_in(emitter.directory)
    emitter.close()
    with path.open("ab") as file:
        file.write(b"0badc0de 00")

    assert drainer.drain(5)

    assert sender.names() == ["1"]
    assert drainer.tally.torn == 1
    assert dead_letters_in(emitter.directory) == 0
    assert segments_in(emitter.directory) == []


def test_a_damaged_line_is_set_aside_and_the_rest_is_delivered(emitter: Emitter, event: MakeEvent) -> None:
    sender = ListSender("a")
    for name in ("1", "two", "3"):
        emitter.emit(event(name))
    emitter.close()
    (path,) = segments_in(emitter.directory)
    path.write_bytes(path.read_bytes().replace(b'"two"', b'"tw0"'))

    assert Drainer(emitter.directory, [sender]).drain(5)

    assert sender.names() == ["1", "3"]
    assert dead_letters(emitter)[0]["reason"].endswith("the spool line is damaged")


def test_records_that_are_stamped_with_a_time_to_come_are_sent_all_the_same(
    emitter: Emitter, event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender, now = ListSender("a"), time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 3_600_000_000_000)
    for name in ("1", "2"):
        emitter.emit(event(name))
    monkeypatch.undo()

    assert Drainer(emitter.directory, [sender]).drain(5)

    assert sender.names() == ["1", "2"]
