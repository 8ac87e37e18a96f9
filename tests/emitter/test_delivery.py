from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

import endpoint as endpoints
from endpoint import Reply
from riverhead_emitter.delivery.drainer import DEAD_LETTERS, Drainer, dead_letters_in
from riverhead_emitter.delivery.file import FileSender
from riverhead_emitter.delivery.http import HttpSender
from riverhead_emitter.delivery.reach import reach
from riverhead_emitter.delivery.sender import Delivered, NotNow, Rejected
from riverhead_emitter.delivery.senders import sender_for
from riverhead_emitter.errors import Unavailable
from riverhead_emitter.observation import Observation
from riverhead_emitter.settings import FileSink, HttpSink
from riverhead_emitter.spool.locks import only_drainer
from riverhead_emitter.spool.places import make_private
from riverhead_emitter.spool.reader import segments_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from riverhead_emitter.emitter import Emitter

    MakeEvent = Callable[..., dict[str, Any]]

CANARY = "canary5ecret"


@pytest.fixture
def drainer(emitter: Emitter) -> Iterator[Drainer]:
    senders = [sender_for(sink) for sink in emitter.settings.sinks]
    made = Drainer(emitter.directory, senders, timeout_seconds=1.0)
    yield made
    made.close()


class ListSender:
    """A sink that remembers, and answers as it is told."""

    def __init__(self, address: str, *answers: Delivered | Rejected | NotNow) -> None:
        self.address = address
        self.events: list[bytes] = []
        self._answers = list(answers)

    def send(self, event: bytes, seconds: float) -> Delivered | Rejected | NotNow:
        assert seconds > 0
        answer = self._answers.pop(0) if self._answers else Delivered()
        if answer == Delivered():
            self.events.append(event)
        return answer

    def close(self) -> None:
        pass


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


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422])
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


@pytest.mark.parametrize("status", [307, 401, 403, 408, 425, 429, 500, 502, 503])
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


def test_a_drip_behind_a_kept_connection_is_bounded_too(
    emitter: Emitter, drainer: Drainer, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    endpoint.replies = lambda number, _: Reply() if number == 0 else Reply(manner="drip")
    emitter.emit(event("first"))
    emitter.emit(event("second"))
    began = time.monotonic()

    assert not drainer.drain(0.4)

    assert time.monotonic() - began < 0.8


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


def test_a_redirect_to_another_origin_is_not_followed_and_the_key_stays_here(
    endpoint: endpoints.Endpoint,
) -> None:
    with endpoints.serving() as thief:
        endpoint.replies = lambda _number, _body: Reply(307, {"Location": f"{thief.url}/api/v1/lineage"})
        sender = HttpSender(HttpSink(endpoint.url, api_key=CANARY))
        answer = sender.send(b"{}", 2.0)
        sender.close()

        assert isinstance(answer, NotNow)
        assert thief.requests == []
    assert endpoint.requests[0].headers["Authorization"] == f"Bearer {CANARY}"


@pytest.mark.parametrize("status", [400, 500])
def test_a_key_that_the_server_repeats_reaches_no_reason(endpoint: endpoints.Endpoint, status: int) -> None:
    endpoint.replies = lambda _number, _body: Reply(status, body=f"bad key {CANARY}".encode())
    sender = HttpSender(HttpSink(endpoint.url, api_key=CANARY))
    answer = sender.send(b"{}", 2.0)
    sender.close()

    assert isinstance(answer, NotNow | Rejected)
    assert answer.reason == f"HTTP {status} bad key ***"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7.0), (" 7 ", 7.0), ("999999", 300.0), ("soon", None), ("²", None), ("-1", None), ("9" * 5_000, None)],
)
def test_retry_after_is_heard_up_to_a_bound(endpoint: endpoints.Endpoint, said: str, seconds: float | None) -> None:
    endpoint.replies = lambda _number, _body: Reply(429, {"Retry-After": said})
    sender = HttpSender(HttpSink(endpoint.url))
    answer = sender.send(b"{}", 2.0)
    sender.close()

    assert isinstance(answer, NotNow)
    assert answer.after_seconds == seconds


@pytest.mark.parametrize(
    ("reply", "is_of_one"), [(Reply(500), True), (Reply(503, {"Retry-After": "1"}), False), (Reply(429), False)]
)
def test_only_a_server_that_says_nothing_of_itself_fails_at_one_record(
    endpoint: endpoints.Endpoint, reply: Reply, is_of_one: bool
) -> None:
    endpoint.replies = lambda _number, _body: reply
    sender = HttpSender(HttpSink(endpoint.url))
    answer = sender.send(b"{}", 2.0)
    sender.close()

    assert isinstance(answer, NotNow)
    assert answer.is_of_one_record == is_of_one


def test_following_waits_for_as_long_as_the_server_asks(
    emitter: Emitter, drainer: Drainer, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    endpoint.replies = lambda number, _: Reply(429, {"Retry-After": "1"}) if number == 0 else Reply()
    emitter.emit(event("asked to wait"))
    began = time.monotonic()

    assert drainer.follow(lambda: len(endpoint.requests) == 2)

    assert time.monotonic() - began >= 1.0


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


def test_a_drainer_that_is_left_behind_ends_when_nothing_has_come_for_so_long(
    emitter: Emitter, drainer: Drainer, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    emitter.emit(event("one"))
    began = time.monotonic()

    assert drainer.follow(lambda: False, idle_seconds=0.5)

    assert 0.5 <= time.monotonic() - began < 5
    assert endpoint.names() == ["one"]


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


def test_what_was_delivered_behind_a_gap_comes_again_after_a_crash_and_nothing_is_lost(
    emitter: Emitter, event: MakeEvent
) -> None:
    sender = ListSender("a", NotNow("poison", is_of_one_record=True))
    for at, name in enumerate(("poison", "1", "2")):
        emitter.emit(event(name, run_id(at)))

    assert not Drainer(emitter.directory, [sender]).drain(5)
    assert Drainer(emitter.directory, [sender]).drain(5)

    names = [json.loads(line)["job"]["name"] for line in sender.events]
    assert names == ["1", "2", "poison", "1", "2"]


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

    assert len(endpoint.requests) == 20


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
    assert reasons == ["ZeroDivisionError", "TypeError", "KeyError"]


def test_an_observation_that_no_room_knows_is_named(emitter: Emitter, drainer: Drainer) -> None:
    emitter.observe(Observation("martian.task", 1, "run", {}))

    assert drainer.drain(1)

    assert "no installed room understands observations of kind 'martian.task'" in dead_letters(emitter)[0]["reason"]


def test_all_events_of_one_observation_share_its_time(emitter: Emitter, monkeypatch: pytest.MonkeyPatch) -> None:
    class SlowSender(ListSender):
        def send(self, event: bytes, seconds: float) -> Delivered | Rejected | NotNow:
            given.append(seconds)
            threading.Event().wait(0.01)
            return super().send(event, seconds)

    given: list[float] = []
    monkeypatch.setattr("riverhead_emitter.understand.interpreter_of", lambda _kind: lambda _: [{"a": 1}] * 5)
    emitter.observe(Observation("many", 1, "run", {}))

    assert Drainer(emitter.directory, [SlowSender("slow")], 1.0).drain(5)

    assert given == sorted(given, reverse=True)
    assert given[0] - given[-1] >= 0.04


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


def test_a_server_whose_answer_is_no_http_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def babble() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(b"220 mail ready\r\n")

        threading.Thread(target=babble, daemon=True).start()
        sender = HttpSender(HttpSink(f"http://127.0.0.1:{server.getsockname()[1]}"))
        answer = sender.send(b"{}", 2.0)
        sender.close()

    assert isinstance(answer, NotNow)


def test_a_file_takes_an_event_a_line(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    sender = FileSender(FileSink(str(path)))

    assert [sender.send(event, 1) for event in (b"{}", b"[]")] == [Delivered(), Delivered()]
    sender.close()

    assert path.read_text() == "{}\n[]\n"


def test_a_line_behind_a_torn_one_stands_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_text('{"torn": ')

    FileSender(FileSink(str(path))).send(b"{}", 1)

    assert path.read_text() == '{"torn": \n{}\n'


def test_without_append_each_event_has_a_file(tmp_path: Path) -> None:
    sender = FileSender(FileSink(str(tmp_path / "event"), is_appended=False))

    assert [sender.send(b"{}", 1) for _ in range(3)] == [Delivered()] * 3

    assert [path.read_text() for path in tmp_path.glob("event-*.json")] == ["{}\n"] * 3


def test_a_file_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    sink = FileSink(str(tmp_path / "none" / "events"))

    answer = FileSender(sink).send(b"{}", 1)

    assert isinstance(answer, NotNow)
    assert "cannot write to" in answer.reason
    assert reach(sink).level == "problem"
    assert reach(FileSink(str(tmp_path / "events"))).level == "ok"


def test_a_drainer_that_may_not_lock_says_so(emitter: Emitter, drainer: Drainer) -> None:
    make_private(emitter.directory)
    (emitter.directory / "drainer.lock").mkdir()

    with pytest.raises(Unavailable, match="cannot lock"):
        drainer.drain(1)


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfour", b"HTTP/1.1 200 OK\r\nX-Endless: "],
    ids=["half a body", "half a head"],
)
def test_an_answer_that_was_cut_off_does_not_count_as_delivered(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer_once, args=(server, answer), daemon=True)
        thread.start()
        sender = HttpSender(HttpSink(f"http://127.0.0.1:{server.getsockname()[1]}"))

        said = sender.send(b"{}", 0.5)
        thread.join(5)

    assert isinstance(said, NotNow)


def answer_once(server: socket.socket, answer: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(answer)
        if b"Content-Length" not in answer:
            connection.recv(1)  # until the other side gives up
